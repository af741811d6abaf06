#include "daemon/log_observer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace tocsin {
namespace {

struct Recorded {
  std::vector<std::string> lines;
  Health health;
  Log log{{.level = LogLevel::info, .format = LogFormat::json},
          [this](std::string_view line) { lines.emplace_back(line); },
          [] { return std::chrono::system_clock::time_point{}; }};
  LogObserver observer{log, health};
};

TEST(LogObserver, SamplesRejectedRecordsByReasonAndPlace) {
  Recorded recorded;

  for (int offset = 0; offset < 1000; ++offset) {
    recorded.observer.record_rejected(
        {.topic = "api", .partition = 3, .offset = offset, .reason = "undecodable"});
  }

  ASSERT_EQ(recorded.lines.size(), static_cast<std::size_t>(Log::kRepeatsMax));
  EXPECT_NE(recorded.lines[0].find("\"message\":\"record rejected\",\"reason\":\"undecodable\","
                                   "\"topic\":\"api\",\"partition\":3,\"offset\":0}"),
            std::string::npos)
      << recorded.lines[0];
}

TEST(LogObserver, LosesReadinessWithItsPartitions) {
  Recorded recorded;
  const auto is_assigned = [&] {
    for (const Checks::Check& check : recorded.health.ready.all()) {
      if (check.name == "assignment") return check.passes;
    }
    return false;
  };

  recorded.observer.partition_began({.topic = "api", .partition = 0});
  EXPECT_TRUE(is_assigned());

  recorded.observer.partitions_revoked(1, true);
  EXPECT_FALSE(is_assigned());

  recorded.observer.partition_kept("api", 0);
  EXPECT_TRUE(is_assigned());
}

}  // namespace
}  // namespace tocsin
