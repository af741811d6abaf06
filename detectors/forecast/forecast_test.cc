#include "detectors/forecast/forecast.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <utility>

#include "detectors/model_for_test.h"

namespace tocsin {
namespace {

Model forecast(double direction = 0) {
  Settings settings(kForecast.parameters);
  settings.set("direction", direction);
  return Model(std::move(*kForecast.make(settings, 1, 1)));
}

std::optional<double> score(const Model& model, double value, const Forecast& made) {
  const std::array forecasts{made};
  Point point = whole({&value, 1});
  point.forecasts = forecasts;
  return model.score(point);
}

constexpr double kEnd = 2.5758293035489004;
/// Expected is 100; below it one standard deviation is 1, above it 5.
constexpr Forecast kSkewed{
    .expected = 100, .scale = 2, .lower = 100 - kEnd, .upper = 100 + 5 * kEnd};

TEST(ForecastDetector, HasStandardDeviationsOfTheSide) {
  const Model model = forecast();

  EXPECT_NEAR(*score(model, 97, kSkewed), 3, 1e-9);
  EXPECT_NEAR(*score(model, 115, kSkewed), 3, 1e-9);
  EXPECT_EQ(*score(model, 100, kSkewed), 0);
}

TEST(ForecastDetector, HasNoScoreWithoutAForecast) {
  const double value = 3;

  EXPECT_FALSE(forecast().score(whole({&value, 1})));
  EXPECT_FALSE(score(forecast(), 3, {}));
}

TEST(ForecastDetector, LooksOneWayWhenToldTo) {
  EXPECT_EQ(*score(forecast(1), 90, kSkewed), 0);
  EXPECT_GT(*score(forecast(2), 90, kSkewed), 5);
}

TEST(ForecastDetector, StaysFiniteWhereAnIntervalHasNoWidth) {
  const Forecast flat{.expected = 0, .scale = 1e-300, .lower = 0, .upper = 0};

  EXPECT_LE(*score(forecast(), 1e300, flat), 1e300);
}

}  // namespace
}  // namespace tocsin
