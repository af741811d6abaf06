// Measures the forecaster on series whose distribution is known: how often values lie in its
// intervals, and its pinball loss over that of its best candidate alone.
//
//   tocsin_forecast [--entities N] [--weeks N] [--kind NAME] [--arrival NAME]
//
// One Markdown row a kind and arrival.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>

#include "detectors/forecast/forecaster.h"
#include "tests/bench/forecast/series.h"
#include "tests/bench/options.h"

namespace tocsin::bench {
namespace {

struct Wanted {
  std::uint64_t entities = 20;
  std::uint64_t weeks = 8;
  std::string kind, arrival;  ///< Empty: all.
};

constexpr std::int64_t kWeekMs = 7 * 86'400'000LL;
/// Values of an entity that are not counted.
constexpr int kWarmup = 1000;
constexpr std::array<std::string_view, Prediction::kCandidates> kNames{
    "level", "trend", "autoregression", "day", "day by weekend", "week"};

/// What came of one run.
struct Tally {
  double events = 0;
  std::array<double, 3> closed{}, open{};  ///< Values within .99, .9, .5; ends counted, or not.
  double pinball = 0;

  void count(const Prediction& made, double value, double scale) {
    events += 1;
    for (std::size_t i = 0; i < closed.size(); ++i) {
      const double lower = made.quantiles[i];
      const double upper = made.quantiles[made.quantiles.size() - 1 - i];
      closed[i] += value >= lower && value <= upper ? 1 : 0;
      open[i] += value > lower && value < upper ? 1 : 0;
    }
    for (std::size_t i = 0; i < made.quantiles.size(); ++i) {
      const double off = value - made.quantiles[i];
      const double share = Prediction::kProbabilities[i];
      pinball += (off > 0 ? share : share - 1) * off / scale;
    }
  }
};

Tally measure(const TimedKind& kind, const Arrival& arrival, const Wanted& wanted,
              std::uint32_t candidates) {
  Tally tally;
  const Forecaster forecaster(candidates);
  const std::int64_t end = static_cast<std::int64_t>(wanted.weeks) * kWeekMs;
  for (std::uint64_t entity = 0; entity < wanted.entities; ++entity) {
    const auto series = kind.make(1000 + 7919 * entity);
    Chance chance(17 + entity);
    Forecaster::Block block{};
    std::int64_t time = 0;
    for (int i = 0; time < end; ++i) {
      const Moment moment = Moment::utc(time);
      const double value = series->at(time);
      const Prediction made = forecaster.predict(block, moment);
      if (i >= kWarmup) tally.count(made, value, series->scale());
      forecaster.learn(block, moment, made, value, 1);
      time = next_arrival(arrival, time, chance);
    }
  }
  return tally;
}

/// The share within an interval; of data with atoms, without and with its ends.
std::string share(const Tally& tally, std::size_t interval, bool has_atoms, bool& holds) {
  constexpr std::array<double, 3> kPromised{.99, .9, .5};
  constexpr std::array<double, 3> kAllowed{.005, .02, .02};
  const double closed = tally.closed[interval] / tally.events;
  const double open = tally.open[interval] / tally.events;
  const double least = kPromised[interval] - kAllowed[interval];
  const double most = kPromised[interval] + kAllowed[interval];
  const bool is_good =
      has_atoms ? open <= most && closed >= least : closed >= least && closed <= most;
  holds = holds && is_good;
  const std::string mark = is_good ? "" : "**";
  if (has_atoms) return fmt::format("{}{:.3f}–{:.3f}{}", mark, open, closed, mark);
  return fmt::format("{}{:.3f}{}", mark, closed, mark);
}

void report(const TimedKind& kind, const Arrival& arrival, const Wanted& wanted) {
  const Tally all = measure(kind, arrival, wanted, Forecaster::kAll);
  std::size_t best = 0;
  double least = 1e300;
  for (std::size_t i = 0; i < Prediction::kCandidates; ++i) {
    const Tally alone = measure(kind, arrival, wanted, 1U << i);
    if (alone.pinball >= least) continue;
    least = alone.pinball;
    best = i;
  }
  bool holds = true;
  const double ratio = all.pinball / least;
  std::string row = fmt::format("| {} | {} |", kind.name, arrival.name);
  for (const std::size_t interval : {2U, 1U, 0U}) {
    row += fmt::format(" {} |", share(all, interval, kind.has_atoms, holds));
  }
  const std::string mark = ratio <= 1.02 ? "" : "**";
  row += fmt::format(" {}{:+.1f} %{} | {} | {:.4f} |", mark, 100 * (ratio - 1), mark, kNames[best],
                     all.pinball / all.events);
  std::cout << row << std::endl;
}

int run(const Wanted& wanted) {
  std::cout
      << "| kind | arrival | .5 | .9 | .99 | pinball loss over the best candidate's | which | "
         "pinball loss |\n|---|---|---|---|---|---|---|---|"
      << std::endl;
  for (const TimedKind& kind : timed_kinds()) {
    if (!wanted.kind.empty() && kind.name != wanted.kind) continue;
    for (const Arrival& arrival : arrivals()) {
      if (!wanted.arrival.empty() && arrival.name != wanted.arrival) continue;
      report(kind, arrival, wanted);
    }
  }
  return 0;
}

}  // namespace
}  // namespace tocsin::bench

int main(int count, char** arguments) {
  tocsin::bench::Wanted wanted;
  const bool is_read =
      tocsin::bench::read_options("tocsin_forecast", {arguments, static_cast<std::size_t>(count)},
                                  {{"--entities", &wanted.entities},
                                   {"--weeks", &wanted.weeks},
                                   {"--kind", &wanted.kind},
                                   {"--arrival", &wanted.arrival}});
  return is_read ? tocsin::bench::run(wanted) : 64;
}
