#include "tests/bench/forecast/series.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tocsin::bench {

namespace {

constexpr double kDayMs = 86'400'000;
constexpr double kHourMs = 3'600'000;
/// Of the autoregressive kinds.
constexpr double kNominalMs = 300'000;

/// Values that do not depend on when they come.
class Untimed final : public TimedSeries {
 public:
  explicit Untimed(std::unique_ptr<Series> series) : series_(std::move(series)) {}
  double at(std::int64_t /*time_ms*/) override { return series_->next(); }
  double scale() const override { return series_->scale(); }

 private:
  std::unique_ptr<Series> series_;
};

/// Keeps a share of itself every five minutes.
template <int Percent>
class Autoregressive final : public Placed<TimedSeries> {
 public:
  using Placed::Placed;
  double at(std::int64_t time_ms) override {
    const double steps = static_cast<double>(time_ms - last_ms_) / kNominalMs;
    const double kept = std::pow(Percent / 100.0, steps);
    last_ms_ = time_ms;
    last_ = kept * last_ + std::sqrt(1 - kept * kept) * chance.normal();
    return placed(last_);
  }

 private:
  double last_ = chance.normal();
  std::int64_t last_ms_ = 0;
};

/// A daily cycle, by the hour of an entity's own day.
class Daily : public Placed<TimedSeries> {
 public:
  using Placed::Placed;
  double at(std::int64_t time_ms) override { return placed(profile(time_ms) + chance.normal()); }

 protected:
  double profile(std::int64_t time_ms) const {
    return daily_cycle(static_cast<double>(time_ms) / kDayMs + phase_);
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
    return placed(share * profile(time_ms) + chance.normal());
  }
};

/// Every day of the week has an amplitude of its own.
class Weekly final : public Daily {
 public:
  using Daily::Daily;
  double at(std::int64_t time_ms) override {
    constexpr double kShares[7] = {1, .6, 1.4, .8, 1.2, .2, .5};
    return placed(kShares[day_of(time_ms) % 7] * profile(time_ms) + chance.normal());
  }
};

/// Noise that is larger by day.
class NoisyDays final : public Daily {
 public:
  using Daily::Daily;
  double at(std::int64_t time_ms) override {
    const double now = profile(time_ms);
    return placed(now + std::exp(.35 * now) * chance.normal());
  }
};

class Drifting final : public Placed<TimedSeries> {
 public:
  using Placed::Placed;
  double at(std::int64_t time_ms) override {
    return placed(slope_ * static_cast<double>(time_ms) / kNominalMs + chance.normal());
  }

 private:
  double slope_ = .01 * (2 * chance.uniform() - 1);
};

/// Another level, up to ten deviations away, twice a week or so.
class Shifting final : public Placed<TimedSeries> {
 public:
  using Placed::Placed;
  double at(std::int64_t time_ms) override {
    while (time_ms >= next_ms_) {
      next_ms_ += static_cast<std::int64_t>(-84 * kHourMs * std::log(chance.uniform()));
      shift_ = 10 * (2 * chance.uniform() - 1);
    }
    return placed(shift_ + chance.normal());
  }

 private:
  std::int64_t next_ms_ = 0;
  double shift_ = 0;
};

template <class Kind>
std::unique_ptr<TimedSeries> make(std::uint64_t seed) {
  return std::make_unique<Kind>(seed);
}

/// One of the families whose values do not depend on one another.
TimedKind untimed(std::string_view name) {
  const Family& family = *std::ranges::find(families(), name, &Family::name);
  return {name, family.has_atoms, [make = family.make](std::uint64_t seed) {
            return std::make_unique<Untimed>(make(seed));
          }};
}

}  // namespace

const std::vector<TimedKind>& timed_kinds() {
  static const std::vector<TimedKind> kinds{
      untimed("Gaussian"),
      untimed("lognormal"),
      untimed("t3"),
      untimed("Poisson"),
      untimed("zero-inflated"),
      untimed("two-valued"),
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
