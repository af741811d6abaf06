#include "pipeline/scoring/entity_calibrator.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/scoring/scoring_fixture.h"

namespace tocsin {
namespace {

/// A pool whose probabilities are spread evenly: level k is reached by 2^-k.
std::array<double, kProbabilityLevels> even_reach() {
  std::array<double, kProbabilityLevels> reach{};
  for (std::size_t k = 0; k < reach.size(); ++k) reach[k] = std::ldexp(1.0, -static_cast<int>(k));
  return reach;
}

double p_of(EntityCalibrator::Block block, double pooled) {
  return EntityCalibrator::observe(block, pooled, even_reach());
}

TEST(EntityCalibrator, TakesThePoolsWordWithoutEvidence) {
  const EntityCalibrator::Block block{};

  for (const double p : {1.0, .75, .5, .3, .25, .01, 1e-4, 1e-7}) {
    EXPECT_DOUBLE_EQ(p_of(block, p), p);
  }
}

TEST(EntityCalibrator, MatchesTheHandWorkedExample) {
  // 24 scores: all of p <= 1/2, half of them <= 1/4.
  // Shares of those that go on: (24 + 8/2) / (24 + 8) = .875, (12 + 4) / (24 + 8) = .5.
  // p(1/4) = .875 x .5; p(3/8) is halfway between level 1 and 2: .875 (1 - .5 x .5).
  EntityCalibrator::Block block{};
  block.reached = {24, 24, 12};

  EXPECT_DOUBLE_EQ(p_of(block, .25), .875 * .5);
  EXPECT_DOUBLE_EQ(p_of(block, .375), .875 * .75);
}

TEST(EntityCalibrator, LearnsThatAnEntityIsNoisierThanThePool) {
  // Its probabilities by the pool are squared: 1e-4 comes to it once in 100 times.
  Noise noise(1);
  EntityCalibrator::Block block{};
  for (int i = 0; i < 3000; ++i) {
    const double u = noise.uniform();
    EntityCalibrator::observe(block, u * u, even_reach());
  }

  EXPECT_NEAR(p_of(block, 1e-4), .01, .005);
  EXPECT_NEAR(p_of(block, .01), .1, .02);
}

TEST(EntityCalibrator, LearnsThatAnEntityIsQuieterThanThePool) {
  Noise noise(1);
  EntityCalibrator::Block block{};
  for (int i = 0; i < 1000; ++i) {
    EntityCalibrator::observe(block, .5 + noise.uniform() / 2, even_reach());
  }

  EXPECT_LT(p_of(block, .1), .01);
}

TEST(EntityCalibrator, MakesLittleOfNotHavingHadWhatIsRare) {
  // One score in a hundred of the pool differs from all others: 100 that do not say little.
  std::array<double, kProbabilityLevels> reach{};
  reach.fill(.01);
  reach[0] = 1;
  EntityCalibrator::Block block{};
  for (int i = 0; i < 100; ++i) EntityCalibrator::observe(block, 1, reach);

  EXPECT_DOUBLE_EQ(EntityCalibrator::observe(block, .01, reach), 4.0 / (100 + 400));
}

TEST(EntityCalibrator, KeepsItsCountsBounded) {
  EntityCalibrator::Block block{};

  for (int i = 0; i < 100'000; ++i) EntityCalibrator::observe(block, .3, even_reach());

  EXPECT_LT(EntityCalibrator::evidence(block), 4096);
  EXPECT_GE(EntityCalibrator::evidence(block), 2048);
}

TEST(EntityCalibrator, MindsProbabilitiesThatThePoolCannotTake) {
  // The pool's scores are equal but for one in 256: there is nothing between p = 1 and 2^-8.
  auto reach = even_reach();
  for (std::size_t k = 1; k <= 8; ++k) reach[k] = 1.0 / 256;
  EntityCalibrator::Block block{};
  for (int i = 0; i < 2560; ++i) {
    EntityCalibrator::observe(block, i % 256 == 0 ? 1.0 / 256 : 1, reach);
  }

  EXPECT_NEAR(EntityCalibrator::observe(block, 1.0 / 256, reach) * 256, 1, .01);
}

}  // namespace
}  // namespace tocsin
