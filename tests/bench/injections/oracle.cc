#include "tests/bench/injections/oracle.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace tocsin::bench {

namespace {

constexpr double kFarthest = 30;

/// The deviate that is exceeded with a probability of at most .5 (Abramowitz and Stegun, 26.2.23).
double deviate_of(double probability) {
  const double t = std::sqrt(-2 * std::log(std::max(probability, 1e-190)));
  return t - (2.515517 + t * (.802853 + t * .010328)) /
                 (1 + t * (1.432788 + t * (.189269 + t * .001308)));
}

/// Of a value with its equals half below and half above it.
double deviate_of(const Tails& tails) {
  const double above = (tails.at_least + 1 - tails.at_most) / 2;
  const double below = (tails.at_most + 1 - tails.at_least) / 2;
  // The smaller one is the more exact where it stands for itself.
  if (tails.at_least < tails.at_most) {
    return std::min(kFarthest, deviate_of(std::min(.5, std::min(above, tails.at_least))));
  }
  return -std::min(kFarthest, deviate_of(std::min(.5, std::min(below, tails.at_most))));
}

class ValueOracle final : public Oracle {
 public:
  double judge(const Tails& tails) override {
    return -std::log10(std::max(1e-300, std::min(tails.at_most, tails.at_least)));
  }
};

/// Sums of the last 2^i numbers.
class Sums {
 public:
  static constexpr std::size_t kSpans = 8;

  void add(double number) {
    last_[count_ % kRoom] = number;
    ++count_;
    for (std::size_t i = 0; i < kSpans; ++i) {
      const std::size_t span = std::size_t{1} << i;
      sums_[i] += number - (count_ > span ? last_[(count_ - 1 - span) % kRoom] : 0);
    }
  }
  bool has(std::size_t i) const { return count_ >= (std::size_t{1} << i); }
  double sum(std::size_t i) const { return sums_[i]; }

 private:
  static constexpr std::size_t kRoom = 256;

  std::array<double, kRoom> last_{};
  std::array<double, kSpans> sums_{};
  std::size_t count_ = 0;
};

class LevelOracle final : public Oracle {
 public:
  double judge(const Tails& tails) override {
    sums_.add(deviate_of(tails));
    double largest = 0;
    for (std::size_t i = 0; i < Sums::kSpans && sums_.has(i); ++i) {
      largest = std::max(largest, std::abs(sums_.sum(i)) / std::sqrt(std::exp2(i)));
    }
    return largest;
  }

 private:
  Sums sums_;
};

class SpreadOracle final : public Oracle {
 public:
  double judge(const Tails& tails) override {
    const double deviate = deviate_of(tails);
    sums_.add(deviate * deviate);
    double largest = 0;
    for (std::size_t i = 2; i < Sums::kSpans && sums_.has(i); ++i) {
      const double share = 2 / (9 * std::exp2(i));
      const double normal =
          (std::cbrt(std::max(0.0, sums_.sum(i)) / std::exp2(i)) - (1 - share)) / std::sqrt(share);
      largest = std::max(largest, normal);
    }
    return largest;
  }

 private:
  Sums sums_;
};

}  // namespace

std::unique_ptr<Oracle> make_value_oracle() { return std::make_unique<ValueOracle>(); }
std::unique_ptr<Oracle> make_level_oracle() { return std::make_unique<LevelOracle>(); }
std::unique_ptr<Oracle> make_spread_oracle() { return std::make_unique<SpreadOracle>(); }

}  // namespace tocsin::bench
