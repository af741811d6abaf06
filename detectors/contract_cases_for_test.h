// The cases in which the contracts of detectors are tested: every entry of the catalogue, in
// several sizes and at both ends of each parameter. A new detector is tested without being
// mentioned.

#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "detectors/catalog.h"
#include "detectors/counter_random.h"
#include "detectors/model_for_test.h"

namespace tocsin {

inline constexpr std::uint64_t kSeed = 20;
inline constexpr int kPoints = 1500;  // past every default warm-up, and past two refits

/// A detector, its dimensions and its settings.
struct Case {
  const DetectorKind* kind;
  int dimensions;
  std::string name;
  Settings settings;
  bool is_default;
};

// NOLINTNEXTLINE(readability-identifier-naming): GoogleTest looks for this name.
inline void PrintTo(const Case& tested, std::ostream* out) { *out << tested.name; }

/// All cases.
inline std::vector<Case> contract_cases() {
  std::vector<Case> all;
  for (const DetectorKind* kind : catalog()) {
    // Without a model of its own there is none to test.
    if (kind->needs_forecast) continue;
    const std::string name(kind->name);
    const Settings fallbacks(kind->parameters);
    for (const int dimensions : {1, 2, 7, kMaxDimensions}) {
      all.push_back({kind, dimensions, name + "_" + std::to_string(dimensions), fallbacks, true});
    }
    for (const Parameter& parameter : kind->parameters) {
      const std::string prefix = name + "_" + std::string(parameter.name);
      Settings settings = fallbacks;
      settings.set(parameter.name, parameter.min);
      all.push_back({kind, 2, prefix + "_min", settings, false});
      settings.set(parameter.name, parameter.max);
      all.push_back({kind, 2, prefix + "_max", settings, false});
    }
  }
  return all;
}

/// Values of normal points: feature i lies around 10 i, with a standard deviation of 1.
class Stream {
 public:
  explicit Stream(int dimensions, std::uint64_t seed = kSeed)
      : seed_(seed), values_(static_cast<std::size_t>(dimensions)) {}

  /// Valid until the next call.
  Point next() {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      values_[i] =
          10.0 * static_cast<double>(i) + nearly_normal({.seed = seed_, .key = i, .count = count_});
    }
    ++count_;
    return whole(values_);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
  std::vector<double> values_;
};

/// A detector of the case.
inline std::shared_ptr<const Detector> make_detector(const Case& tested,
                                                     std::uint64_t seed = kSeed) {
  Result<std::unique_ptr<Detector>> made =
      tested.kind->make(tested.settings, tested.dimensions, seed);
  EXPECT_TRUE(made.has_value());
  return std::move(*made);
}

}  // namespace tocsin
