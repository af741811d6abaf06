#include "detectors/transition/transition.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/model_for_test.h"

namespace tocsin {
namespace {

Model transition() {
  return Model(std::move(*kTransition.make(Settings(kTransition.parameters), 1, 1)));
}

std::optional<double> score(const Model& model, double value) {
  return model.score(whole({&value, 1}));
}

void learn(Model& model, double value, double weight = 1) {
  model.learn(whole({&value, 1}), weight);
}

/// 0, 1, …, 11, 0, 1, …: each class holds one value, and each follows on the one before.
Model learned(int points) {
  Model model = transition();
  for (int i = 0; i < points; ++i) learn(model, i % 12);
  return model;
}

TEST(Transition, SaysNothingUntilItsClassesAreCutAndTried) {
  Model model = learned(221);

  EXPECT_FALSE(score(model, 221 % 12).has_value());
  learn(model, 221 % 12);
  EXPECT_TRUE(score(model, 222 % 12).has_value());
}

TEST(Transition, MatchesTheHandWorkedExample) {
  // After 1,200 points the last two are 10 and 11; 0 has followed 98 or 99 times on them: each
  // class but the last two had its turn in a hundred rounds, less the two points before the first.
  const Model model = learned(1200);

  const double expected = *score(model, 0);
  const double strange = *score(model, 6);

  // 99 rounds end with 10, 11 and then 0. (99 + .05) / (2 x 99 + 1.1), and .05 of it.
  EXPECT_NEAR(expected, -std::log(99.05 / 199.1), 1e-6);
  EXPECT_NEAR(strange, -std::log(.05 / 199.1), 1e-6);
}

TEST(Transition, HalvesARowThatIsFull) {
  const Model model = learned(12 * 400);

  // 127 left of 255, and then on: the probability stays near 1/2.
  EXPECT_NEAR(*score(model, 0), -std::log(.5), .01);
}

TEST(Transition, CountsANeighbourHalf) {
  const Model model = learned(1200);

  EXPECT_LT(*score(model, 1), *score(model, 6) - 3);
}

TEST(Transition, KnowsWhatItSawWhateverTheWeight) {
  Model model = learned(1200);
  const double before = *score(model, 6);

  learn(model, 6, .1);
  for (int i = 7; i < 12; ++i) learn(model, i);
  for (int i = 0; i < 12; ++i) learn(model, i);

  EXPECT_LT(*score(model, 6), before - 2);
}

TEST(Transition, SaysNothingStrangeOfAConstant) {
  Model model = transition();
  for (int i = 0; i < 300; ++i) learn(model, 7);

  EXPECT_LT(*score(model, 7), 1);
  EXPECT_GT(*score(model, 8), 4);
}

}  // namespace
}  // namespace tocsin
