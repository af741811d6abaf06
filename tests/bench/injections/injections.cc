// Measures how many disturbances are found, of those that an oracle finds that knows the true
// model, at the same rate of false alarms.
//
//   tocsin_injections [--entities N] [--kind NAME] [--set-aside] [--detector NAME] [--by-score]
//
// One Markdown row a kind of data and disturbance.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/bench/contract/families.h"
#include "tests/bench/injections/oracle.h"
#include "tests/bench/measured_partition.h"
#include "tests/bench/options.h"

namespace tocsin::bench {
namespace {

struct Wanted {
  std::uint64_t entities = 100;
  std::string kind;      ///< Empty: all.
  std::string detector;  ///< Empty: the default set.
  bool set_aside = false;
  bool by_score = false;  ///< Not by `alert_score`.
};

/// What is added to some values in a row, in scales of their series.
struct Disturbance {
  std::string_view name;
  std::size_t length;
  double (*shape)(std::size_t event, Chance& chance);
};
constexpr std::array<Disturbance, 4> kDisturbances{{
    {"spike", 1, [](std::size_t, Chance&) { return 1.0; }},
    {"level shift", 100, [](std::size_t, Chance&) { return 1.0; }},
    {"ramp", 200, [](std::size_t event, Chance&) { return static_cast<double>(event + 1) / 200; }},
    {"noise", 100, [](std::size_t, Chance& chance) { return chance.normal(); }},
}};

/// One false incident in so many events of an entity is allowed to both.
constexpr double kEventsPerIncident = 2000;
/// What exceeds the threshold within so many events of one is the same incident.
constexpr std::size_t kIncident = 100;
/// What a disturbance leaves behind is neither found nor false for so long after its end.
constexpr std::size_t kAftermath = 500;
/// What the oracle is to find.
constexpr std::array<double, 2> kFound{.99, .80};

/// When entities are disturbed.
struct Schedule {
  std::size_t first;
  std::size_t every;
  std::size_t times;

  std::size_t events() const { return first + every * times; }
};
constexpr Schedule kOurs{4000, 2500, 4};
/// An oracle has nothing to learn.
constexpr Schedule kOracles{300, 700, 8};
constexpr std::size_t kWarmUp = 200;

/// Disturbed series of all entities.
class Disturbed {
 public:
  Disturbed(const Family& family, const Disturbance& disturbance, double magnitude,
            const Schedule& schedule)
      : family_(family), disturbance_(disturbance), magnitude_(magnitude), schedule_(schedule) {}

  /// Calls `use(value, series)` for every event of an entity.
  template <class Use>
  void each(std::size_t entity, const Use& use) const {
    const auto series = family_.make(1000 + 7919 * entity);
    Chance chance(17 + entity);
    double sign = 1;
    for (std::size_t event = 0; event < schedule_.events(); ++event) {
      double value = series->next();
      const std::size_t since = (event + schedule_.every - schedule_.first) % schedule_.every;
      if (event >= schedule_.first && since < disturbance_.length) {
        if (since == 0 && !family_.is_positive) sign = chance.uniform() < .5 ? -1 : 1;
        const double by = sign * disturbance_.shape(since, chance);
        value = series->recorded(value + magnitude_ * series->scale() * by);
      }
      use(value, *series);
    }
  }

 private:
  const Family& family_;
  const Disturbance& disturbance_;
  double magnitude_;
  const Schedule& schedule_;
};

/// Scores of all events, and what a threshold makes of them.
class Scores {
 public:
  Scores(const Disturbance& disturbance, const Schedule& schedule, std::size_t entities)
      : of(entities), disturbance_(disturbance), schedule_(schedule) {}

  /// The lowest threshold that has no more false incidents than are allowed.
  double threshold() const {
    double low = 0;
    double high = 1;
    while (false_incidents(high) > 1) high *= 2;
    for (int i = 0; i < 40; ++i) {
      const double middle = (low + high) / 2;
      (false_incidents(middle) > 1 ? low : high) = middle;
    }
    return high;
  }

  struct Findings {
    double share = 0;
    double median_delay = 0;  ///< Events after the first disturbed one; of those found.
  };
  Findings findings(double threshold) const {
    std::vector<std::size_t> delays;
    for (const auto& scores : of) {
      for (std::size_t i = 0; i < schedule_.times; ++i) {
        const auto begin =
            scores.begin() + static_cast<std::ptrdiff_t>(schedule_.first + i * schedule_.every);
        const auto end = begin + static_cast<std::ptrdiff_t>(disturbance_.length);
        const auto at = std::find_if(begin, end, [&](double score) { return score >= threshold; });
        if (at != end) delays.push_back(static_cast<std::size_t>(at - begin));
      }
    }
    if (delays.empty()) return {};
    std::sort(delays.begin(), delays.end());
    return {static_cast<double>(delays.size()) / static_cast<double>(of.size() * schedule_.times),
            static_cast<double>(delays[delays.size() / 2])};
  }

  std::vector<std::vector<double>> of;  ///< [entities][events]

 private:
  /// Over those allowed.
  double false_incidents(double threshold) const {
    double incidents = 0;
    double events = 0;
    for (const auto& scores : of) {
      std::size_t next = kWarmUp;
      for (std::size_t event = kWarmUp; event < scores.size(); ++event) {
        if (!is_clean(event)) continue;
        events += 1;
        if (event < next || scores[event] < threshold) continue;
        incidents += 1;
        next = event + kIncident;
      }
    }
    return incidents / (events / kEventsPerIncident);
  }
  bool is_clean(std::size_t event) const {
    return event < schedule_.first ||
           (event - schedule_.first) % schedule_.every >= disturbance_.length + kAftermath;
  }

  const Disturbance& disturbance_;
  const Schedule& schedule_;
};

Scores by_oracle(const Family& family, const Disturbance& disturbance, double magnitude,
                 const Schedule& schedule, const Wanted& wanted) {
  Scores scores(disturbance, schedule, wanted.entities);
  for (std::size_t i = 0; i < wanted.entities; ++i) {
    Oracle oracle;
    Disturbed(family, disturbance, magnitude, schedule).each(i, [&](double value, Series& series) {
      scores.of[i].push_back(oracle.judge(series.tails(value)));
    });
  }
  return scores;
}

class Collecting final : public OutcomeSink {
 public:
  Collecting(Scores& scores, bool by_score) : scores_(scores), by_score_(by_score) {}
  void scored(const ScoredEvent& event) override {
    scores_.of[MeasuredPartition::entity_of(event.entity)].push_back(event.warming_up ? 0
                                                                     : by_score_
                                                                         ? event.score
                                                                         : event.alert_score);
  }
  void alert(const Alert&, const ScoredEvent&) override {}
  void rejected(const Source&, const Batch&, std::size_t) override {}

 private:
  Scores& scores_;
  bool by_score_;
};

Scores by_us(const Family& family, const Disturbance& disturbance, double magnitude,
             const Wanted& wanted) {
  std::vector<std::vector<double>> values(wanted.entities);
  for (std::size_t i = 0; i < wanted.entities; ++i) {
    Disturbed(family, disturbance, magnitude, kOurs).each(i, [&](double value, Series&) {
      values[i].push_back(value);
    });
  }
  Scores scores(disturbance, kOurs, wanted.entities);
  Collecting sink(scores, wanted.by_score);
  StreamSettings settings = one_value_stream("disturbed", wanted.detector);
  settings.partition_max_bytes = 64U << 20U;
  MeasuredPartition partition(settings, sink);
  for (std::size_t event = 0; event < kOurs.events(); ++event) {
    for (std::size_t i = 0; i < wanted.entities; ++i) {
      partition.add(i, static_cast<std::int64_t>(event) * kStepMs, values[i][event]);
    }
  }
  partition.finish();
  return scores;
}

/// The smallest magnitude at which the oracle finds so many; infinite: none below 1,000.
double magnitude_for(const Family& family, const Disturbance& disturbance, double found,
                     const Wanted& wanted) {
  double low = 0;
  double high = 1000;
  const auto finds = [&](double magnitude) {
    const Scores scores = by_oracle(family, disturbance, magnitude, kOracles, wanted);
    return scores.findings(scores.threshold()).share;
  };
  if (finds(high) < found) return std::numeric_limits<double>::infinity();
  for (double next = .125; next < high; next *= 2) (finds(next) < found ? low : high) = next;
  for (int i = 0; i < 6; ++i) {
    const double middle = (low + high) / 2;
    (finds(middle) < found ? low : high) = middle;
  }
  return high;
}

/// Returns our share over the oracle's, for each of `kFound`; NaN where the oracle has none.
std::array<double, kFound.size()> report(const Family& family, const Disturbance& disturbance,
                                         const Wanted& wanted) {
  std::array<double, kFound.size()> efficiencies{};
  std::string row = fmt::format("| {} | {} |", family.name, disturbance.name);
  for (std::size_t i = 0; i < kFound.size(); ++i) {
    const double magnitude = magnitude_for(family, disturbance, kFound[i], wanted);
    efficiencies[i] = std::numeric_limits<double>::quiet_NaN();
    if (std::isinf(magnitude)) {
      row += " | | |";
      continue;
    }
    const Scores theirs = by_oracle(family, disturbance, magnitude, kOurs, wanted);
    const Scores ours = by_us(family, disturbance, magnitude, wanted);
    const auto found = theirs.findings(theirs.threshold());
    const auto own = ours.findings(ours.threshold());
    efficiencies[i] = own.share / found.share;
    row += fmt::format(" {:.2f} | **{:.2f}** | {:.0f} ({:.0f}) |", magnitude, efficiencies[i],
                       own.median_delay, found.median_delay);
  }
  std::cout << row << std::endl;
  return efficiencies;
}

int run(const Wanted& wanted) {
  std::cout << "| kind | disturbance | scales (.99) | ours / oracle | delay (oracle's) | scales "
               "(.80) | ours / oracle | delay (oracle's) |\n|---|---|---|---|---|---|---|---|"
            << std::endl;
  for (const Disturbance& disturbance : kDisturbances) {
    std::array<std::vector<double>, kFound.size()> all;
    for (const Family& family : families(wanted.kind, wanted.set_aside)) {
      const auto efficiencies = report(family, disturbance, wanted);
      for (std::size_t i = 0; i < kFound.size(); ++i) {
        if (!std::isnan(efficiencies[i])) all[i].push_back(efficiencies[i]);
      }
    }
    std::string row = fmt::format("| **mean** | {} |", disturbance.name);
    for (const auto& each : all) {
      double sum = 0;
      for (const double efficiency : each) sum += efficiency;
      row += fmt::format(" | **{:.2f}** | |", sum / static_cast<double>(each.size()));
    }
    std::cout << row << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace tocsin::bench

int main(int count, char** arguments) {
  tocsin::bench::Wanted wanted;
  const bool is_read =
      tocsin::bench::read_options("tocsin_injections", {arguments, static_cast<std::size_t>(count)},
                                  {{"--entities", &wanted.entities},
                                   {"--kind", &wanted.kind},
                                   {"--set-aside", &wanted.set_aside},
                                   {"--detector", &wanted.detector},
                                   {"--by-score", &wanted.by_score}});
  return is_read ? tocsin::bench::run(wanted) : 64;
}
