// What every detector promises.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include "detectors/contract_cases_for_test.h"

namespace tocsin {
namespace {

class DetectorContract : public testing::TestWithParam<Case> {
 protected:
  static std::shared_ptr<const Detector> make(std::uint64_t seed = kSeed) {
    return make_detector(GetParam(), seed);
  }

  /// Trained, and then shown the point as often as the detector needs to be sure but for once.
  static Model led_to(const Point& point) {
    Model model = trained(make());
    for (int i = 1; i < GetParam().kind->points_to_judge; ++i) model.learn(point);
    return model;
  }
  static Model trained(std::shared_ptr<const Detector> detector, int points = kPoints) {
    Model model(std::move(detector));
    Stream stream(GetParam().dimensions);
    for (int i = 0; i < points; ++i) model.learn(stream.next());
    return model;
  }

  static std::vector<double> same_everywhere(double value) {
    return std::vector<double>(static_cast<std::size_t>(GetParam().dimensions), value);
  }

  /// The usual values, all moved by `distance`.
  static std::vector<double> moved(double distance) {
    std::vector<double> values = same_everywhere(distance);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += 10.0 * static_cast<double>(i);
    return values;
  }

  static double highest_share_error(const Model& model, const Point& point) {
    std::vector<double> shares = same_everywhere(-1);
    model.detector->explain(model.block.state(), point, shares);
    for (const double share : shares) EXPECT_GE(share, 0);
    return std::fabs(std::accumulate(shares.begin(), shares.end(), 0.0) - 1);
  }
};

TEST_P(DetectorContract, HasABlockOfAFixedSizeInWords) {
  const auto detector = make();

  EXPECT_GT(detector->state_bytes(), 0U);
  EXPECT_EQ(detector->state_bytes() % 8, 0U);
  EXPECT_EQ(detector->state_bytes(), make(kSeed + 1)->state_bytes());
  EXPECT_EQ(detector->dimensions(), GetParam().dimensions);
}

TEST_P(DetectorContract, StartWritesEveryByte) {
  const auto detector = make();
  Block zeros(detector->state_bytes(), std::byte{0});
  Block ones(detector->state_bytes(), std::byte{0xff});

  detector->start(zeros.state());
  detector->start(ones.state());

  EXPECT_TRUE(zeros == ones);
}

TEST_P(DetectorContract, HasNoScoreBeforeItHasLearned) {
  const Model model(make());
  Stream stream(GetParam().dimensions);

  EXPECT_FALSE(model.score(stream.next()).has_value());
  EXPECT_FALSE(model.detector->expectation(model.block.state(), 0).has_value());
}

TEST_P(DetectorContract, HasAScoreAfterManyPointsByDefault) {
  const Model model = trained(make());
  Stream stream(GetParam().dimensions);

  EXPECT_EQ(model.score(stream.next()).has_value() || !GetParam().is_default, true);
}

TEST_P(DetectorContract, ScoringDoesNotTeach) {
  const Model model = trained(make());
  const Block before = model.block;
  const std::vector<double> far = moved(1e6);
  std::vector<double> shares = same_everywhere(0);

  const std::optional<double> first = model.score(whole(far));
  model.detector->explain(model.block.state(), whole(far), shares);
  (void)model.detector->expectation(model.block.state(), 0);

  EXPECT_TRUE(model.block == before);
  EXPECT_EQ(model.score(whole(far)), first);
}

TEST_P(DetectorContract, CopyingTheBytesCopiesTheModel) {
  Model original = trained(make(), 700);
  Model copy(make());  // another detector object, another address
  copy.block = original.block;
  Stream stream(GetParam().dimensions, kSeed + 1);

  for (int i = 0; i < 700; ++i) {
    const Point point = stream.next();
    ASSERT_EQ(original.score(point), copy.score(point)) << "point " << i;
    original.learn(point, 0.5);
    copy.learn(point, 0.5);
  }

  EXPECT_TRUE(original.block == copy.block);
}

TEST_P(DetectorContract, ScoresThePointByItsStrangestFeatureWhereItGoesByFeature) {
  const Model model = trained(make());
  const int dimensions = GetParam().dimensions;
  std::vector<double> scores = same_everywhere(-1);
  for (const double distance : {0.0, 3.0, 1e6}) {
    const std::vector<double> values = moved(distance);
    Point point = whole(values);
    if (dimensions > 1) point.present &= ~std::uint64_t{1};

    const std::uint64_t scored = model.detector->score_each(model.block.state(), point, scores);

    if (!GetParam().kind->feature_by_feature) {
      EXPECT_EQ(scored, 0U);
      continue;
    }
    std::optional<double> largest;
    for (int i = 0; i < dimensions; ++i) {
      const double score = scores[static_cast<std::size_t>(i)];
      if ((scored >> i & 1U) == 0) continue;
      EXPECT_TRUE(point.has(i));
      EXPECT_GE(score, 0);
      largest = std::max(largest.value_or(0), score);
    }
    EXPECT_EQ(model.score(point), largest);
  }
}

TEST_P(DetectorContract, RefusesWhatIsNotFinite) {
  Model model = trained(make());
  const Block before = model.block;
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()}) {
    std::vector<double> values = moved(0);
    values.back() = bad;

    EXPECT_FALSE(model.score(whole(values)).has_value());
    model.learn(whole(values));

    EXPECT_TRUE(model.block == before);
    EXPECT_LT(highest_share_error(model, whole(values)), 1e-12);
  }
}

TEST_P(DetectorContract, RefusesOtherDimensions) {
  Model model = trained(make());
  const Block before = model.block;
  const std::vector<double> many(static_cast<std::size_t>(GetParam().dimensions) + 1, 0.0);
  const Point longer{.values = many, .present = 1};
  const Point shorter{.values = std::span(many).first(many.size() - 2), .present = 0};

  EXPECT_FALSE(model.score(longer).has_value());
  EXPECT_FALSE(model.score(shorter).has_value());
  model.learn(longer);
  model.learn(shorter);

  EXPECT_TRUE(model.block == before);
}

TEST_P(DetectorContract, ToleratesMissingFeatures) {
  Model model(make());
  Stream stream(GetParam().dimensions);

  for (int i = 0; i < kPoints; ++i) {
    Point point = stream.next();
    point.present &= random_bits({.seed = 4, .count = static_cast<std::uint64_t>(i)});
    const std::optional<double> score = model.score(point);
    if (score) {
      ASSERT_TRUE(std::isfinite(*score)) << "point " << i;
    }
    model.learn(point);
    if (i % 100 == 0) {
      ASSERT_LT(highest_share_error(model, point), 1e-12);
    }
  }

  Point nothing = stream.next();
  nothing.present = 0;
  (void)model.score(nothing);
  model.learn(nothing);
  EXPECT_LT(highest_share_error(model, nothing), 1e-12);
}

TEST_P(DetectorContract, DoesNotReadWhatIsMissing) {
  Model one = trained(make());
  Model two = one;
  std::vector<double> values = moved(0);
  std::vector<double> others = values;
  others.front() = std::numeric_limits<double>::quiet_NaN();
  Point point = whole(values);
  Point other = whole(others);
  point.present = other.present = point.present & ~std::uint64_t{1};

  EXPECT_EQ(one.score(point), two.score(other));
  one.learn(point);
  two.learn(other);

  EXPECT_TRUE(one.block == two.block);
}

TEST_P(DetectorContract, SharesAreNotNegativeAndSumToOne) {
  const Model model = trained(make());
  std::vector<double> one_far = moved(0);
  one_far.back() += 1e6;

  EXPECT_LT(highest_share_error(model, whole(moved(0))), 1e-12);
  EXPECT_LT(highest_share_error(model, whole(moved(1e6))), 1e-12);
  EXPECT_LT(highest_share_error(model, whole(moved(-1e300))), 1e-12);
  EXPECT_LT(highest_share_error(model, whole(one_far)), 1e-12);
}

TEST_P(DetectorContract, BlamesTheFeatureThatIsFarOff) {
  const std::size_t last = static_cast<std::size_t>(GetParam().dimensions) - 1;
  std::vector<double> values = moved(0);
  std::vector<double> up = same_everywhere(0);
  std::vector<double> down = same_everywhere(0);

  values[last] += 1e6;
  Model model = led_to(whole(values));
  model.detector->explain(model.block.state(), whole(values), up);
  values[last] -= 2e6;
  model = led_to(whole(values));
  model.detector->explain(model.block.state(), whole(values), down);

  // A detector may have been told to look one way only.
  const double share = std::max(up[last], down[last]);
  if (model.score(whole(values)) && GetParam().is_default && GetParam().kind->minds_distance) {
    EXPECT_GT(share, 0.5);
  }
  if (GetParam().kind->minds_distance) {
    EXPECT_GE(share, 1.0 / GetParam().dimensions - 1e-12);
  }
}

TEST_P(DetectorContract, ScoresStayFiniteOnAConstantStream) {
  for (const double constant : {0.0, 5.0, -1e-300, 1e300}) {
    Model model(make());
    const std::vector<double> values = same_everywhere(constant);
    for (int i = 0; i < kPoints; ++i) {
      const std::optional<double> score = model.score(whole(values));
      if (score) {
        ASSERT_TRUE(std::isfinite(*score)) << constant;
      }
      model.learn(whole(values));
    }

    for (const double other : {1.0, -3.0, 1e300, -1e300, 1.7e308, -1.7e308, 5e-324}) {
      const std::vector<double> odd = same_everywhere(other);
      const std::optional<double> score = model.score(whole(odd));
      if (score) {
        EXPECT_TRUE(std::isfinite(*score)) << constant << ", then " << other;
      }
      EXPECT_LT(highest_share_error(model, whole(odd)), 1e-12);
    }
  }
}

TEST_P(DetectorContract, ScoresStayFiniteOnHugeAndTinyNumbers) {
  constexpr std::array kNumbers{1e300, -1e300, 0.0, 1e-300, -1e-300, 1.0, -1.7e308, 1.7e308};
  Model model(make());
  for (std::uint64_t i = 0; i < kPoints; ++i) {
    std::vector<double> values = same_everywhere(0);
    for (std::size_t j = 0; j < values.size(); ++j) {
      values[j] = kNumbers[random_bits({.seed = 6, .key = j, .count = i}) % kNumbers.size()];
    }

    const std::optional<double> score = model.score(whole(values));
    model.learn(whole(values));

    if (score) {
      ASSERT_TRUE(std::isfinite(*score)) << "point " << i;
    }
    const std::optional<Expectation> expected = model.detector->expectation(model.block.state(), 0);
    if (expected) {
      ASSERT_TRUE(std::isfinite(expected->expected));
      ASSERT_LE(expected->lower, expected->expected);
      ASSERT_GE(expected->upper, expected->expected);
    }
  }
}

TEST_P(DetectorContract, SameSeedSamePointsSameScores) {
  Model one(make());
  Model two(make());
  Stream stream(GetParam().dimensions);

  for (int i = 0; i < kPoints; ++i) {
    const Point point = stream.next();
    ASSERT_EQ(one.score(point), two.score(point));
    one.learn(point);
    two.learn(point);
  }

  EXPECT_TRUE(one.block == two.block);
}

TEST_P(DetectorContract, AFarPointScoresAboveANearOne) {
  const auto led = [&](double distance) {
    const std::vector<double> values = moved(distance);
    return led_to(whole(values)).score(whole(values));
  };
  const std::optional<double> near = led(0);
  const std::optional<double> above = led(1e3);
  const std::optional<double> below = led(-1e3);

  ASSERT_EQ(near.has_value(), above.has_value());
  ASSERT_EQ(near.has_value(), below.has_value());
  // A detector may have been told to look one way only.
  if (near && GetParam().kind->minds_distance) {
    EXPECT_GT(std::max(*above, *below), *near);
  }
}

TEST_P(DetectorContract, WeightZeroTeachesNothing) {
  Model model = trained(make());
  const Block before = model.block;

  for (int i = 0; i < 100; ++i) model.learn(whole(moved(1e3)), 0);

  EXPECT_TRUE(model.block == before);
}

TEST_P(DetectorContract, AnUnusualWeightIsNoTrap) {
  Model model(make());
  Stream stream(GetParam().dimensions);

  for (int i = 0; i < kPoints; ++i) {
    const Point point = stream.next();
    const std::optional<double> score = model.score(point);
    if (score) {
      ASSERT_TRUE(std::isfinite(*score)) << "point " << i;
    }
    model.learn(point, i % 3 == 0 ? 1e-310 : 1.0 / (1 + i % 17));
  }
}

INSTANTIATE_TEST_SUITE_P(Catalog, DetectorContract, testing::ValuesIn(contract_cases()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tocsin
