#include "detectors/new_value/new_value.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <span>

#include "detectors/elementary.h"
#include "detectors/feature_by_feature.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 2> kParameters{{
    {.name = "bin_width",
     .fallback = 0.5,
     .min = 0.01,
     .max = 100,
     .help = "In mean deviations. Higher takes more values for known: fewer alarms."},
    {.name = "memory_points",
     .fallback = 20000,
     .min = 128,
     .max = 1'000'000'000,
     .integer = true,
     .help = "Higher remembers longer what was seen: fewer alarms about what comes back."},
}};

constexpr int kBins = 256;
constexpr int kMiddle = kBins / 2;
/// Bins of equal width on each side of the middle; beyond, each is wider than the one before.
constexpr double kEqualBins = 64;
constexpr double kGrowingBins = 20;  // to the e-fold
constexpr std::uint32_t kWarmUp = 100;
/// At these counts the bins are laid anew. The first points are kept as they are until the first.
constexpr std::uint32_t kKept = 16;
constexpr std::array<std::uint32_t, 3> kLaidAt{kKept, 50, kWarmUp};
constexpr double kRounding = 1e-9;

using Bits = std::array<std::uint64_t, kBins / 64>;

/// What is known of one feature.
struct Feature {
  double center;
  double width;         // of a bin; > 0 once they are laid
  double mean;          // of the points up to the end of the warm-up
  double deviation;     // mean distance from the mean
  std::uint32_t count;  // points seen, at most the largest number
  std::uint32_t age;    // points since `recent` was begun
  Bits recent, before;  // visited; while count < kKept both hold the points themselves, as floats
};
static_assert(sizeof(Feature) == 104);
static_assert(2 * sizeof(Bits) == kKept * sizeof(float));

double bins_from_middle(double distance) {
  return distance <= kEqualBins ? distance
                                : kEqualBins + kGrowingBins * natural_log(distance / kEqualBins);
}

/// The inverse, for the edges of bins.
double distance_of(double bins) {
  return bins <= kEqualBins ? bins : kEqualBins * natural_exp((bins - kEqualBins) / kGrowingBins);
}

int bin_of(const Feature& feature, double value) {
  const double distance = (value / 2 - feature.center / 2) / (feature.width / 2);
  const double bins = bins_from_middle(std::fabs(distance));
  const double place = std::floor(distance < 0 ? kMiddle - bins : kMiddle + bins);
  return static_cast<int>(std::clamp(place, 0.0, kBins - 1.0));
}

/// The value at the lower edge of a bin.
double edge_of(const Feature& feature, int bin) {
  const double distance = distance_of(std::abs(bin - kMiddle)) * feature.width;
  return clamp_value(bin < kMiddle ? feature.center - distance : feature.center + distance);
}

bool is_set(const Bits& bits, int bin) {
  return (bits[static_cast<std::size_t>(bin) / 64] >> (bin % 64) & 1U) != 0;
}
void set(Bits& bits, int bin) {
  bits[static_cast<std::size_t>(bin) / 64] |= std::uint64_t{1} << (bin % 64);
}
bool is_visited(const Feature& feature, int bin) {
  return bin >= 0 && bin < kBins && (is_set(feature.recent, bin) || is_set(feature.before, bin));
}

/// Bins between this one and the nearest visited one, which counts as one: 0 where it is visited.
int gap(const Feature& feature, int bin) {
  for (int away = 0; away < kBins; ++away) {
    if (is_visited(feature, bin - away) || is_visited(feature, bin + away)) return away;
  }
  return 0;
}

class NewValue {
 public:
  using Feature = tocsin::Feature;

  explicit NewValue(const Settings& settings)
      : bin_width_(settings["bin_width"]),
        memory_points_(static_cast<std::uint32_t>(settings["memory_points"])) {}

  static bool is_warm(const Feature& feature) { return feature.count >= kWarmUp; }

  static double score(const Feature& feature, double value) {
    const int between = gap(feature, bin_of(feature, value)) - 1;
    return between > 0 ? (power(1 + 3 * static_cast<double>(between), 0.3) - 1) / 3 : 0;
  }

  void learn(Feature& feature, double value, double /*weight*/) const {
    if (feature.count < kWarmUp) estimate(feature, value);
    if (feature.count < kKept) {
      keep(feature, value);
    } else {
      set(feature.recent, bin_of(feature, value));
    }
    if (feature.count < std::numeric_limits<std::uint32_t>::max()) ++feature.count;
    if (std::find(kLaidAt.begin(), kLaidAt.end(), feature.count) != kLaidAt.end()) lay(feature);
    if (++feature.age < memory_points_) return;
    feature.age = 0;
    if (feature.count < kWarmUp) return;
    feature.before = feature.recent;
    feature.recent = {};
  }

 private:
  static void estimate(Feature& feature, double value) {
    const double share = 1.0 / (feature.count + 1.0);
    feature.mean += share * value - share * feature.mean;
    const double distance = std::fabs(value / 2 - feature.mean / 2);
    feature.deviation =
        std::min(feature.deviation + share * (2 * distance - feature.deviation), kLargestValue);
  }

  static void keep(Feature& feature, double value) {
    auto points = std::bit_cast<std::array<float, kKept>>(
        std::array<Bits, 2>{feature.recent, feature.before});
    constexpr double kFloat = std::numeric_limits<float>::max();
    points[feature.count] = static_cast<float>(std::clamp(value, -kFloat, kFloat));
    const auto bits = std::bit_cast<std::array<Bits, 2>>(points);
    feature.recent = bits[0];
    feature.before = bits[1];
  }

  /// Lays the bins by what is known now, and carries the visits over.
  void lay(Feature& feature) const {
    const Feature old = feature;
    feature.center = feature.mean;
    const double least = kRounding * std::fabs(feature.mean) + std::numeric_limits<double>::min();
    feature.width = std::min(std::max(bin_width_ * feature.deviation, least), kLargestValue);
    feature.recent = feature.before = {};
    if (feature.count == kKept) {
      const auto points =
          std::bit_cast<std::array<float, kKept>>(std::array<Bits, 2>{old.recent, old.before});
      for (const float point : points) set(feature.recent, bin_of(feature, point));
      return;
    }
    for (int bin = 0; bin < kBins; ++bin) {
      if (!is_visited(old, bin)) continue;
      const int first = bin_of(feature, edge_of(old, bin));
      const int last = std::max(first, bin_of(feature, edge_of(old, bin + 1)) - 1);
      for (int each = first; each <= last; ++each) set(feature.recent, each);
    }
  }

  double bin_width_;             // in mean deviations
  std::uint32_t memory_points_;  // after so many, what was visited before the last so many goes
};

}  // namespace

constinit const DetectorKind kNewValue{
    .name = "new_value",
    .summary = "How far a value lies from every value seen before, gaps inside the range included.",
    .blind_to = "the order of values, and any value that was seen once",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "new_value",
    .kind_below = "new_value",
    .version = 1,
    .make = make_by_feature<NewValue>,
    .scores_breaches = true,
    .learns_everything = true,
    .feature_by_feature = true,
};

}  // namespace tocsin
