// Kinds of data whose true model is known.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
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

/// How probable a value at most, and one at least as large was.
struct Tails {
  double at_most = 1;
  double at_least = 1;
};

/// One clean series: value after value, five minutes apart.
class Series {
 public:
  virtual ~Series() = default;
  virtual double next() = 0;
  /// Of a value that is seen where `next()` has just given one, by the true model and all that was
  /// seen before; what has not been seen of it, it does not know.
  virtual Tails tails(double seen) = 0;
  /// What is recorded where something else brings the value here.
  virtual double recorded(double value) const { return value; }
  /// Roughly a deviation: by it errors of different series can be compared.
  virtual double scale() const = 0;
};

/// A series of an entity: its level, its size, and a chance of its own.
template <class Kind>
class Placed : public Kind {
 public:
  explicit Placed(std::uint64_t seed)
      : chance(seed), level(100 * chance.normal()), size(std::exp(1.5 * chance.normal())) {}
  double scale() const override { return size; }

 protected:
  double placed(double standard) const { return level + size * standard; }
  double standard(double value) const { return (value - level) / size; }

  Chance chance;
  double level;
  double size;
};

/// Of the standard normal distribution.
Tails normal_tails(double deviate);

/// A daily cycle of three deviations.
double daily_cycle(double days);

/// A kind of data. Entities of a kind differ in level, scale and phase.
struct Family {
  std::string_view name;
  bool has_atoms = false;  ///< Equal values occur: a rate may only be too low.
  bool is_set_aside = false;
  std::unique_ptr<Series> (*make)(std::uint64_t seed) = nullptr;
  bool is_positive = false;  ///< Nothing is below zero.
};

/// Milliseconds from value to value.
inline constexpr std::int64_t kStepMs = 300'000;

/// Those on which choices are made, and then those that are set aside until the end.
const std::vector<Family>& families();
/// The one of that name; without a name, all of either part.
inline std::vector<Family> families(std::string_view name, bool set_aside) {
  std::vector<Family> wanted;
  std::ranges::copy_if(families(), std::back_inserter(wanted), [&](const Family& family) {
    return name.empty() ? family.is_set_aside == set_aside : family.name == name;
  });
  return wanted;
}

/// What several features of one event are of, in turn; the first is the one to inject into.
const std::vector<Family>& mixed_families();

}  // namespace tocsin::bench
