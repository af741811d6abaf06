#include "pipeline/scoring/definition.h"

#include <gtest/gtest.h>

#include <set>

#include "pipeline/scoring/scoring_fixture.h"

namespace tocsin {
namespace {

StreamSettings plain() { return stream_of({"v", "w"}, {detector_of(*find_detector("spike"))}); }

std::string hash_of(const StreamSettings& settings) { return plan_of(settings)->definition_hash(); }
std::string input_hash_of(const StreamSettings& settings) {
  return plan_of(settings)->input_definition_hash();
}

TEST(Definition, IsSixteenHexadecimalDigits) {
  for (const std::string& hash : {hash_of(plain()), input_hash_of(plain())}) {
    EXPECT_EQ(hash.size(), 16U);
    EXPECT_EQ(hash.find_first_not_of("0123456789abcdef"), std::string::npos);
  }
  EXPECT_EQ(hash_of(plain()), hash_of(plain()));
}

TEST(Definition, ChangesWithAllThatDecidesTheStatesMeaning) {
  std::vector<StreamSettings> streams(14, plain());
  streams[1].features[0].name = "u";
  streams[2].features[0].field = "/u";
  streams[3].features[0].transforms = {Transform::log1p};
  streams[4].features[0].test = FeatureTest::at_least;
  streams[5].features[0].in = {"500"};
  streams[6].detectors[0].kind = find_detector("range");
  streams[6].detectors[0].parameters = Settings(find_detector("range")->parameters);
  streams[7].detectors[0].parameters.set("warmup_points", 100);
  streams[8].detectors[0].scope = Scope::stream;
  streams[9].detectors[0].features = {"v"};
  streams[10].entity = {"/host"};
  streams[11].seed = 5;
  streams[12].partition_max_bytes = 1U << 20U;
  streams[13].time.unit = TimeUnit::ms;

  std::set<std::string> hashes;
  for (const StreamSettings& stream : streams) hashes.insert(hash_of(stream));

  EXPECT_EQ(hashes.size(), streams.size());
}

TEST(Definition, DoesNotChangeWithWhatIsMadeOfAScore) {
  StreamSettings stream = plain();
  stream.name = "other";
  stream.topics = {"elsewhere"};
  stream.sensitivity = Sensitivity::per_event(.1);
  stream.record_max_bytes = 7;
  stream.far_future_ms = 1;

  EXPECT_EQ(hash_of(stream), hash_of(plain()));
  EXPECT_EQ(input_hash_of(stream), input_hash_of(plain()));
}

TEST(Definition, ReadsNoTwoListsTheSame) {
  StreamSettings one = plain();
  one.entity = {"/a", "/b"};
  StreamSettings other = plain();
  other.entity = {"/a 2:/b"};

  EXPECT_NE(definition_of_entities(one), definition_of_entities(other));
}

TEST(Definition, TakesTheKeyForTheEntityUnlessToldOtherwise) {
  StreamSettings stream = plain();
  stream.entity = {"$key"};

  EXPECT_EQ(hash_of(stream), hash_of(plain()));
}

TEST(Definition, OfTheInputIsTheTimeWhereFeaturesAreNamed) {
  StreamSettings timed = plain();
  timed.time.field = "/ts";
  StreamSettings others = plain();
  others.entity = {"/host"};
  others.features[0].field = "/u";

  EXPECT_NE(input_hash_of(timed), input_hash_of(plain()));
  EXPECT_EQ(input_hash_of(others), input_hash_of(plain()));
}

TEST(Definition, OfTheInputIsAllThatKeepsAFieldFromBeingDiscovered) {
  std::vector<StreamSettings> streams(5, stream_of({}, {detector_of(kEcho)}));
  streams[1].entity = {"/host"};
  streams[2].time.field = "/ts";
  streams[3].detectors.push_back(detector_of(kEcho, Scope::group));
  streams[4].features_max = 5;

  std::set<std::string> hashes;
  for (const StreamSettings& stream : streams) hashes.insert(input_hash_of(stream));

  EXPECT_EQ(hashes.size(), streams.size());
}

TEST(Definition, GivesADetectorItsSeedWhereverItStands) {
  StreamSettings one = plain();
  one.detectors.push_back(detector_of(*find_detector("half_space_trees"), Scope::stream));
  StreamSettings other = one;
  std::swap(other.detectors[0], other.detectors[1]);

  EXPECT_EQ(detector_seed(one, 1), detector_seed(other, 0));
  EXPECT_NE(detector_seed(one, 0), detector_seed(one, 1));
  other.seed = 1;
  EXPECT_NE(detector_seed(one, 1), detector_seed(other, 0));
}

}  // namespace
}  // namespace tocsin
