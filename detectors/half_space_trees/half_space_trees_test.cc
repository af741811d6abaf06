#include "detectors/half_space_trees/half_space_trees.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "detectors/model_for_test.h"

namespace tocsin {
namespace {

/// Some settings changed.
Model trees(int dimensions,
            std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  Settings settings(kHalfSpaceTrees.parameters);
  for (const auto& [name, value] : changes) settings.set(name, value);
  return Model(std::move(*kHalfSpaceTrees.make(settings, dimensions, 1)));
}

/// A point near the diagonal from (0, 0) to (100, 100): each feature is uniform, the two go
/// together.
std::array<double, 2> on_the_diagonal(std::uint64_t count, double off = 0) {
  const double along = 100 * random_unit({.seed = 11, .count = count});
  const double across = 3 * nearly_normal({.seed = 12, .count = count});
  return {along + across + off, along - across - off};
}

/// The share of pairs of an outlier and a normal point in which the outlier scores higher.
double roc_auc(std::span<const double> outliers, std::span<const double> normals) {
  double wins = 0;
  for (const double outlier : outliers) {
    for (const double normal : normals) {
      wins += outlier > normal ? 1 : (outlier == normal ? 0.5 : 0);
    }
  }
  return wins / static_cast<double>(outliers.size() * normals.size());
}

TEST(HalfSpaceTrees, FindsWhatIsOddOnlyInTwoFeaturesTogether) {
  Model model = trees(2);
  std::vector<double> outliers;
  std::vector<double> normals;

  for (std::uint64_t i = 0; i < 3000; ++i) {
    const bool odd = i % 50 == 49;
    // 25 off the diagonal; each feature alone is mostly in its usual range.
    const std::array<double, 2> values = on_the_diagonal(i, odd ? 25 : 0);
    const std::optional<double> score = model.score(whole(values));
    if (score) (odd ? outliers : normals).push_back(*score);
    model.learn(whole(values));
  }

  EXPECT_GT(roc_auc(outliers, normals), 0.9);
}

TEST(HalfSpaceTrees, ScoresFromTheEightyFirstPointOn) {
  Model model = trees(2);
  for (std::uint64_t i = 0; i < 79; ++i) model.learn(whole(on_the_diagonal(i)));

  EXPECT_FALSE(model.score(whole(on_the_diagonal(80))).has_value());
  model.learn(whole(on_the_diagonal(79)));
  EXPECT_TRUE(model.score(whole(on_the_diagonal(80))).has_value());
}

TEST(HalfSpaceTrees, NeedsNoScaling) {
  Model plain = trees(2);
  Model scaled = trees(2);
  int same = 0;
  for (std::uint64_t i = 0; i < 1500; ++i) {
    const std::array<double, 2> values = on_the_diagonal(i, i % 50 == 49 ? 25 : 0);
    const std::array<double, 2> others{values[0] * 0x1p-30, values[1] * 0x1p40};
    same += plain.score(whole(values)) == scaled.score(whole(others)) ? 1 : 0;
    plain.learn(whole(values));
    scaled.learn(whole(others));
  }

  EXPECT_EQ(same, 1500);
}

TEST(HalfSpaceTrees, GetsUsedToANewRangeAfterARefit) {
  Model model = trees(1);
  const auto learn_around = [&model](double centre, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t i = from; i < to; ++i) {
      const double value = centre + nearly_normal({.seed = 13, .count = i});
      model.learn(whole({&value, 1}));
    }
  };
  const double old_centre = 0;
  const double new_centre = 1000;
  learn_around(old_centre, 0, 2000);
  EXPECT_GT(*model.score(whole({&new_centre, 1})), *model.score(whole({&old_centre, 1})) + 2);

  learn_around(new_centre, 2000, 5000);

  EXPECT_LT(*model.score(whole({&new_centre, 1})), *model.score(whole({&old_centre, 1})) - 2);
}

TEST(HalfSpaceTrees, ForgetsBetweenRefitsWhatDoesNotComeBack) {
  Model model = trees(1, {{"refit_every", 100'000}});
  const double left = 0;
  const double right = 10;
  const auto learn_around = [&model](double centre, std::uint64_t count) {
    const double value = centre + nearly_normal({.seed = 15, .count = count});
    model.learn(whole({&value, 1}));
  };
  // The refit after 1,024 points is adopted after 1,280.
  for (std::uint64_t i = 0; i < 1280; ++i) learn_around(i % 2 == 0 ? left : right, i);
  const double before = *model.score(whole({&left, 1}));

  // Until the next one, after 4,096, ten windows halve what is left of left. Without that, its
  // share of all mass would still fall, and be worth 6 bits.
  for (std::uint64_t i = 1280; i < 3800; ++i) learn_around(right, i);

  EXPECT_GT(*model.score(whole({&left, 1})), before + 8);
}

TEST(HalfSpaceTrees, TellsWhichFeatureIsOdd) {
  Model model = trees(4);
  std::array<double, 4> values{};
  for (std::uint64_t i = 0; i < 1500; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      values[j] = nearly_normal({.seed = 14, .key = j, .count = i});
    }
    model.learn(whole(values));
  }
  std::array<double, 4> shares{};

  model.detector->explain(model.block.state(), whole(std::array{0.1, -0.2, 9.0, 0.3}), shares);

  EXPECT_GT(shares[2], 0.8);
}

TEST(HalfSpaceTrees, TakesAMissingFeatureForItsMedian) {
  Model model = trees(2);
  for (std::uint64_t i = 0; i < 1500; ++i) model.learn(whole(on_the_diagonal(i)));
  const std::array<double, 2> middle{50, 50};

  const double odd = *model.score({.values = std::array{-500.0, 50.0}, .present = 0b11});
  const double missing = *model.score({.values = std::array{-500.0, 50.0}, .present = 0b10});

  EXPECT_LT(missing, odd - 2);
  EXPECT_NEAR(missing, *model.score(whole(middle)), 1);
}

TEST(HalfSpaceTrees, FitsIntoAMegabyteByDefault) {
  EXPECT_LT(trees(1).block.state().size(), 1U << 20);
  EXPECT_LT(trees(kMaxDimensions).block.state().size(), 1U << 20);
}

}  // namespace
}  // namespace tocsin
