// Kinds of data whose true model is known.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace tocsin::bench {

/// Reproducible uniform and normal numbers.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits();
  double uniform();  ///< In (0, 1).
  double normal();
  std::uint64_t poisson(double mean);

 private:
  std::uint64_t state_;
};

/// One clean series: value after value, five minutes apart.
class Series {
 public:
  virtual ~Series() = default;
  virtual double next() = 0;
};

/// A kind of data. Entities of a kind differ in level, scale and phase.
struct Family {
  std::string_view name;
  bool has_atoms = false;  ///< Equal values occur: a rate may only be too low.
  bool is_set_aside = false;
  std::unique_ptr<Series> (*make)(std::uint64_t seed) = nullptr;
};

/// Milliseconds from value to value.
inline constexpr std::int64_t kStepMs = 300'000;

/// Those on which choices are made, and then those that are set aside until the end.
const std::vector<Family>& families();

}  // namespace tocsin::bench
