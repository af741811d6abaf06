#include "pipeline/input/time_guard.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tocsin {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kNow = 1'751'000'000'000;
constexpr std::int64_t kYear2099 = 4'070'908'800'000;

/// Which of the times, one record after the other without timestamps, are accepted.
std::string judge(TimeGuard& guard, std::span<const std::int64_t> times) {
  std::string marks;
  for (const std::int64_t time : times) marks.push_back(guard.admit(time, -1) ? '+' : '-');
  return marks;
}
std::string judge(const std::vector<std::int64_t>& times) {
  TimeGuard guard(kDay);
  return judge(guard, times);
}

TEST(TimeGuard, ComparesWithTheRecordsTimestamp) {
  TimeGuard guard(kDay);
  EXPECT_TRUE(guard.admit(kNow + kDay, kNow));
  EXPECT_FALSE(guard.admit(kNow + kDay + 1, kNow));
  EXPECT_FALSE(guard.admit(kNow + kDay + 1, kNow));
  EXPECT_TRUE(guard.admit(0, kNow));
  EXPECT_TRUE(guard.admit(-kNow, kNow));
  EXPECT_FALSE(guard.admit(kYear2099, 0));
}

TEST(TimeGuard, RefusesOneEventOf2099AndGoesOn) {
  EXPECT_EQ(judge({kNow, kYear2099, kNow + 1000, kNow + 2000}), "+-++");
  EXPECT_EQ(judge({kNow, kYear2099, kNow + 1000, kYear2099, kNow + 2000}), "+-+-+");
}

TEST(TimeGuard, AcceptsAJumpThatTheNextEventConfirms) {
  EXPECT_EQ(judge({kNow, kNow + 90 * kDay, kNow + 90 * kDay + 1000, kNow + 90 * kDay + 2000}),
            "+-++");
  EXPECT_EQ(judge({kNow, kYear2099, kYear2099 - kDay, kYear2099}), "+-++");
  EXPECT_EQ(judge({kNow, kYear2099, kYear2099 + 2 * kDay}), "+--");
  EXPECT_EQ(judge({kNow, kYear2099, kYear2099 - 2 * kDay}), "+--");
}

TEST(TimeGuard, GetsUsedToRowsThatAreMonthsApart) {
  std::vector<std::int64_t> monthly;
  monthly.reserve(24);
  for (std::int64_t i = 0; i < 24; ++i) {
    monthly.push_back(kNow + i * 30 * kDay + (i % 2) * 5 * kDay);
  }
  EXPECT_EQ(judge(monthly), "+-" + std::string(22, '+'));
}

TEST(TimeGuard, AllowsEightTimesTheLargestStep) {
  EXPECT_EQ(judge({kNow, kNow + kDay, kNow + 9 * kDay, kNow + 9 * kDay + 64 * kDay}), "++++");
  EXPECT_EQ(judge({kNow, kNow + kDay, kNow + 9 * kDay + 1}), "++-");
}

TEST(TimeGuard, LetsTimesInThePastThroughWithoutMovingTime) {
  EXPECT_EQ(judge({kNow, 0, kNow + 1000, -kNow, kNow + 2000}), "+++++");
}

TEST(TimeGuard, StartsBefore2100) {
  EXPECT_EQ(judge({4'102'444'800'000, kNow, kNow + 1}), "-++");
  EXPECT_EQ(judge({4'102'444'800'000, 4'102'444'800'001}), "-+");
  EXPECT_EQ(judge({kYear2099, kNow, kNow + 1}), "+++");
}

TEST(TimeGuard, GoesOnFromWhatItSaved) {
  const std::vector<std::int64_t> times{
      kNow, kNow + kHour,         kYear2099,           kYear2099 + 5, kNow,
      0,    kYear2099 + 3 * kDay, kYear2099 + 3 * kDay};
  for (std::size_t cut = 0; cut < times.size(); ++cut) {
    TimeGuard whole(kDay);
    TimeGuard first(kDay);
    const std::string expected = judge(whole, times);

    std::string found = judge(first, std::span(times).first(cut));
    std::string saved;
    first.save(saved);
    TimeGuard second(kDay);
    FlatBytes bytes(saved);
    ASSERT_TRUE(second.restore(bytes));
    found += judge(second, std::span(times).subspan(cut));

    EXPECT_EQ(found, expected) << cut;
  }
}

}  // namespace
}  // namespace tocsin
