#include "pipeline/scoring/definition.h"

#include <gtest/gtest.h>

#include <set>

#include "pipeline/scoring/scoring_fixture.h"

namespace tocsin {
namespace {

StreamSettings plain() { return stream_of({"v", "w"}, {detector_of(*find_detector("spike"))}); }

TEST(Definition, IsSixteenHexadecimalDigits) {
  const std::string hash = definition_hash(plain());

  EXPECT_EQ(hash.size(), 16U);
  EXPECT_EQ(hash.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(definition_hash(plain()), hash);
}

TEST(Definition, ChangesWithAllThatDecidesTheStatesMeaning) {
  std::vector<StreamSettings> streams(13, plain());
  streams[1].features[0].name = "u";
  streams[2].features[0].field = "/u";
  streams[3].features[0].transforms = {Transform::log1p};
  streams[4].features[0].test = FeatureTest::at_least;
  streams[5].features[0].in = {"500"};
  streams[6].detectors[0].kind = find_detector("range");
  streams[7].detectors[0].parameters.set("warmup_points", 100);
  streams[8].detectors[0].scope = Scope::stream;
  streams[9].detectors[0].features = {"v"};
  streams[10].entity = {"/host"};
  streams[11].seed = 5;
  streams[12].partition_max_bytes = 1U << 20U;

  std::set<std::string> hashes;
  for (const StreamSettings& stream : streams) hashes.insert(definition_hash(stream));

  EXPECT_EQ(hashes.size(), streams.size());
}

TEST(Definition, DoesNotChangeWithWhatIsMadeOfAScore) {
  StreamSettings stream = plain();
  stream.name = "other";
  stream.topics = {"elsewhere"};
  stream.sensitivity.probability = .1;
  stream.record_max_bytes = 7;
  stream.far_future_ms = 1;

  EXPECT_EQ(definition_hash(stream), definition_hash(plain()));
}

TEST(Definition, ReadsNoTwoListsTheSame) {
  StreamSettings one = plain();
  one.entity = {"/a", "/b"};
  StreamSettings other = plain();
  other.entity = {"/a\nentity 2:/b"};

  EXPECT_NE(definition_text(one), definition_text(other));
}

}  // namespace
}  // namespace tocsin
