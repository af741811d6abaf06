#include "tests/chaos_parts/chaos_events.h"

#include <gtest/gtest.h>

#include <set>

namespace tocsin {
namespace {

TEST(ChaosEvents, TheSameNumberIsAlwaysTheSameEvent) {
  for (std::uint64_t number = 0; number < 500; ++number) {
    const ChaosEvent one = chaos_event(7, number);
    const ChaosEvent other = chaos_event(7, number);
    EXPECT_EQ(one.key, other.key);
    EXPECT_EQ(one.value, other.value);
    EXPECT_EQ(one.headers.size(), other.headers.size());
  }
  EXPECT_NE(chaos_event(7, 1).value, chaos_event(8, 1).value);
}

TEST(ChaosEvents, BothTopicsHaveEntitiesThatReturnAndEntitiesThatAreNew) {
  std::array<std::set<std::string>, 2> early;
  std::array<int, 2> returning{};
  std::array<int, 2> fresh{};
  for (std::uint64_t number = 0; number < 20'000; ++number) {
    const ChaosEvent event = chaos_event(1, number);
    if (number < 10'000)
      early.at(event.topic).insert(event.key);
    else
      ++(early.at(event.topic).contains(event.key) ? returning : fresh).at(event.topic);
  }
  for (const std::size_t topic : {0U, 1U}) {
    EXPECT_GT(returning.at(topic), 1'500);
    EXPECT_GT(fresh.at(topic), 200);
  }
}

}  // namespace
}  // namespace tocsin
