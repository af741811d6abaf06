// A partition that found its features itself, restored under another configuration.

#include <gtest/gtest.h>

#include "pipeline/scoring/rich_stream_fixture.h"

namespace tocsin {
namespace {

using Sentences = std::vector<std::string>;

TEST(DiscoveredFeatures, AreKeptWhileTheInputIsReadAlike) {
  StreamSettings before = stream_of({}, {detector_of(kEcho)});
  before.features_max = 3;
  ScoringFixture old(plan_of(before, Detail::full));
  old.batch_rows = 10;
  for (int i = 0; i < 5; ++i) old.add({.values = {1. * i, 2}, .group = {}});
  old.batch.discovered = {{.row = 0, .column = 0, .path = "/cpu"},
                          {.row = 0, .column = 1, .path = "/load"}};
  old.flush();
  const KeptCuts cut = KeptCuts::of(old.saved());
  StreamSettings more = before;
  more.detectors.push_back(detector_of(kLeftover));
  StreamSettings grouped = before;
  grouped.detectors.push_back(detector_of(kLeftover, Scope::group));
  ScoringFixture kept(plan_of(more, Detail::full));
  ScoringFixture anew(plan_of(grouped, Detail::full));

  const auto keeping = cut.restore(kept.partition);
  const auto renewing = cut.restore(anew.partition);
  kept.handle({.values = {7, 8, 9}, .group = {}});
  anew.handle({.values = {7, 8, 9}, .group = {}});

  ASSERT_TRUE(keeping);
  ASSERT_TRUE(renewing);
  EXPECT_EQ(keeping->sentences.front(), "echo keeps 1 entity");
  ASSERT_EQ(kept.log.features[0].size(), 2U);
  EXPECT_EQ(kept.log.features[0][1].name, "load");
  EXPECT_EQ(kept.plan->input_definition_hash(), old.plan->input_definition_hash());
  EXPECT_EQ(renewing->sentences,
            (Sentences{"echo starts anew: the detectors' `group_by` changed",
                       "leftover starts anew: it was not there before",
                       "learning policy starts anew: the detectors' `group_by` changed",
                       "discovered features starts anew: the detectors' `group_by` changed"}));
  EXPECT_TRUE(anew.log.features[0].empty());
  EXPECT_NE(anew.plan->input_definition_hash(), old.plan->input_definition_hash());
}

}  // namespace
}  // namespace tocsin
