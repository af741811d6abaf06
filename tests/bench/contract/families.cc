#include "tests/bench/contract/families.h"

#include <algorithm>
#include <cmath>
#include <deque>

namespace tocsin::bench {

namespace {

constexpr double kTwoPi = 6.283185307179586;
constexpr int kDay = 288;  // values

class Gaussian final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override { return placed(chance.normal()); }
};

class Lognormal final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override { return size * std::exp(.7 * chance.normal()); }
};

/// Student's t with three degrees of freedom.
class HeavyTailed final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    double squares = 0;
    for (int i = 0; i < 3; ++i) {
      const double each = chance.normal();
      squares += each * each;
    }
    return placed(chance.normal() / std::sqrt(squares / 3));
  }
};

class Counts final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override { return static_cast<double>(chance.poisson(mean_)); }
  double scale() const override { return std::sqrt(mean_); }

 private:
  double mean_ = std::exp(1.5 + 1.5 * chance.normal());
};

class ZeroInflated final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    return chance.uniform() < .8 ? 0 : size * std::exp(.7 * chance.normal());
  }
};

class TwoValued final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override { return chance.uniform() < share_ ? 1 : 0; }
  double scale() const override { return 1; }

 private:
  double share_ = .02 + .4 * chance.uniform();
};

template <int Percent>
class Autoregressive final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    constexpr double kKept = Percent / 100.0;
    last_ = kKept * last_ + std::sqrt(1 - kKept * kKept) * chance.normal();
    return placed(last_);
  }

 private:
  double last_ = chance.normal();
};

/// A daily cycle, by the hour of an entity's own day.
class Daily : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override { return placed(profile() + chance.normal()); }

 protected:
  double profile() { return daily_cycle(static_cast<double>(count_++ % kDay) / kDay + phase_); }
  bool is_weekend() const { return count_ / kDay % 7 >= 5; }

 private:
  std::uint64_t count_ = 0;
  double phase_ = chance.uniform();
};

class Weekly final : public Daily {
 public:
  using Daily::Daily;
  double next() override {
    const double share = is_weekend() ? .3 : 1;
    return placed(share * profile() + chance.normal());
  }
};

class Drifting final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    drift_ += slope_;
    return placed(drift_ + chance.normal());
  }

 private:
  double drift_ = 0;
  double slope_ = .01 * (2 * chance.uniform() - 1);
};

// Set aside until the end.

class Garch final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    variance_ = .05 + .1 * last_ * last_ + .85 * variance_;
    last_ = std::sqrt(variance_) * chance.normal();
    return placed(last_);
  }

 private:
  double variance_ = 1;
  double last_ = 0;
};

class Regimes final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    if (chance.uniform() < 1.0 / 200) is_high_ = !is_high_;
    return placed((is_high_ ? 6 : 0) + chance.normal());
  }

 private:
  bool is_high_ = false;
};

/// Counts that excite one another.
class Hawkes final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    const auto count = static_cast<double>(chance.poisson(base_ + excited_));
    excited_ = .6 * excited_ + .25 * count;
    return count;
  }
  double scale() const override { return std::sqrt(base_); }

 private:
  double base_ = 1 + 9 * chance.uniform();
  double excited_ = 0;
};

/// Waiting times of one server: W' = max(0, W + S - A).
class Queue final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    const double service = -std::log(chance.uniform()) * load_;
    const double arrival = -std::log(chance.uniform());
    wait_ = std::max(0.0, wait_ + service - arrival);
    return size * (wait_ + service);
  }

 private:
  double load_ = .5 + .35 * chance.uniform();
  double wait_ = 0;
};

/// A sensor with few steps that does not go beyond its limits.
class Quantised final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    last_ = .9 * last_ + .436 * chance.normal();
    return placed(std::clamp(std::round(4 * last_) / 4, -2.0, 2.0));
  }

 private:
  double last_ = 0;
};

template <class Kind>
std::unique_ptr<Series> make(std::uint64_t seed) {
  return std::make_unique<Kind>(seed);
}

}  // namespace

std::uint64_t Chance::bits() {
  std::uint64_t x = state_ += 0x9E3779B97F4A7C15ULL;
  x = (x ^ x >> 30U) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ x >> 27U) * 0x94D049BB133111EBULL;
  return x ^ x >> 31U;
}

double Chance::uniform() { return (static_cast<double>(bits() >> 11U) + .5) * 0x1p-53; }

double Chance::normal() {
  const double radius = std::sqrt(-2 * std::log(uniform()));
  return radius * std::cos(kTwoPi * uniform());
}

std::uint64_t Chance::poisson(double mean) {
  std::uint64_t count = 0;
  // In parts, so that exp does not vanish.
  for (; mean > 20; mean -= 20) count += poisson(20);
  double product = uniform();
  for (const double end = std::exp(-mean); product > end; product *= uniform()) ++count;
  return count;
}

double daily_cycle(double days) {
  const double angle = kTwoPi * days;
  return 3 * std::sin(angle) + std::sin(2 * angle);
}

const std::vector<Family>& families() {
  static const std::vector<Family> all{
      {"Gaussian", false, false, make<Gaussian>},
      {"lognormal", false, false, make<Lognormal>},
      {"t3", false, false, make<HeavyTailed>},
      {"Poisson", true, false, make<Counts>},
      {"zero-inflated", true, false, make<ZeroInflated>},
      {"two-valued", true, false, make<TwoValued>},
      {"AR .5", false, false, make<Autoregressive<50>>},
      {"AR .9", false, false, make<Autoregressive<90>>},
      {"AR .99", false, false, make<Autoregressive<99>>},
      {"daily", false, false, make<Daily>},
      {"weekly", false, false, make<Weekly>},
      {"slow drift", false, false, make<Drifting>},
      {"GARCH", false, true, make<Garch>},
      {"regimes", false, true, make<Regimes>},
      {"Hawkes counts", true, true, make<Hawkes>},
      {"queue", false, true, make<Queue>},
      {"quantised, clipped", true, true, make<Quantised>},
  };
  return all;
}

}  // namespace tocsin::bench
