#include "daemon/health.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(Checks, FailUntilEachHasPassed) {
  Checks checks{"brokers", "topics"};
  EXPECT_FALSE(checks.pass_all());

  checks.pass("brokers");
  EXPECT_FALSE(checks.pass_all());

  checks.pass("topics");
  EXPECT_TRUE(checks.pass_all());
}

TEST(Checks, SayWhatIsWrongByName) {
  Checks checks{"topics", "brokers"};

  checks.pass("topics");
  checks.fail("brokers", "localhost:9092 refuses connections");

  const auto all = checks.all();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, "brokers");
  EXPECT_FALSE(all[0].passes);
  EXPECT_EQ(all[0].detail, "localhost:9092 refuses connections");
  EXPECT_TRUE(all[1].passes);
}

TEST(Checks, FailWhileWhatIsWatchedIsInTrouble) {
  Checks checks{"brokers"};
  bool are_down = true;
  checks.watch("brokers", [&]() -> std::optional<std::string> {
    if (are_down) return "no broker can be reached";
    return std::nullopt;
  });
  checks.pass("brokers");

  EXPECT_FALSE(checks.pass_all());
  EXPECT_EQ(checks.all()[0].detail, "no broker can be reached");

  are_down = false;
  EXPECT_TRUE(checks.pass_all());
}

}  // namespace
}  // namespace tocsin
