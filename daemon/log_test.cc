#include "daemon/log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace tocsin {
namespace {

/// A log into memory, on a clock that is set by hand.
struct Recorded {
  explicit Recorded(const LogSettings& settings)
      : log(std::make_unique<Log>(
            settings, [this](std::string_view line) { lines.emplace_back(line); },
            [this] { return now; })) {}

  std::chrono::system_clock::time_point now{std::chrono::milliseconds(1'700'000'000'250)};
  std::vector<std::string> lines;
  std::unique_ptr<Log> log;
};

TEST(Log, WritesOneJsonObjectALine) {
  Recorded recorded({.format = LogFormat::json});

  recorded.log->warning("topic is missing", {{"topic", "a\"b"}, {"tries", 3}, {"last", false}});

  ASSERT_EQ(recorded.lines.size(), 1U);
  EXPECT_EQ(recorded.lines[0],
            "{\"time\":\"2023-11-14T22:13:20.250Z\",\"level\":\"warning\","
            "\"message\":\"topic is missing\",\"topic\":\"a\\\"b\",\"tries\":3,\"last\":false}\n");
}

TEST(Log, WritesForPeopleWithTheFieldsBehindTheMessage) {
  Recorded recorded({.format = LogFormat::text});

  recorded.log->info("assigned", {{"topic", "api"}, {"why", "two words"}, {"share", 0.5}});

  ASSERT_EQ(recorded.lines.size(), 1U);
  EXPECT_EQ(recorded.lines[0],
            "22:13:20.250 info    assigned topic=api why=\"two words\" share=0.5\n");
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  Recorded recorded({.level = LogLevel::warning});

  recorded.log->info("not this");
  recorded.log->error("this");

  ASSERT_EQ(recorded.lines.size(), 1U);
  EXPECT_NE(recorded.lines[0].find("\"this\""), std::string::npos);
}

TEST(Log, HoldsBackRepeatsAndSaysHowMany) {
  Recorded recorded({.format = LogFormat::text});

  for (int i = 0; i < 25; ++i) recorded.log->warning("rejected", {{"offset", i}});
  recorded.log->warning("something else");
  recorded.now += Log::kWindow;
  recorded.log->warning("rejected", {{"offset", 99}});

  ASSERT_EQ(recorded.lines.size(), 12U);  // Ten, the other message, and the one afterwards.
  EXPECT_NE(recorded.lines.back().find("offset=99 suppressed=15"), std::string::npos);
}

TEST(Log, SaysAtItsEndWhatItHeldBack) {
  Recorded recorded({.format = LogFormat::text});

  for (int i = 0; i < 12; ++i) recorded.log->warning("rejected");
  recorded.log.reset();

  EXPECT_NE(recorded.lines.back().find("rejected suppressed=2"), std::string::npos);
}

TEST(Log, TextFromOutsideCannotForgeALine) {
  Recorded human({.format = LogFormat::text});
  Recorded json({.format = LogFormat::json});

  for (Recorded* recorded : {&human, &json}) {
    recorded->log->kafka(4, "FAIL", "down\n22:13:20.250 error all is lost");
    ASSERT_EQ(recorded->lines.size(), 1U);
    EXPECT_EQ(recorded->lines[0].find('\n'), recorded->lines[0].size() - 1);
  }
}

TEST(Log, GivesLibrdkafkaLinesTheirLevelAndFacility) {
  Recorded recorded({.format = LogFormat::json});

  recorded.log->kafka(3, "FAIL", "localhost:9092/bootstrap: Connect failed");
  recorded.log->kafka(7, "BROKER", "not seen");

  ASSERT_EQ(recorded.lines.size(), 1U);
  EXPECT_NE(recorded.lines[0].find("\"level\":\"error\",\"message\":\"librdkafka FAIL\","
                                   "\"text\":\"localhost:9092/bootstrap: Connect failed\""),
            std::string::npos);
}

}  // namespace
}  // namespace tocsin
