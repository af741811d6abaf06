// Measures what a slow ramp can smuggle past: entities that were normal for two weeks begin to
// climb, and the first alert tells how far they had come.
//
//   tocsin_ramp [--entities N] [--detector NAME]
//
// One Markdown row a slope: alerts opened an entity until it had climbed 20 deviations (or 14 days
// had passed); in brackets, in as long without a ramp; how many deviations the median entity had
// climbed at its first, where alerts are at least three times those without a ramp and half of the
// entities have one; and what share of the events taught nothing.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/contract/families.h"
#include "tests/bench/measured_partition.h"
#include "tests/bench/options.h"

namespace tocsin::bench {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kLearnMs = 14 * kDayMs;
constexpr std::int64_t kLongestMs = 14 * kDayMs;
constexpr double kFarthest = 20;  ///< Deviations of the noise.

struct Wanted {
  std::uint64_t entities = 20;
  std::string detector;  ///< Empty: the default set.
};

/// One way in which values and events come.
struct Kind {
  std::string_view name;
  bool is_daily = false;
  std::int64_t step_ms = 0;
};
constexpr std::array kKinds{
    Kind{"flat, every 5 min", false, 300'000}, Kind{"daily, every 5 min", true, 300'000},
    Kind{"flat, every 30 s", false, 30'000}, Kind{"daily, every 30 s", true, 30'000}};
/// Deviations an hour.
constexpr std::array kSlopes{.003, .01, .03, .1, .3, 1.0, 3.0, 10.0};

/// Notes when each entity, whose name is its number, alerts once it climbs.
class ClimbAlerts final : public OutcomeSink {
 public:
  explicit ClimbAlerts(std::size_t entities) : opened_ms(entities) {}

  void scored(const ScoredEvent& event) override {
    if (event.time_ms < kLearnMs) return;
    ++events;
    if (event.learning == Learning::frozen) ++frozen;
  }
  void alert(const Alert& alert, const ScoredEvent& cause) override {
    if (alert.state != AlertState::open || cause.time_ms < kLearnMs) return;
    opened_ms[MeasuredPartition::entity_of(alert.entity)].push_back(cause.time_ms - kLearnMs);
  }
  void rejected(const Source&, const Batch&, std::size_t) override {}

  /// Alerts an entity within so long of the climb.
  double within(std::int64_t milliseconds) const {
    double alerts = 0;
    for (const auto& own : opened_ms) {
      alerts += static_cast<double>(std::count_if(
          own.begin(), own.end(), [&](auto opened) { return opened <= milliseconds; }));
    }
    return alerts / static_cast<double>(opened_ms.size());
  }
  /// When the median entity had its first; -1 where most have none.
  std::int64_t median_first() const {
    std::vector<std::int64_t> first;
    for (const auto& own : opened_ms) first.push_back(own.empty() ? kLongestMs + 1 : own.front());
    std::sort(first.begin(), first.end());
    const std::int64_t median = first[first.size() / 2];
    return median > kLongestMs ? -1 : median;
  }

  std::vector<std::vector<std::int64_t>> opened_ms;  // [entities]
  double events = 0;
  double frozen = 0;
};

/// How long the climb takes.
std::int64_t length_of(double slope) {
  const double hours = slope > 0 ? kFarthest / slope : 1e6;
  return std::min(kLongestMs, static_cast<std::int64_t>(hours * kHourMs));
}

ClimbAlerts climb(const Kind& kind, double slope, const Wanted& wanted) {
  ClimbAlerts sink(wanted.entities);
  MeasuredPartition partition(one_value_stream("ramp", wanted.detector), sink);
  Chance chance(3);
  const std::int64_t end = kLearnMs + length_of(slope);

  for (std::int64_t time = 0; time <= end; time += kind.step_ms) {
    const double climbed =
        slope * static_cast<double>(std::max<std::int64_t>(0, time - kLearnMs)) / kHourMs;
    for (std::size_t i = 0; i < wanted.entities; ++i) {
      const double phase = static_cast<double>(i) / static_cast<double>(wanted.entities);
      const double cycle =
          kind.is_daily ? daily_cycle(static_cast<double>(time) / kDayMs + phase) : 0;
      partition.add(i, time, 100 + chance.normal() + cycle + climbed);
    }
  }
  partition.finish();
  return sink;
}

std::string cell(const Kind& kind, double slope, const ClimbAlerts& control, const Wanted& wanted) {
  const ClimbAlerts found = climb(kind, slope, wanted);
  const double alerts = found.within(kLongestMs);
  const double by_chance = control.within(length_of(slope));
  std::string text = fmt::format("{:.1f} ({:.1f})", alerts, by_chance);
  if (found.median_first() >= 0 && alerts >= 3 * by_chance) {
    text += fmt::format(", {:.1f} σ", slope * static_cast<double>(found.median_first()) / kHourMs);
  }
  return text + fmt::format(", {:.1f} %", 100 * found.frozen / found.events);
}

int run(const Wanted& wanted) {
  std::string head = "| σ an hour |";
  std::string rule = "|---|";
  std::vector<ClimbAlerts> controls;
  for (const Kind& kind : kKinds) {
    controls.push_back(climb(kind, 0, wanted));
    head += fmt::format(" {} |", kind.name);
    rule += "---|";
  }
  std::cout << head << '\n' << rule << std::endl;
  for (const double slope : kSlopes) {
    std::string row = fmt::format("| {} |", slope);
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
      row += ' ' + cell(kKinds[i], slope, controls[i], wanted) + " |";
    }
    std::cout << row << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace tocsin::bench

int main(int count, char** arguments) {
  tocsin::bench::Wanted wanted;
  const bool is_read = tocsin::bench::read_options(
      "tocsin_ramp", {arguments, static_cast<std::size_t>(count)},
      {{"--entities", &wanted.entities}, {"--detector", &wanted.detector}});
  return is_read ? tocsin::bench::run(wanted) : 64;
}
