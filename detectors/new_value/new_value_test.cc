#include "detectors/new_value/new_value.h"

#include <gtest/gtest.h>

#include "detectors/model_for_test.h"

namespace tocsin {
namespace {

Model new_value() {
  return Model(std::move(*kNewValue.make(Settings(kNewValue.parameters), 1, 1)));
}

std::optional<double> score(const Model& model, double value) {
  return model.score(whole({&value, 1}));
}

void learn(Model& model, double value, double weight = 1) {
  model.learn(whole({&value, 1}), weight);
}

/// Half of the values around 0, half around 100: the mean is 50, the mean deviation 50, and a bin
/// half of it, 25, wide.
Model learned() {
  Model model = new_value();
  for (int i = 0; i < 200; ++i) learn(model, (i % 2 == 0 ? 0 : 100) + i % 4);
  return model;
}

TEST(NewValue, SaysNothingForAHundredPoints) {
  Model model = new_value();
  for (int i = 0; i < 99; ++i) learn(model, i % 5);

  EXPECT_FALSE(score(model, 1000).has_value());
  learn(model, 3);
  EXPECT_TRUE(score(model, 1000).has_value());
}

TEST(NewValue, MatchesTheHandWorkedExample) {
  const Model model = learned();

  EXPECT_EQ(*score(model, 1), 0);
  EXPECT_EQ(*score(model, 102), 0);
  // Bins of 25 from the mean, 51.5: 1 lies in the third below it, -100 in the seventh: three are
  // between, so (1 + 3 x 3)^.3 = 1.995, and a third of what it has beyond 1.
  EXPECT_NEAR(*score(model, -100), .3318, 1e-3);
}

TEST(NewValue, FindsAGapInsideTheRange) {
  Model model = new_value();
  for (int i = 0; i < 400; ++i) learn(model, (i % 2 == 0 ? 0 : 1000) + i % 7);
  // Far more at the ends than in between.
  for (int i = 0; i < 400; ++i) learn(model, (i % 2 == 0 ? 5 : 1005));

  Model narrow = Model(std::move(*[] {
    Settings settings(kNewValue.parameters);
    settings.set("bin_width", .1);
    return kNewValue.make(settings, 1, 1);
  }()));
  for (int i = 0; i < 400; ++i) learn(narrow, (i % 2 == 0 ? 0 : 1000) + i % 7);

  EXPECT_GT(*score(narrow, 500), 0);
  EXPECT_EQ(*score(narrow, 1003), 0);
}

TEST(NewValue, KnowsAValueOnceItWasSeen) {
  Model model = learned();
  ASSERT_GT(*score(model, 5000), 0);

  learn(model, 5000, .1);

  EXPECT_EQ(*score(model, 5000), 0);
}

TEST(NewValue, IsNotSurprisedByADriftBinByBin) {
  Model model = learned();
  double largest = 0;
  for (int i = 0; i < 3000; ++i) {
    const double value = 100 + i;
    largest = std::max(largest, *score(model, value));
    learn(model, value);
  }

  EXPECT_EQ(largest, 0);
}

TEST(NewValue, ForgetsWhatWasSeenLongAgo) {
  Settings settings(kNewValue.parameters);
  settings.set("memory_points", 128);
  Model model(std::move(*kNewValue.make(settings, 1, 1)));
  for (int i = 0; i < 150; ++i) learn(model, i % 10);
  learn(model, 1000);
  ASSERT_EQ(*score(model, 1000), 0);

  for (int i = 0; i < 256; ++i) learn(model, i % 10);

  EXPECT_GT(*score(model, 1000), 0);
}

TEST(NewValue, FindsTheFirstOtherValueOfAConstant) {
  Model model = new_value();
  for (int i = 0; i < 200; ++i) learn(model, 5);

  EXPECT_EQ(*score(model, 5), 0);
  EXPECT_GT(*score(model, 5.1), 0);
}

}  // namespace
}  // namespace tocsin
