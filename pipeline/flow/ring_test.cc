#include "pipeline/flow/ring.h"

#include <gtest/gtest.h>

#include <thread>

namespace tocsin {
namespace {

TEST(Ring, RefusesWhatDoesNotFitAndTakesItOnceThereIsRoom) {
  Ring<int> ring(2);
  EXPECT_TRUE(ring.push(1));
  EXPECT_TRUE(ring.push(2));
  EXPECT_FALSE(ring.push(3));

  int value = 0;
  ASSERT_TRUE(ring.pop(value));
  EXPECT_EQ(value, 1);
  EXPECT_TRUE(ring.push(3));
  EXPECT_EQ(ring.size(), 2U);
}

TEST(Ring, IsEmptyAtFirst) {
  Ring<int> ring(4);
  int value = 7;
  EXPECT_FALSE(ring.pop(value));
  EXPECT_EQ(value, 7);
}

TEST(Ring, KeepsOrderAndLosesNothingBetweenTwoThreads) {
  constexpr int kCount = 200'000;
  Ring<int> ring(64);
  std::jthread producer([&ring] {
    for (int i = 0; i < kCount;)
      if (ring.push(i))
        ++i;
      else
        std::this_thread::yield();
  });

  int expected = 0;
  while (expected < kCount) {
    int value = -1;
    if (!ring.pop(value)) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_EQ(value, expected);
    ++expected;
  }
}

}  // namespace
}  // namespace tocsin
