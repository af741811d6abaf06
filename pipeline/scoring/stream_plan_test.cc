#include "pipeline/scoring/stream_plan.h"

#include <gtest/gtest.h>

#include <numeric>

#include "pipeline/scoring/scoring_fixture.h"
#include "pipeline/state/slot_table.h"

namespace tocsin {
namespace {

std::size_t sum_of(std::span<const LedgerRow> ledger) {
  return std::accumulate(ledger.begin(), ledger.end(), std::size_t{0},
                         [](std::size_t sum, const LedgerRow& row) { return sum + row.bytes; });
}

std::vector<std::string> types_of(const StreamPlan& plan) {
  std::vector<std::string> types;
  for (const DetectorPlan& detector : plan.inside().detectors) {
    types.emplace_back(detector.kind->name);
  }
  return types;
}

TEST(StreamPlan, WatchesASeriesWithTheDefaultSetUnlessToldOtherwise) {
  const auto plan = plan_of(stream_of({"v"}, {}));

  EXPECT_EQ(types_of(*plan), (std::vector<std::string>{"forecast", "range", "new_value",
                                                       "transition", "level_shift"}));
}

TEST(StreamPlan, WatchesDistancesWithSpikeWhereNothingIsForecast) {
  StreamSettings settings = stream_of({"v"}, {});
  settings.forecast.use = ForecastSettings::Use::off;

  EXPECT_EQ(types_of(*plan_of(settings)).front(), "spike");
}

TEST(StreamPlan, AddsHalfSpaceTreesWhereFeaturesAreTogether) {
  const auto plan = plan_of(stream_of({"v", "w"}, {}));

  EXPECT_EQ(types_of(*plan),
            (std::vector<std::string>{"forecast", "range", "new_value", "transition", "level_shift",
                                      "half_space_trees"}));
  EXPECT_EQ(plan->inside().detectors.back().scope, Scope::stream);
}

TEST(StreamPlan, LaysBlocksEndToEndWithoutOverlap) {
  StreamSettings settings =
      stream_of({"v", "w"}, {detector_of(*find_detector("spike")), detector_of(kEcho),
                             detector_of(kRefitted, Scope::stream)});
  settings.features[0].transforms = {Transform::rate};
  const auto plan = plan_of(settings);
  const StreamPlan::Inside& inside = plan->inside();

  const std::size_t calibrators = 3 * sizeof(DetectorMemory) + sizeof(EntityCalibrator::Block);
  EXPECT_EQ(inside.learning_offset, sizeof(EntityBlock));
  const std::size_t policy = sizeof(EntityBlock) + sizeof(LearningPolicy::Block);
  EXPECT_EQ(inside.detectors[0].memory_offset, policy);
  EXPECT_EQ(inside.transforms_offset, policy + calibrators);
  EXPECT_EQ(inside.detectors[0].block_offset, inside.transforms_offset + 24);
  EXPECT_EQ(inside.detectors[1].block_offset,
            inside.detectors[0].block_offset + inside.detectors[0].detector->state_bytes());
  EXPECT_EQ(inside.payload_bytes % 64, 0U);
  EXPECT_EQ(inside.detectors[2].block_offset % 64, 0U);
  EXPECT_LE(inside.detectors[2].block_offset + sizeof(Refitted::Block), inside.shared_bytes);
}

TEST(StreamPlan, LedgersSumUpToWhatIsPromised) {
  const auto plan = plan_of(
      stream_of({"v"}, {detector_of(*find_detector("spike")), detector_of(kRefitted, Scope::group),
                        detector_of(kEcho, Scope::stream)}));

  EXPECT_EQ(sum_of(plan->entity_ledger()), plan->entity_bytes());
  EXPECT_EQ(sum_of(plan->partition_ledger()), plan->partition_bytes());
}

TEST(StreamPlan, PromisesNoLessMemoryThanAPartitionTakes) {
  StreamSettings settings = stream_of(
      {"v"}, {detector_of(*find_detector("spike")), detector_of(kRefitted, Scope::group)});
  settings.partition_max_bytes = 100'000;
  ScoringFixture fixture(plan_of(settings));
  fixture.batch_rows = 512;

  for (int i = 0; i < 5000; ++i) {
    fixture.add({.entity = "e" + std::to_string(i % 1000),
                 .values = {1},
                 .group = "g" + std::to_string(i % 100)});
  }
  fixture.flush();

  EXPECT_GT(fixture.counters.evictions.value(), 0U);
  EXPECT_LE(fixture.partition.state_bytes(), fixture.plan->partition_bytes());
  EXPECT_LE(fixture.counters.entities.value(), fixture.plan->entities_max());
}

TEST(StreamPlan, HoldsSixteenGroups) {
  const auto plan =
      plan_of(stream_of({"v"}, {detector_of(*find_detector("half_space_trees"), Scope::group)}));
  const auto& table = plan->inside().group_tables[0];

  EXPECT_GE(table.models_max, 16U);
  EXPECT_LE(table.models_max, 17U);
}

TEST(StreamPlan, NamesTheFeatureThatADetectorLacks) {
  StreamSettings settings = stream_of({"v"}, {detector_of(kEcho)});
  settings.detectors[0].features = {"w"};

  EXPECT_EQ(StreamPlan::make(settings).error().message,
            "detector `echo` wants the feature `w`, but the stream's `features` do not name it");
}

TEST(StreamPlan, RefusesABudgetWithoutRoomForOneEntity) {
  StreamSettings settings = stream_of({"v"}, {detector_of(kEcho)});
  settings.partition_max_bytes = 100;

  EXPECT_EQ(StreamPlan::make(settings).error().message,
            "the budget of 100 bytes a partition holds no entity: one takes " +
                std::to_string(plan_of(stream_of({"v"}, {detector_of(kEcho)}))->entity_bytes()) +
                " bytes");
}

Result<std::unique_ptr<Detector>> refuse(const Settings&, int, std::uint64_t) {
  return Error{"`low` is above `high`"};
}

TEST(StreamPlan, SaysWhichDetectorContradictsItself) {
  DetectorKind contrary = kEcho;
  contrary.name = "contrary";
  contrary.make = refuse;

  EXPECT_EQ(StreamPlan::make(stream_of({"v"}, {detector_of(contrary)})).error().message,
            "detector `contrary`: `low` is above `high`");
}

}  // namespace
}  // namespace tocsin
