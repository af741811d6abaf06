#include "tests/bench/contract/families.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tocsin::bench {

namespace {

constexpr double kPi = 3.141592653589793;
constexpr double kTwoPi = 2 * kPi;
constexpr int kDay = 288;  // values

/// Of exp(.7 z).
Tails lognormal_tails(double value) {
  return value > 0 ? normal_tails(std::log(value) / .7) : Tails{.at_most = 0, .at_least = 1};
}

Tails poisson_tails(double value, double mean) {
  const double lower = std::floor(value);
  const double upper = std::ceil(value);
  // From the value outwards, on the side that is not nearly all: sums of small terms.
  const auto term = [&](double k) {
    return k < 0 ? 0 : std::exp(k * std::log(mean) - mean - std::lgamma(k + 1));
  };
  double below = 0;
  double above = 0;
  if (value <= mean) {
    for (double k = lower; k >= 0 && term(k) > 1e-20; --k) below += term(k);
    above = 1 - below + (lower == upper ? term(lower) : 0);
  } else {
    for (double k = upper; term(k) > 1e-300 && term(k) > 1e-12 * above; ++k) above += term(k);
    below = 1 - above + (lower == upper ? term(upper) : 0);
  }
  return {.at_most = below, .at_least = above};
}

class Gaussian final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override { return placed(chance.normal()); }
  Tails tails(double seen) override { return normal_tails(standard(seen)); }
};

class Lognormal final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override { return size * std::exp(.7 * chance.normal()); }
  Tails tails(double seen) override { return lognormal_tails(seen / size); }
  double recorded(double value) const override { return std::max(0.0, value); }
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
  Tails tails(double seen) override {
    const double t = standard(seen) / std::sqrt(3.0);
    // Far out the difference below is all rounding.
    const auto beyond = [](double from) {
      const double exact = .5 - (std::atan(from) + from / (1 + from * from)) / kPi;
      return from > 1e3 ? 2 / (3 * kPi * from * from * from) : exact;
    };
    return {.at_most = beyond(-t), .at_least = beyond(t)};
  }
};

class Counts final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override { return static_cast<double>(chance.poisson(mean_)); }
  Tails tails(double seen) override { return poisson_tails(seen, mean_); }
  double recorded(double value) const override { return std::max(0.0, std::round(value)); }
  double scale() const override { return std::sqrt(mean_); }

 private:
  double mean_ = std::exp(1.5 + 1.5 * chance.normal());
};

/// Zero but for the rest of a hundred percent.
template <int Percent>
class ZeroInflated final : public Placed<Series> {
 public:
  using Placed::Placed;
  static constexpr double kZero = Percent / 100.0;
  double next() override {
    return chance.uniform() < kZero ? 0 : size * std::exp(.7 * chance.normal());
  }
  Tails tails(double seen) override {
    if (seen <= 0) return {.at_most = kZero, .at_least = 1};
    const Tails of = lognormal_tails(seen / size);
    return {.at_most = kZero + (1 - kZero) * of.at_most, .at_least = (1 - kZero) * of.at_least};
  }
  double recorded(double value) const override { return std::max(0.0, value); }
};

class TwoValued final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override { return chance.uniform() < share_ ? 1 : 0; }
  Tails tails(double seen) override {
    return seen < .5 ? Tails{.at_most = 1 - share_, .at_least = 1}
                     : Tails{.at_most = 1, .at_least = share_};
  }
  double scale() const override { return 1; }

 private:
  double share_ = .02 + .4 * chance.uniform();
};

/// A status: 200, and 500 in one of a hundred.
class Status final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override { return chance.uniform() < .99 ? 200 : 500; }
  Tails tails(double seen) override {
    return seen < 350 ? Tails{.at_most = .99, .at_least = 1} : Tails{.at_most = 1, .at_least = .01};
  }
};

template <int Percent>
class Autoregressive final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    last_ = kKept * last_ + noise_ * chance.normal();
    return placed(last_);
  }
  Tails tails(double seen) override {
    return normal_tails((standard(seen) - kKept * std::exchange(seen_, standard(seen))) / noise_);
  }

 private:
  static constexpr double kKept = Percent / 100.0;
  const double noise_ = std::sqrt(1 - kKept * kKept);

  double last_ = chance.normal();
  double seen_ = last_;
};

/// A daily cycle, by the hour of an entity's own day.
class Daily : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    expected_ = profile();
    return placed(expected_ + chance.normal());
  }
  Tails tails(double seen) final { return normal_tails(standard(seen) - expected_); }

 protected:
  double profile() { return daily_cycle(static_cast<double>(count_++ % kDay) / kDay + phase_); }
  bool is_weekend() const { return count_ / kDay % 7 >= 5; }

  double expected_ = 0;

 private:
  std::uint64_t count_ = 0;
  double phase_ = chance.uniform();
};

class Weekly final : public Daily {
 public:
  using Daily::Daily;
  double next() override {
    const double share = is_weekend() ? .3 : 1;
    expected_ = share * profile();
    return placed(expected_ + chance.normal());
  }
};

class Drifting final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    drift_ += slope_;
    return placed(drift_ + chance.normal());
  }
  Tails tails(double seen) override { return normal_tails(standard(seen) - drift_); }

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

  Tails tails(double seen) override {
    seen_variance_ = .05 + .1 * seen_ * seen_ + .85 * seen_variance_;
    seen_ = standard(seen);
    return normal_tails(seen_ / std::sqrt(seen_variance_));
  }

 private:
  double seen_variance_ = 1;
  double seen_ = 0;
  double variance_ = 1;
  double last_ = 0;
};

class Regimes final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    if (chance.uniform() < kChange) is_high_ = !is_high_;
    return placed((is_high_ ? kStep : 0) + chance.normal());
  }

  /// Which regime it is, is not seen, but inferred.
  Tails tails(double seen) override {
    const double high = is_high_likely_ * (1 - kChange) + (1 - is_high_likely_) * kChange;
    const double value = standard(seen);
    const Tails below = normal_tails(value);
    const Tails above = normal_tails(value - kStep);
    // The ratio of the two densities.
    const double odds = high / (1 - high) * std::exp(kStep * (value - kStep / 2));
    is_high_likely_ = std::isinf(odds) ? 1 : odds / (1 + odds);
    return {.at_most = (1 - high) * below.at_most + high * above.at_most,
            .at_least = (1 - high) * below.at_least + high * above.at_least};
  }

 private:
  static constexpr double kChange = 1.0 / 200;
  static constexpr double kStep = 6;

  double is_high_likely_ = 0;
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
  double recorded(double value) const override { return std::max(0.0, std::round(value)); }
  double scale() const override { return std::sqrt(base_); }

  Tails tails(double seen) override {
    const Tails tails = poisson_tails(seen, base_ + seen_excited_);
    seen_excited_ = .6 * seen_excited_ + .25 * seen;
    return tails;
  }

 private:
  double base_ = 1 + 9 * chance.uniform();
  double excited_ = 0;
  double seen_excited_ = 0;
};

/// Waiting times of one server: W' = max(0, W + S - A).
class Queue final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    const double service = -std::log(chance.uniform()) * load_;
    const double arrival = -std::log(chance.uniform());
    waited_ = wait_;
    wait_ = std::max(0.0, wait_ + service - arrival);
    return size * (wait_ + service);
  }
  /// As if the wait before could be seen: the integral over the service.
  Tails tails(double seen) override {
    const double x = std::max(0.0, seen / size);
    const double least = std::max(0.0, (x - waited_) / 2);  // Of a service, for a wait.
    const double rate = 1 / load_ + 2;
    const double no_wait = std::exp(x - waited_ - least * rate) - std::exp(x - waited_ - x * rate);
    const double at_least = std::exp(-least / load_) - no_wait / (1 + 2 * load_);
    return {.at_most = 1 - at_least, .at_least = at_least};
  }
  double recorded(double value) const override { return std::max(0.0, value); }

 private:
  double load_ = .5 + .35 * chance.uniform();
  double wait_ = 0;
  double waited_ = 0;
};

/// A sensor with few steps that does not go beyond its limits.
class Quantised final : public Placed<Series> {
 public:
  using Placed::Placed;
  double next() override {
    last_ = .9 * last_ + .436 * chance.normal();
    return recorded(placed(last_));
  }
  double recorded(double value) const override {
    return placed(std::clamp(std::round(4 * standard(value)) / 4, -kLimit, kLimit));
  }
  /// Nearly: what was within a step before is taken for its middle.
  Tails tails(double seen) override {
    const double value = standard(seen);
    const double expected = .9 * std::exchange(seen_, value);
    const auto beyond = [&](double edge) { return (edge - expected) / .44; };
    return {.at_most = value > kLimit - .1 ? 1 : normal_tails(beyond(value + .125)).at_most,
            .at_least = value < -kLimit + .1 ? 1 : normal_tails(beyond(value - .125)).at_least};
  }

 private:
  static constexpr double kLimit = 2;

  double last_ = 0;
  double seen_ = 0;
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

Tails normal_tails(double deviate) {
  return {.at_most = .5 * std::erfc(-deviate / std::sqrt(2.0)),
          .at_least = .5 * std::erfc(deviate / std::sqrt(2.0))};
}

double daily_cycle(double days) {
  const double angle = kTwoPi * days;
  return 3 * std::sin(angle) + std::sin(2 * angle);
}

const std::vector<Family>& families() {
  static const std::vector<Family> all{
      {"Gaussian", false, false, make<Gaussian>},
      {"lognormal", false, false, make<Lognormal>, true},
      {"t3", false, false, make<HeavyTailed>},
      {"Poisson", true, false, make<Counts>, true},
      {"zero-inflated", true, false, make<ZeroInflated<80>>, true},
      {"two-valued", true, false, make<TwoValued>},
      {"AR .5", false, false, make<Autoregressive<50>>},
      {"AR .9", false, false, make<Autoregressive<90>>},
      {"AR .99", false, false, make<Autoregressive<99>>},
      {"daily", false, false, make<Daily>},
      {"weekly", false, false, make<Weekly>},
      {"slow drift", false, false, make<Drifting>},
      {"GARCH", false, true, make<Garch>},
      {"regimes", false, true, make<Regimes>},
      {"Hawkes counts", true, true, make<Hawkes>, true},
      {"queue", false, true, make<Queue>, true},
      {"quantised, clipped", true, true, make<Quantised>},
  };
  return all;
}

const std::vector<Family>& mixed_families() {
  static const std::vector<Family> all{
      {"Gaussian", false, false, make<Gaussian>},
      {"two-valued, 1 %", true, false, make<Status>},
      {"lognormal", false, false, make<Lognormal>, true},
      {"zero-inflated, 1 %", true, false, make<ZeroInflated<99>>, true},
  };
  return all;
}

}  // namespace tocsin::bench
