#include "daemon/start_point.h"

#include <gtest/gtest.h>

#include "pipeline/kafka/embedded_broker.h"

namespace tocsin {
namespace {

using std::chrono::milliseconds;
using Kind = StartPoint::Kind;

StartPoint at(std::int64_t time_ms) { return {.kind = Kind::time, .time_ms = time_ms}; }

TEST(StartPoint, ReadsWordsTimesAndMilliseconds) {
  EXPECT_EQ(*parse_start_point("earliest"), StartPoint{});
  EXPECT_EQ(*parse_start_point("latest"), StartPoint{.kind = Kind::latest});
  EXPECT_EQ(*parse_start_point("2026-11-21T08:30:00Z"), at(1'795'249'800'000));
  EXPECT_EQ(*parse_start_point("2026-11-21T10:30:00.5+02:00"), at(1'795'249'800'500));
  EXPECT_EQ(*parse_start_point("2026-11-21"), at(1'795'219'200'000));
  EXPECT_EQ(*parse_start_point("1795249800000"), at(1'795'249'800'000));
  EXPECT_EQ(*parse_start_point("5"), at(5)) << "a number is milliseconds, however small";
}

TEST(StartPoint, RefusesTheRestAndSaysWhatItTakes) {
  for (const char* text : {"", "Earliest", "yesterday", "-5", "1e3", "1969-12-31", "12:00",
                           "99999999999999999999", "2026-13-01"})
    EXPECT_FALSE(parse_start_point(text)) << text;
  EXPECT_EQ(parse_start_point("noon").error().message,
            "`noon` is neither earliest nor latest, nor a time since 1970 such as "
            "2026-11-21T08:30:00Z or 1795249800000 (milliseconds)");
}

TEST(StartPoint, SaysWhatItRead) {
  EXPECT_EQ(text_of(StartPoint{}), "earliest");
  EXPECT_EQ(text_of(StartPoint{.kind = Kind::latest}), "latest");
  EXPECT_EQ(text_of(at(1'795'249'800'000)), "2026-11-21T08:30:00.000Z");
}

TEST(StartPoint, IsTriedAgainWhileNoBrokerAnswers) {
  const auto broker = EmbeddedBroker::start();
  ASSERT_TRUE(broker);
  ASSERT_TRUE((*broker)->create_topic("in", 2));
  const KafkaSettings settings{.app = "t", .brokers = {(*broker)->bootstrap()}, .topics = {"in"}};
  KafkaHealth health;
  const auto admin = KafkaAdmin::make(settings, nullptr, health);
  const auto group = KafkaGroup::make(settings, nullptr, health);
  ASSERT_TRUE(admin && group);

  const FirstStart start =
      find_first_start(settings, **admin, **group, StartPoint{}, milliseconds(10'000));
  EXPECT_EQ(start.verdict, FirstStart::Verdict::fine) << start.reason;
  EXPECT_EQ(start.offsets, (decltype(start.offsets){{{"in", 0}, 0}, {{"in", 1}, 0}}));

  (*broker)->set_reachable(false);
  EXPECT_EQ(find_first_start(settings, **admin, **group, StartPoint{}, milliseconds(100)).verdict,
            FirstStart::Verdict::try_again);
}

}  // namespace
}  // namespace tocsin
