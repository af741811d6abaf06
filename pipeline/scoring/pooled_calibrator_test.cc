#include "pipeline/scoring/pooled_calibrator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "pipeline/scoring/scoring_fixture.h"

namespace tocsin {
namespace {

/// A calibrator with a block of its own.
class Pool {
 public:
  std::optional<double> observe(double score) { return PooledCalibrator(*block_).observe(score); }
  /// What `observe` would say, without learning.
  double p(double score) const {
    auto copy = std::make_unique<PooledCalibrator::Block>(*block_);
    return *PooledCalibrator(*copy).observe(score);
  }
  const PooledCalibrator::Block& block() const { return *block_; }

 private:
  std::unique_ptr<PooledCalibrator::Block> block_ = std::make_unique<PooledCalibrator::Block>();
};

TEST(PooledCalibrator, HasNoProbabilityBeforeItsFirstFit) {
  Pool pool;

  for (int i = 0; i < 32; ++i) EXPECT_EQ(pool.observe(i), std::nullopt) << i;

  EXPECT_NE(pool.observe(3), std::nullopt);
}

TEST(PooledCalibrator, RanksTheFirstScores) {
  // 0 to 31. An edge follows where at most .84 of the scores beyond the last one lie beyond: 26
  // (the score 5), 21, 17, 14, 11, and 9 beyond the score 22; .84 x 9 would be fewer than 8.
  // 9 of 32 are higher than 22, 10 as high: (9 + .5) / 33 and (10 + .5) / 33.
  Pool pool;
  for (int i = 0; i < 32; ++i) pool.observe(i);

  EXPECT_EQ(pool.p(-5), 1);
  EXPECT_DOUBLE_EQ(pool.p(22), 10.5 / 33);
  EXPECT_LT(pool.p(22.001), 9.5 / 33);
  EXPECT_LT(pool.p(31), pool.p(27));
  EXPECT_GT(pool.p(31), .01);
}

TEST(PooledCalibrator, CountsTiesAsAtLeastAsStrange) {
  // Nine of ten scores are 1, one is 2: a score as high as 1 is no surprise at all, one as high
  // as 2 has probability .1.
  Pool pool;
  for (int i = 0; i < 5000; ++i) pool.observe(i % 10 == 0 ? 2 : 1);

  EXPECT_GT(pool.p(1), .99);
  EXPECT_NEAR(pool.p(2), .1, .01);
  EXPECT_NEAR(pool.p(1.5), .1, .01);
  EXPECT_LT(pool.p(3), .02);
}

TEST(PooledCalibrator, SaysOneInSoManyWhenTheFirstScoreDiffers) {
  Pool pool;
  for (int i = 0; i < 1000; ++i) pool.observe(0);

  EXPECT_GT(pool.p(0), .99);
  EXPECT_NEAR(pool.p(1), 1e-3, 1e-3);
  EXPECT_GT(pool.p(1), 1e-4) << "a thousand equal scores say nothing of one in 10,000";
}

/// Exponential scores: P(score >= s) = exp(-s).
double exponential(Noise& noise) { return -natural_log(noise.uniform()); }

TEST(PooledCalibrator, MatchesExponentialTailsBeyondItsEvidence) {
  Noise noise(3);
  Pool pool;
  for (int i = 0; i < 60'000; ++i) pool.observe(exponential(noise));

  for (const double p : {.3, .1, .03, .01, .003, .001, 1e-4}) {
    EXPECT_NEAR(pool.p(-natural_log(p)) / p, 1, p < 1e-3 ? .6 : .25) << p;
  }
}

TEST(PooledCalibrator, IsHonestWhileItKnowsFewScores) {
  Noise noise(4);
  double rare = 0;
  double judged = 0;
  for (int round = 0; round < 3000; ++round) {
    Pool pool;
    for (int i = 0; i < 64; ++i) {
      const auto p = pool.observe(-std::log(noise.uniform()));
      judged += p ? 1 : 0;
      rare += p && *p <= 1e-3 ? 1 : 0;
    }
  }
  EXPECT_NEAR(rare / judged, 1e-3, 5e-4);
}

TEST(PooledCalibrator, NeverSaysLessThanAThousandthOfItsEvidence) {
  Noise noise(3);
  Pool pool;
  for (int i = 0; i < 1000; ++i) pool.observe(exponential(noise));

  EXPECT_GE(pool.p(1e300), 1e-6 * .99);
  EXPECT_LE(pool.p(1e300), 1e-6 * 1.3);
}

TEST(PooledCalibrator, IsNotMovedByTheSizeOfOutliers) {
  Noise noise(3);
  Pool calm;
  Pool wild;
  for (int i = 0; i < 2000; ++i) {
    const double score = exponential(noise);
    const bool is_outlier = i % 700 == 699;
    calm.observe(is_outlier ? 8 : score);
    wild.observe(is_outlier ? 1e300 : score);
  }

  for (const double score : {2.0, 4.0, 6.0}) {
    EXPECT_NEAR(wild.p(score) / calm.p(score), 1, .2) << score;
  }
}

TEST(PooledCalibrator, FollowsScoresThatChangeTheirScale) {
  Noise noise(3);
  Pool pool;
  for (int i = 0; i < 20'000; ++i) pool.observe(exponential(noise));

  for (int i = 0; i < 400'000; ++i) pool.observe(100 + 10 * exponential(noise));

  EXPECT_NEAR(pool.p(100 + 10 * natural_log(100)), .01, .003);
  EXPECT_EQ(pool.p(5), 1);
}

TEST(PooledCalibrator, FallsAsScoresRise) {
  Noise noise(5);
  Pool pool;
  for (int i = 0; i < 3000; ++i) pool.observe(std::abs(noise.normal()));

  double before = 1;
  for (double score = -1; score < 20; score += .01) {
    const double p = pool.p(score);
    EXPECT_GT(p, 0);
    EXPECT_LE(p, before) << score;
    before = p;
  }
}

TEST(PooledCalibrator, StaysFiniteForScoresOfAnySize) {
  Noise noise(5);
  Pool pool;
  for (int i = 0; i < 5000; ++i) {
    const double size = std::ldexp(1.0, static_cast<int>(noise.bits() % 1980) - 990);
    const auto p = pool.observe(noise.bits() % 2 == 0 ? size : -size);
    EXPECT_TRUE(!p || (*p > 0 && *p <= 1)) << *p;
  }
}

}  // namespace
}  // namespace tocsin
