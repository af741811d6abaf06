#include "detectors/counter_random.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>

namespace tocsin {
namespace {

TEST(CounterRandom, AnswersTheSameQuestionTheSameWay) {
  constexpr std::uint64_t kAtCompileTime = random_bits({.seed = 7, .key = 3, .count = 5});

  EXPECT_EQ(random_bits({.seed = 7, .key = 3, .count = 5}), kAtCompileTime);
  // Pinned: a change would change every published score that depends on chance.
  EXPECT_EQ(kAtCompileTime, 11193269805287994952U);
}

TEST(CounterRandom, IsUniform) {
  constexpr int kDraws = 100'000;
  double sum = 0;
  double squares = 0;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const double draw = random_unit({.seed = 1, .key = i % 10, .count = i / 10});
    ASSERT_GE(draw, 0);
    ASSERT_LT(draw, 1);
    sum += draw;
    squares += draw * draw;
  }

  // Standard errors are 0.0009 and 0.0009: five of them.
  EXPECT_NEAR(sum / kDraws, 1.0 / 2, 0.005);
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, 0.005);
}

TEST(CounterRandom, ChangesHalfOfTheBitsWithAnyInput) {
  int from_seed = 0;
  int from_key = 0;
  int from_count = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::uint64_t bits = random_bits({.seed = i, .key = i, .count = i});
    from_seed += std::popcount(bits ^ random_bits({.seed = i + 1, .key = i, .count = i}));
    from_key += std::popcount(bits ^ random_bits({.seed = i, .key = i + 1, .count = i}));
    from_count += std::popcount(bits ^ random_bits({.seed = i, .key = i, .count = i + 1}));
  }

  // Of 64,000 bits 32,000 with a standard deviation of 126.
  EXPECT_NEAR(from_seed, 32'000, 700);
  EXPECT_NEAR(from_key, 32'000, 700);
  EXPECT_NEAR(from_count, 32'000, 700);
}

}  // namespace
}  // namespace tocsin
