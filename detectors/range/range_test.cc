#include "detectors/range/range.h"

#include <gtest/gtest.h>

#include <string_view>

#include "detectors/model_for_test.h"

namespace tocsin {
namespace {

/// One feature, with some settings changed.
Model range(std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  Settings settings(kRange.parameters);
  for (const auto& [name, value] : changes) settings.set(name, value);
  return Model(std::move(*kRange.make(settings, 1, 1)));
}

std::optional<double> score(const Model& model, double value) {
  return model.score(whole({&value, 1}));
}

void learn(Model& model, double value, double weight = 1) {
  model.learn(whole({&value, 1}), weight);
}

/// A range of about 0 to 100 that is past its warm-up.
Model learned(double half_life_points = 1e8) {
  Model model = range({{"half_life_points", half_life_points}});
  for (int i = 0; i < 300; ++i) learn(model, i % 2 == 0 ? 0 : 100);
  return model;
}

TEST(Range, MatchesTheHandWorkedExample) {
  const Model model = learned();

  EXPECT_EQ(*score(model, 50), 0);
  EXPECT_EQ(*score(model, 104), 0);            // within 5 % of the width
  EXPECT_NEAR(*score(model, 110), 0.1, 1e-4);  // a tenth of the width outside
  EXPECT_NEAR(*score(model, -300), 3, 1e-4);
}

TEST(Range, SaysNothingForAHundredPoints) {
  Model model = range();
  for (int i = 0; i < 99; ++i) learn(model, i);

  EXPECT_FALSE(score(model, 1000).has_value());
  learn(model, 99);
  EXPECT_TRUE(score(model, 1000).has_value());
}

TEST(Range, WidensAtOnceAndTheMarginDoubles) {
  Model model = learned();

  learn(model, 200);

  EXPECT_EQ(*score(model, 219), 0);  // the margin is 10 % of 200 now
  EXPECT_GT(*score(model, 221), 0);
}

TEST(Range, ForgetsAnExtremeWithTheHalfLife) {
  Model model = learned(1000);
  learn(model, 1000);
  for (int i = 0; i < 5000; ++i) learn(model, i % 2 == 0 ? 0 : 100);

  // Five half-lives: 900 / 32 = 28 of the excess are left, and the margin is back.
  EXPECT_GT(*score(model, 150), 0);
}

TEST(Range, KeepsItsMarginAfterARowOfRecords) {
  Model model = learned();
  int breaches = 0;
  for (int i = 0; i < 100; ++i) {
    const double value = 100 + 10 * i;
    breaches += *score(model, value) > 0 ? 1 : 0;
    learn(model, value);
  }

  EXPECT_GE(breaches, 1);
  EXPECT_LE(breaches, 3);
}

TEST(Range, WidensByTheWeight) {
  Model model = learned();

  learn(model, 200, 0.25);

  const std::optional<Expectation> expected = model.detector->expectation(model.block.state(), 0);
  // 100 + 0.25 (200 - 100), and a margin of 5 % times 1 + 0.25.
  EXPECT_NEAR(expected->upper, 125 + 0.0625 * 125, 1e-3);
}

TEST(Range, FindsAStepOutOfAConstant) {
  Model model = range();
  for (int i = 0; i < 300; ++i) learn(model, 5);

  EXPECT_EQ(*score(model, 5), 0);
  EXPECT_GT(*score(model, 6), 1);
  EXPECT_GT(*score(model, 0), 1);
}

}  // namespace
}  // namespace tocsin
