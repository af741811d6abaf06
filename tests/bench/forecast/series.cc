#include "tests/bench/forecast/series.h"

#include <algorithm>
#include <cmath>

namespace tocsin::bench {

namespace {

constexpr double kTwoPi = 6.283185307179586;
constexpr double kDayMs = 86'400'000;
constexpr double kHourMs = 3'600'000;
/// Of the autoregressive kinds.
constexpr double kNominalMs = 300'000;

class Placed : public TimedSeries {
 public:
  explicit Placed(std::uint64_t seed)
      : chance(seed), level(100 * chance.normal()), size(std::exp(1.5 * chance.normal())) {}
  double scale() const override { return size; }

 protected:
  Chance chance;
  double level;
  double size;
};

class Gaussian final : public Placed {
 public:
  using Placed::Placed;
  double at(std::int64_t /*time_ms*/) override { return level + size * chance.normal(); }
};

class Lognormal final : public Placed {
 public:
  using Placed::Placed;
  double at(std::int64_t /*time_ms*/) override { return size * std::exp(.7 * chance.normal()); }
};

/// Student's t with three degrees of freedom.
class HeavyTailed final : public Placed {
 public:
  using Placed::Placed;
  double at(std::int64_t /*time_ms*/) override {
    double squares = 0;
    for (int i = 0; i < 3; ++i) {
      const double each = chance.normal();
      squares += each * each;
    }
    return level + size * chance.normal() / std::sqrt(squares / 3);
  }
};

class Counts final : public Placed {
 public:
  using Placed::Placed;
  double at(std::int64_t /*time_ms*/) override {
    return static_cast<double>(chance.poisson(mean_));
  }
  double scale() const override { return std::sqrt(mean_); }

 private:
  double mean_ = std::exp(1.5 + 1.5 * chance.normal());
};

class ZeroInflated final : public Placed {
 public:
  using Placed::Placed;
  double at(std::int64_t /*time_ms*/) override {
    return chance.uniform() < .8 ? 0 : size * std::exp(.7 * chance.normal());
  }
};

class TwoValued final : public Placed {
 public:
  using Placed::Placed;
  double at(std::int64_t /*time_ms*/) override { return chance.uniform() < share_ ? 1 : 0; }
  double scale() const override { return 1; }

 private:
  double share_ = .02 + .4 * chance.uniform();
};

/// Keeps a share of itself every five minutes.
template <int Percent>
class Autoregressive final : public Placed {
 public:
  using Placed::Placed;
  double at(std::int64_t time_ms) override {
    const double steps = static_cast<double>(time_ms - last_ms_) / kNominalMs;
    const double kept = std::pow(Percent / 100.0, steps);
    last_ms_ = time_ms;
    last_ = kept * last_ + std::sqrt(1 - kept * kept) * chance.normal();
    return level + size * last_;
  }

 private:
  double last_ = chance.normal();
  std::int64_t last_ms_ = 0;
};

/// A daily cycle of three deviations, by the hour of an entity's own day.
class Daily : public Placed {
 public:
  using Placed::Placed;
  double at(std::int64_t time_ms) override {
    return level + size * (profile(time_ms) + chance.normal());
  }

 protected:
  double profile(std::int64_t time_ms) const {
    const double angle = kTwoPi * (static_cast<double>(time_ms) / kDayMs + phase_);
    return 3 * std::sin(angle) + std::sin(2 * angle);
  }
  static std::int64_t day_of(std::int64_t time_ms) {
    return time_ms / static_cast<std::int64_t>(kDayMs);
  }

 private:
  double phase_ = chance.uniform();
};

/// Another amplitude at weekends.
class DayByWeekend final : public Daily {
 public:
  using Daily::Daily;
  double at(std::int64_t time_ms) override {
    const double share = (day_of(time_ms) + 3) % 7 >= 5 ? .3 : 1;
    return level + size * (share * profile(time_ms) + chance.normal());
  }
};

/// Every day of the week has an amplitude of its own.
class Weekly final : public Daily {
 public:
  using Daily::Daily;
  double at(std::int64_t time_ms) override {
    constexpr double kShares[7] = {1, .6, 1.4, .8, 1.2, .2, .5};
    return level + size * (kShares[day_of(time_ms) % 7] * profile(time_ms) + chance.normal());
  }
};

/// Noise that is larger by day.
class NoisyDays final : public Daily {
 public:
  using Daily::Daily;
  double at(std::int64_t time_ms) override {
    const double now = profile(time_ms);
    return level + size * (now + std::exp(.35 * now) * chance.normal());
  }
};

class Drifting final : public Placed {
 public:
  using Placed::Placed;
  double at(std::int64_t time_ms) override {
    return level + size * (slope_ * static_cast<double>(time_ms) / kNominalMs + chance.normal());
  }

 private:
  double slope_ = .01 * (2 * chance.uniform() - 1);
};

/// Another level, up to ten deviations away, twice a week or so.
class Shifting final : public Placed {
 public:
  using Placed::Placed;
  double at(std::int64_t time_ms) override {
    while (time_ms >= next_ms_) {
      next_ms_ += static_cast<std::int64_t>(-84 * kHourMs * std::log(chance.uniform()));
      shift_ = 10 * (2 * chance.uniform() - 1);
    }
    return level + size * (shift_ + chance.normal());
  }

 private:
  std::int64_t next_ms_ = 0;
  double shift_ = 0;
};

template <class Kind>
std::unique_ptr<TimedSeries> make(std::uint64_t seed) {
  return std::make_unique<Kind>(seed);
}

}  // namespace

const std::vector<TimedKind>& timed_kinds() {
  static const std::vector<TimedKind> kinds{
      {"Gaussian", false, make<Gaussian>},
      {"lognormal", false, make<Lognormal>},
      {"t3", false, make<HeavyTailed>},
      {"Poisson", true, make<Counts>},
      {"zero-inflated", true, make<ZeroInflated>},
      {"two-valued", true, make<TwoValued>},
      {"AR .5", false, make<Autoregressive<50>>},
      {"AR .9", false, make<Autoregressive<90>>},
      {"AR .99", false, make<Autoregressive<99>>},
      {"daily", false, make<Daily>},
      {"day × weekend", false, make<DayByWeekend>},
      {"weekly", false, make<Weekly>},
      {"noisy days", false, make<NoisyDays>},
      {"slow drift", false, make<Drifting>},
      {"level shifts", false, make<Shifting>},
  };
  return kinds;
}

const std::vector<Arrival>& arrivals() {
  static const std::vector<Arrival> all{
      {"5 min", 300'000, false, false},
      {"1 min", 60'000, false, false},
      {"5 min, irregular", 300'000, true, false},
      {"5 min, gaps", 300'000, false, true},
  };
  return all;
}

std::int64_t next_arrival(const Arrival& arrival, std::int64_t time_ms, Chance& chance) {
  const auto interval = static_cast<double>(arrival.interval_ms);
  const double passed = arrival.is_irregular ? -interval * std::log(chance.uniform()) : interval;
  std::int64_t next = time_ms + std::max<std::int64_t>(1, static_cast<std::int64_t>(passed));
  if (arrival.has_gaps && chance.uniform() < 1.0 / 200) {
    next += static_cast<std::int64_t>(kHourMs * std::exp(chance.uniform() * std::log(48.0)));
  }
  return next;
}

}  // namespace tocsin::bench
