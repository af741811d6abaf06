#include "pipeline/scoring/feature_scale.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/scoring/scoring_fixture.h"

namespace tocsin {
namespace {

using Meaning = FeatureScale::Meaning;

/// A feature, after so many scores.
template <class Next>
FeatureScale::Block after(int scores, Meaning meaning, Next next) {
  FeatureScale::Block block{};
  for (int i = 0; i < scores; ++i) FeatureScale::observe(block, next(), meaning);
  return block;
}

double rank(const FeatureScale::Block& block, double score) {
  return FeatureScale::judge(block, score, Meaning::strangeness).rank;
}

TEST(FeatureScale, TakesScoresForStandardDeviationsAtFirst) {
  const FeatureScale::Block block{};
  EXPECT_EQ(rank(block, 0), 0);
  EXPECT_NEAR(rank(block, 1.645), 1, 1e-6);
  EXPECT_NEAR(rank(block, 2.576), 2, 1e-6);
  EXPECT_NEAR(rank(block, 3.291), 3, 1e-6);
  EXPECT_GT(rank(block, 8), 8);
}

TEST(FeatureScale, RanksByHowOftenItsFeatureScoresAsHigh) {
  Noise noise(1);
  const auto pareto =
      after(50'000, Meaning::strangeness, [&] { return 1000 * std::pow(noise.uniform(), -.3); });
  const auto normal = after(50'000, Meaning::strangeness, [&] { return std::abs(noise.normal()); });
  for (const double rarity : {1.0, 2.0, 3.0, 5.0}) {
    const double score = 1000 * std::pow(10, .3 * rarity);
    EXPECT_NEAR(rank(pareto, score), rarity, .2 * rarity) << score;
    EXPECT_NEAR(rank(normal, normal_tail_quantile(std::pow(10, -rarity) / 2)), rarity, .2 * rarity);
  }
  EXPECT_GT(rank(normal, 8), rank(pareto, 1000 * std::pow(10, .3 * 6)));
}

TEST(FeatureScale, OnlyEverGrowsWithTheScore) {
  Noise noise(2);
  for (const double share : {.001, .005, .01, .1, 1.0}) {
    const auto block = after(20'000, Meaning::strangeness,
                             [&] { return noise.uniform() < share ? 30 * noise.uniform() : 0; });
    double last = 0;
    for (double score = 0; score < 100; score += .01) {
      const double here = rank(block, score);
      ASSERT_GE(here, last) << score << " where " << share << " scored";
      last = here;
    }
    EXPECT_TRUE(std::isfinite(rank(block, 1e300)));
  }
}

TEST(FeatureScale, KnowsALoudFeatureWithinAThousandScores) {
  int count = 0;
  const auto jumping =
      after(1000, Meaning::strangeness, [&] { return ++count % 100 == 0 ? 300 : .1; });
  EXPECT_LT(rank(jumping, 300), 5);
}

TEST(FeatureScale, CallsNoBreachNewThatIsAsLargeAsThoseThatComeOften) {
  Noise noise(4);
  const auto often = after(3000, Meaning::breach, [&] { return noise.uniform() < .005 ? 6 : 0; });
  EXPECT_EQ(FeatureScale::judge(often, 6, Meaning::breach).excess, 0);
  EXPECT_GT(FeatureScale::judge(often, 60, Meaning::breach).excess, 30);

  const auto never = after(3000, Meaning::breach, [] { return 0; });
  EXPECT_EQ(FeatureScale::judge(never, 6, Meaning::breach).excess, 6);
  EXPECT_GT(FeatureScale::judge(never, 1, Meaning::breach).rank,
            FeatureScale::judge(often, 6, Meaning::breach).rank);
  EXPECT_EQ(FeatureScale::judge(never, 0, Meaning::breach).rank, 0);
}

}  // namespace
}  // namespace tocsin
