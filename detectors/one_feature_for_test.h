// A detector of one feature, for tests that feed it values one by one.

#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "detectors/model_for_test.h"

namespace tocsin {

/// What a detector of one feature has learned, with some settings changed.
class OneFeature {
 public:
  explicit OneFeature(const DetectorKind& kind,
                      std::initializer_list<std::pair<std::string_view, double>> changes = {})
      : model_(built(kind, changes)) {}

  std::optional<double> score(double value) const { return model_.score(whole({&value, 1})); }

  void learn(double value, double weight = 1) { model_.learn(whole({&value, 1}), weight); }

  /// The score of a value, 0 where there is none yet; then learns it.
  double next(double value, double weight = 1) {
    const double found = score(value).value_or(0);
    learn(value, weight);
    return found;
  }

  /// The highest score of `count` values, each scored and then learned: `value_at(i)`, from i =
  /// `first` on.
  template <class ValueAt>
  double highest(std::uint64_t first, std::uint64_t count, const ValueAt& value_at) {
    double found = 0;
    for (std::uint64_t i = first; i < first + count; ++i)
      found = std::max(found, next(value_at(i)));
    return found;
  }

  std::size_t bytes() const { return model_.block.state().size(); }
  std::optional<Expectation> expectation() const {
    return model_.detector->expectation(model_.block.state(), 0);
  }

 private:
  static Model built(const DetectorKind& kind,
                     std::initializer_list<std::pair<std::string_view, double>> changes) {
    Settings settings(kind.parameters);
    for (const auto& [name, value] : changes) settings.set(name, value);
    return Model(std::move(*kind.make(settings, 1, 1)));
  }

  Model model_;
};

/// Nearly normal, mean 0 and standard deviation 1; another series for each `series`.
inline double noise(std::uint64_t i, std::uint64_t series = 0) {
  return nearly_normal({.seed = 8, .key = series, .count = i});
}

/// The share of `points` scores above `limit`, over `series` series of white noise.
template <class MakeOne>
double share_above(double limit, std::uint64_t series, std::uint64_t points, const MakeOne& make) {
  std::uint64_t above = 0;
  for (std::uint64_t which = 0; which < series; ++which) {
    OneFeature one = make();
    for (std::uint64_t i = 0; i < points; ++i) above += one.next(noise(i, which)) > limit ? 1U : 0U;
  }
  return static_cast<double>(above) / static_cast<double>(series * points);
}

}  // namespace tocsin
