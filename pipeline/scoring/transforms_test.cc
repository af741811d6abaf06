#include "pipeline/scoring/transforms.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>

namespace tocsin {
namespace {

/// One feature with a chain of transforms, and one entity's memory.
class Chain {
 public:
  explicit Chain(std::vector<Transform> transforms, std::string field = "/v")
      : transforms_(settings(std::move(transforms), std::move(field))),
        memory_(transforms_.state_bytes()) {}

  std::optional<double> operator()(std::optional<double> value, std::int64_t time_ms = 0) {
    const double in = value.value_or(0);
    double out = -1;
    const std::uint64_t present = transforms_.apply(
        memory_, {.values = {&in, 1}, .present = value ? 1U : 0U, .time_ms = time_ms}, {&out, 1});
    if (present == 0) {
      EXPECT_EQ(out, 0);
      return std::nullopt;
    }
    return out;
  }
  void interrupt() { transforms_.interrupt(memory_); }
  const Transforms& transforms() const { return transforms_; }

 private:
  static StreamSettings settings(std::vector<Transform> transforms, std::string field) {
    StreamSettings stream;
    FeatureSettings feature;
    feature.name = "v";
    feature.field = std::move(field);
    feature.transforms = std::move(transforms);
    stream.features.push_back(feature);
    return stream;
  }

  Transforms transforms_;
  std::vector<std::byte> memory_;
};

TEST(Transforms, TakeTheLogarithmAndMissItBelowMinusOne) {
  Chain log1p({Transform::log1p});

  EXPECT_EQ(log1p(0), 0);
  EXPECT_NEAR(*log1p(std::exp(1.0) - 1), 1, 1e-15);
  EXPECT_EQ(log1p(-1), std::nullopt);
  EXPECT_EQ(log1p(-2), std::nullopt);
  EXPECT_EQ(log1p(std::nullopt), std::nullopt);
}

TEST(Transforms, DoNotSubtractOverAGapButGoOnWithRates) {
  Chain diff({Transform::abs, Transform::diff});
  Chain rate({Transform::rate});
  diff(5);
  rate(5, 1'000);

  diff.interrupt();
  rate.interrupt();

  EXPECT_EQ(diff(500), std::nullopt);
  EXPECT_EQ(diff(501), 1);
  EXPECT_EQ(rate(505, 101'000), 5);
}

TEST(Transforms, SubtractTheLastValue) {
  Chain diff({Transform::diff});

  EXPECT_EQ(diff(5), std::nullopt);
  EXPECT_EQ(diff(7), 2);
  EXPECT_EQ(diff(std::nullopt), std::nullopt);
  EXPECT_EQ(diff(4), -3);
  EXPECT_EQ(diff.transforms().state_bytes(), 16U);
}

TEST(Transforms, CallADifferenceMissingWhereItIsBeyondADouble) {
  Chain diff({Transform::diff});
  constexpr double kHuge = std::numeric_limits<double>::max();

  EXPECT_EQ(diff(-kHuge), std::nullopt);
  EXPECT_EQ(diff(kHuge), std::nullopt);
  EXPECT_EQ(diff(kHuge), 0);
}

TEST(Transforms, DivideTheRateBySecondsOfEventTime) {
  Chain rate({Transform::rate});

  EXPECT_EQ(rate(100, 10'000), std::nullopt);
  EXPECT_EQ(rate(150, 12'000), 25);
  EXPECT_EQ(rate(151, 12'500), 2);
  EXPECT_EQ(rate.transforms().state_bytes(), 24U);
}

TEST(Transforms, HaveNoRateWhereTimeStandsOrACounterBeganAnew) {
  Chain rate({Transform::rate});
  rate(100, 10'000);

  EXPECT_EQ(rate(120, 10'000), std::nullopt) << "time stands: the value is not taken over";
  EXPECT_EQ(rate(500, 9'000), std::nullopt) << "time runs back";
  EXPECT_EQ(rate(110, 11'000), 10);
  EXPECT_EQ(rate(5, 12'000), std::nullopt) << "the counter fell";
  EXPECT_EQ(rate(8, 13'000), 3) << "and counts on from there";
}

TEST(Transforms, TellTheHourOfTheEventAndOfEpochsOfAnyUnit) {
  Chain event_hour({Transform::hour_of_day}, "");
  Chain field_hour({Transform::hour_of_day});
  constexpr double kSeconds = 1'751'000'400;  // 2025-06-27 05:00:00 UTC

  EXPECT_EQ(event_hour(std::nullopt, 1'751'000'400'000), 5);
  EXPECT_EQ(event_hour(std::nullopt, 1'751'002'200'000), 5.5);
  EXPECT_EQ(event_hour(std::nullopt, -3'600'000), 23);
  for (const double unit : {1.0, 1e3, 1e6, 1e9}) EXPECT_EQ(field_hour(kSeconds * unit), 5) << unit;
  EXPECT_EQ(field_hour(1e30), std::nullopt);
}

TEST(Transforms, ApplyInTheOrderGiven) {
  Chain chain({Transform::diff, Transform::abs, Transform::log1p});

  EXPECT_EQ(chain(10), std::nullopt);
  EXPECT_EQ(chain(10), 0);
  EXPECT_NEAR(*chain(9), std::log(2), 1e-15);
}

TEST(Transforms, LeadBackOnlyFromLogarithms) {
  const Chain plain({});
  const Chain twice({Transform::log1p, Transform::log1p});
  const Chain diff({Transform::diff, Transform::log1p});

  EXPECT_TRUE(plain.transforms().is_identity());
  EXPECT_EQ(plain.transforms().shown(0, 3), 3);
  EXPECT_TRUE(twice.transforms().is_invertible(0));
  EXPECT_NEAR(twice.transforms().shown(0, std::log1p(std::log1p(7.0))), 7, 1e-13);
  EXPECT_FALSE(diff.transforms().is_invertible(0));
  EXPECT_EQ(diff.transforms().shown(0, 3), 3);
}

}  // namespace
}  // namespace tocsin
