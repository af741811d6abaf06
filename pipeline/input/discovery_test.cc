#include "pipeline/input/discovery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pipeline/input/decoder_fixture.h"

namespace tocsin {
namespace {

StreamSettings discovering_stream(int features_max = 16) {
  StreamSettings settings;
  settings.features_max = features_max;
  return settings;
}

std::vector<std::string> paths_of(const Batch& batch) {
  std::vector<std::string> paths;
  for (const DiscoveredField& field : batch.discovered) {
    EXPECT_EQ(field.column, paths.size());
    paths.push_back(field.path);
  }
  return paths;
}
using Paths = std::vector<std::string>;

/// Records that end discovery, without anything to discover.
void end_discovery(DecoderFixture& fixture) {
  while (!fixture.batch.frozen) fixture.decode(ReadRecord{});
}

TEST(Discovery, GivesColumnsToNumbersInAStableOrder) {
  DecoderFixture fixture(discovering_stream());

  fixture.decode(
      R"({"z":1,"b":{"y":2,"x":{"w":3}},"a":4,"list":[5,{"c":6}],"s":"7","t":true,"n":null})");
  fixture.decode(R"({"c":8,"aa":9,"z":10})");

  EXPECT_EQ(paths_of(fixture.batch), (Paths{"/a", "/b/x/w", "/b/y", "/z", "/aa", "/c"}));
  EXPECT_EQ(fixture.batch.discovered[3].row, 0U);
  EXPECT_EQ(fixture.batch.discovered[4].row, 1U);
  EXPECT_EQ(fixture.batch.rows[0].present, 15U);
  EXPECT_EQ(fixture.batch.values_of(0)[0], 4.0);
  EXPECT_EQ(fixture.batch.values_of(0)[1], 3.0);
  EXPECT_EQ(fixture.batch.rows[1].present, 0b111000U);
  EXPECT_EQ(fixture.value(3), 10.0);
  EXPECT_EQ(fixture.value(4), 9.0);
  EXPECT_EQ(fixture.value(5), 8.0);
}

TEST(Discovery, DoesNotDependOnTheOrderWithinADocument) {
  DecoderFixture forward(discovering_stream(2));
  DecoderFixture backward(discovering_stream(2));

  forward.decode(R"({"a":1,"b":2,"c":3})");
  backward.decode(R"({"c":3,"b":2,"a":1})");

  EXPECT_EQ(paths_of(forward.batch), (Paths{"/a", "/b"}));
  EXPECT_EQ(paths_of(backward.batch), (Paths{"/a", "/b"}));
}

TEST(Discovery, PassesOverIdsTimesAndWhatIsUsedOtherwise) {
  StreamSettings settings = discovering_stream();
  settings.entity = {"/shop"};
  settings.time.field = "/when";
  settings.detectors.push_back(detector_in(Scope::group, "/region"));
  DecoderFixture fixture(settings);

  fixture.decode(
      R"({"shop":1,"when":1751000000000,"region":4,"user_id":5,"big":9007199254740993,)"
      R"("seen":1750999000,"seen_us":1750999000000000,"huge":1e400,"negative":-9007199254740993,)"
      R"("amount":12,"old":1600000000,"edge":9007199254740992,"m~/n":1})");

  EXPECT_EQ(paths_of(fixture.batch), (Paths{"/amount", "/edge", "/m~0~1n", "/old"}));
  EXPECT_EQ(fixture.batch.view(fixture.batch.groups_of(0)[0]), "4");
}

TEST(Discovery, NeverComesBackToAFieldOnceTakenForAnId) {
  DecoderFixture fixture(discovering_stream());

  fixture.decode(R"({"a":1,"serial_number":90071992547409931})");
  fixture.decode(R"({"a":1,"serial_number":5})");

  EXPECT_EQ(paths_of(fixture.batch), (Paths{"/a"}));
}

TEST(Discovery, TakesSmallNumbersOf1970ForNumbers) {
  DecoderFixture fixture(discovering_stream());
  fixture.timestamp_ms = 5000;

  fixture.decode(R"({"a":5,"b":5000,"c":30000000})");

  EXPECT_EQ(paths_of(fixture.batch), (Paths{"/a", "/b", "/c"}));
}

TEST(Discovery, RefusesEventsWithoutANumber) {
  DecoderFixture fixture(discovering_stream());
  EXPECT_EQ(fixture.decode(R"({"s":"x","n":"12.5"})").reject, RejectReason::missing_features);
  EXPECT_EQ(fixture.decode(R"({"a":1})").kind, RowKind::event);
  EXPECT_EQ(fixture.decode(R"({"a":"2"})").reject, RejectReason::missing_features);
  EXPECT_EQ(fixture.decode(R"({"a":1e400})").reject, RejectReason::not_a_number);
  EXPECT_EQ(fixture.decode(R"({"a":true,"b":3})").kind, RowKind::event);
  EXPECT_EQ(fixture.batch.rows.back().present, 2U);
}

TEST(Discovery, LearnsNothingFromRejectedRecords) {
  StreamSettings settings = discovering_stream();
  settings.entity = {"/host"};
  DecoderFixture fixture(settings);

  fixture.decode(R"({"a":1})");
  fixture.decode(R"({"host":"h","b":1,"b":1})");
  fixture.decode(R"({"host":"h","c":1)");

  EXPECT_TRUE(fixture.batch.discovered.empty());
}

TEST(Discovery, EndsWithTheThousandthRecordWhateverItIs) {
  DecoderFixture fixture(discovering_stream());
  fixture.decode(R"({"a":1})");
  for (int i = 0; i < 498; ++i) fixture.decode(ReadRecord{});
  for (int i = 0; i < 500; ++i) fixture.decode("broken");
  EXPECT_FALSE(fixture.batch.frozen.has_value());

  fixture.decode(R"({"b":1})");

  ASSERT_TRUE(fixture.batch.frozen.has_value());
  EXPECT_EQ(fixture.batch.frozen->row, 999U);
  EXPECT_EQ(fixture.batch.frozen->dropped, 0U);
  EXPECT_EQ(paths_of(fixture.batch), (Paths{"/a", "/b"}));
  fixture.decode(R"({"a":1,"c":1})");
  EXPECT_EQ(fixture.batch.discovered.size(), 2U);
  EXPECT_EQ(fixture.decoder.unknown_fields(), 1U);
}

TEST(Discovery, CountsNumbersThatHaveNoColumn) {
  DecoderFixture fixture(discovering_stream(1));
  fixture.decode(R"({"a":1,"b":2,"big":90071992547409931})");
  end_discovery(fixture);

  fixture.decode(R"({"a":1,"b":2,"c":{"d":3,"user_id":4,"l":[5]},"big":1})");
  fixture.decode(R"({"a":1,"c":{"d":3},"broken":6)");
  fixture.decode(R"({"a":1,"c":{"d":3}})");

  EXPECT_EQ(fixture.decoder.unknown_fields(), 3U);
}

TEST(Discovery, CountsNumbersForWhichThereWasNoRoom) {
  DecoderFixture fixture(discovering_stream(1));
  fixture.decode(R"({"a":1})");

  fixture.decode(R"({"a":1,"b":2,"c":{"d":3,"user_id":4,"l":[5]}})");

  EXPECT_EQ(fixture.decoder.unknown_fields(), 2U);
}

TEST(Discovery, DropsCounters) {
  DecoderFixture fixture(discovering_stream());
  for (int i = 0; i < 100; ++i) {
    const std::string n = std::to_string(i);
    std::string value = R"({"counter":)";
    value.append(n).append(R"(,"fraction":)").append(n).append(R"(.5,"level":)");
    value.append(std::to_string(i % 7));
    if (i != 50) value.append(R"(,"gap":)").append(n);
    fixture.decode(value + "}");
  }
  end_discovery(fixture);
  EXPECT_EQ(paths_of(fixture.batch), (Paths{"/counter", "/fraction", "/gap", "/level"}));

  EXPECT_EQ(fixture.batch.frozen->dropped, 1U);
  fixture.decode(R"({"counter":1000,"level":1})");
  EXPECT_EQ(fixture.batch.rows.back().present, 8U);
  EXPECT_EQ(fixture.value(0), 0.0);
  EXPECT_EQ(fixture.decode(R"({"counter":1001})").reject, RejectReason::missing_features);
  EXPECT_EQ(fixture.decoder.unknown_fields(), 0U);
}

TEST(Discovery, DropsNothingWhereItWouldLeaveNothing) {
  DecoderFixture fixture(discovering_stream());
  for (int i = 0; i < 100; ++i) fixture.decode("{\"meter\":" + std::to_string(i) + "}");
  end_discovery(fixture);
  EXPECT_EQ(fixture.batch.frozen->dropped, 0U);
}

TEST(Discovery, DropsNothingOnLittleEvidence) {
  DecoderFixture fixture(discovering_stream());
  for (int i = 0; i < 31; ++i) fixture.decode("{\"a\":" + std::to_string(i) + ",\"b\":1}");
  end_discovery(fixture);
  EXPECT_EQ(fixture.batch.frozen->dropped, 0U);
}

TEST(Discovery, GoesOnFromWhatItSaved) {
  const auto document = [](int i) {
    return "{\"n\":" + std::to_string(i) + ",\"a\":" + std::to_string(i * 7 % 13) +
           (i > 300 ? ",\"late\":1.5" : "") + (i > 1100 ? ",\"new\":1" : "") +
           ",\"big\":" + (i == 0 ? "90071992547409931" : "1") + "}";
  };
  for (const int cut : {0, 1, 299, 301, 999, 1000, 1150}) {
    DecoderFixture whole(discovering_stream());
    for (int i = 0; i < 1200; ++i) whole.decode(document(i));

    DecoderFixture first(discovering_stream());
    for (int i = 0; i < cut; ++i) first.decode(document(i));
    std::string saved;
    first.decoder.save(saved);
    DecoderFixture second(discovering_stream());
    ASSERT_TRUE(second.decoder.restore(saved));
    for (int i = cut; i < 1200; ++i) second.decode(document(i));

    for (std::size_t i = static_cast<std::size_t>(cut); i < 1200; ++i) {
      const std::size_t j = i - static_cast<std::size_t>(cut);
      ASSERT_EQ(second.batch.rows[j].present, whole.batch.rows[i].present) << cut << " " << i;
      ASSERT_TRUE(std::ranges::equal(second.batch.values_of(j), whole.batch.values_of(i)));
    }
    EXPECT_EQ(second.decoder.unknown_fields(), whole.decoder.unknown_fields());
    std::string expected;
    std::string found;
    whole.decoder.save(expected);
    second.decoder.save(found);
    EXPECT_EQ(found, expected);
  }
}

TEST(Discovery, RefusesSavedStateThatDoesNotFit) {
  DecoderFixture saved_by(discovering_stream());
  saved_by.decode(R"({"a":1,"b":2})");
  std::string saved;
  saved_by.decoder.save(saved);

  for (std::size_t size = 0; size < saved.size(); ++size) {
    DecoderFixture fixture(discovering_stream());
    EXPECT_FALSE(fixture.decoder.restore(saved.substr(0, size)).has_value()) << size;
  }
  DecoderFixture small(discovering_stream(1));
  EXPECT_FALSE(small.decoder.restore(saved).has_value());
  DecoderFixture other(discovering_stream());
  EXPECT_FALSE(other.decoder.restore(saved + "x").has_value());
}

}  // namespace
}  // namespace tocsin
