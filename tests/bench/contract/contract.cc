// Measures the promise of the probabilities on clean data: how often p <= .001 and p <= .0001 came,
// over how often they should, by kind of data; with the alerts that were raised.
//
//   tocsin_contract [--entities N] [--events N] [--kind NAME] [--features N]
//                   [--injected N] [--set-aside]
//
// With several features the one kind is `mixed`, and each feature is of another of `mixed_families`
// in turn. `--injected N` adds N deviations to a Gaussian feature of every tenth entity's last
// event; how many of them became anomalies or alerts stands below.
//
// One Markdown row a kind. Intervals are 95 %, by bootstrap over entities.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/bench/contract/families.h"
#include "tests/bench/measured_partition.h"
#include "tests/bench/options.h"

namespace tocsin::bench {
namespace {

struct Wanted {
  std::uint64_t entities = 200;
  std::uint64_t events = 20'000;  ///< An entity.
  std::uint64_t features = 1;     ///< Of mixed kinds, where more than one.
  std::uint64_t injected = 0;     ///< Deviations.
  std::string kind;               ///< Empty: all.
  bool set_aside = false;
};

/// Of an entity's events, by how many came before.
constexpr std::array<std::int64_t, 5> kFrom{0, 200, 1000, 10'000, 100'000};
constexpr std::array<double, 2> kPromised{1e-3, 1e-4};

struct Tally {
  std::array<double, kFrom.size()> scored{};
  std::array<std::array<double, kPromised.size()>, kFrom.size()> alarms{};
  std::array<double, kFrom.size()> alerts{};
  double not_taught = 0;
};

/// Counts the events of each entity, whose name is its number.
class Counting final : public OutcomeSink {
 public:
  explicit Counting(std::size_t entities) : tallies(entities), seen_(entities) {}

  void scored(const ScoredEvent& event) override {
    if (is_injected) found += event.is_alarm() ? 1 : 0;
    if (is_injected) return;
    const std::size_t entity = MeasuredPartition::entity_of(event.entity);
    const std::size_t age = age_of(seen_[entity]++);
    if (event.warming_up) return;
    Tally& tally = tallies[entity];
    tally.scored[age] += 1;
    for (std::size_t i = 0; i < kPromised.size(); ++i) {
      tally.alarms[age][i] += event.p_value <= kPromised[i] ? 1 : 0;
    }
    tally.not_taught += event.learning == Learning::learned ? 0 : 1;
  }
  void alert(const Alert& alert, const ScoredEvent& /*cause*/) override {
    if (alert.state != AlertState::open || is_injected) return;
    const std::size_t entity = MeasuredPartition::entity_of(alert.entity);
    tallies[entity].alerts[age_of(seen_[entity] - 1)] += 1;
  }
  void rejected(const Source&, const Batch&, std::size_t) override {}

  std::vector<Tally> tallies;
  bool is_injected = false;  ///< The event to come: it does not count.
  int found = 0;             ///< Of those.

 private:
  static std::size_t age_of(std::int64_t before) {
    return static_cast<std::size_t>(std::upper_bound(kFrom.begin(), kFrom.end(), before) -
                                    kFrom.begin() - 1);
  }

  std::vector<std::int64_t> seen_;
};

StreamSettings settings(std::uint64_t features) {
  StreamSettings stream;
  stream.name = "clean";
  for (std::uint64_t i = 0; i < features; ++i) {
    FeatureSettings feature;
    feature.name = "value" + std::to_string(i);
    feature.field = "/" + feature.name;
    stream.features.push_back(feature);
  }
  stream.sensitivity = Sensitivity::per_event(1e-4);
  stream.partition_max_bytes = 256U << 20U;
  return stream;
}

using Features = std::vector<std::unique_ptr<Series>>;

/// A series for each feature of an entity.
Features features_of(std::span<const Family> kinds, std::uint64_t count, std::uint64_t entity) {
  Features made;
  for (std::uint64_t i = 0; i < count; ++i) {
    made.push_back(kinds[i % kinds.size()].make(1000 + 7919 * entity + 104'729 * i));
  }
  return made;
}

std::vector<double> next_of(const Features& features) {
  std::vector<double> values;
  for (const auto& feature : features) values.push_back(feature->next());
  return values;
}

Counting measure(std::span<const Family> kinds, const Wanted& wanted) {
  Counting sink(wanted.entities);
  MeasuredPartition partition(settings(wanted.features), sink);
  std::vector<Features> series;
  for (std::size_t i = 0; i < wanted.entities; ++i) {
    series.push_back(features_of(kinds, wanted.features, i));
  }
  const auto add = [&](std::size_t entity, std::uint64_t turn, const std::vector<double>& values) {
    partition.add(entity, static_cast<std::int64_t>(turn) * kStepMs, values);
  };
  for (std::uint64_t turn = 0; turn < wanted.events; ++turn) {
    for (std::size_t i = 0; i < wanted.entities; ++i) add(i, turn, next_of(series[i]));
  }
  partition.finish();
  sink.is_injected = true;
  for (std::size_t i = 0; wanted.injected > 0 && i < wanted.entities; i += 10) {
    std::vector<double> values = next_of(series[i]);
    const std::size_t feature = i / 10 * kinds.size() % wanted.features;
    values[feature] += static_cast<double>(wanted.injected) * series[i][feature]->scale();
    add(i, wanted.events, values);
  }
  partition.finish();
  return sink;
}

/// Alarms over those promised, of these entities, from an age on.
double times(const std::vector<const Tally*>& tallies, std::size_t from, std::size_t to,
             std::size_t promise) {
  double alarms = 0;
  double scored = 0;
  for (const Tally* tally : tallies) {
    for (std::size_t age = from; age < to; ++age) {
      alarms += tally->alarms[age][promise];
      scored += tally->scored[age];
    }
  }
  return scored > 0 ? alarms / (scored * kPromised[promise]) : std::nan("");
}

std::string with_interval(const std::vector<Tally>& tallies, std::size_t promise) {
  Chance chance(5);
  std::vector<double> drawn;
  for (int round = 0; round < 400; ++round) {
    std::vector<const Tally*> sample;
    for (std::size_t i = 0; i < tallies.size(); ++i) {
      sample.push_back(&tallies[chance.bits() % tallies.size()]);
    }
    drawn.push_back(times(sample, 1, kFrom.size(), promise));
  }
  std::sort(drawn.begin(), drawn.end());
  std::vector<const Tally*> all;
  for (const Tally& tally : tallies) all.push_back(&tally);
  return fmt::format("{:.2f} ({:.2f}–{:.2f})", times(all, 1, kFrom.size(), promise), drawn[10],
                     drawn[389]);
}

void report(std::string_view kind, const std::vector<Tally>& tallies) {
  std::vector<const Tally*> all;
  for (const Tally& tally : tallies) all.push_back(&tally);
  std::string row =
      fmt::format("| {} | {} | {} |", kind, with_interval(tallies, 0), with_interval(tallies, 1));
  for (std::size_t age = 0; age < kFrom.size(); ++age) {
    const double here = times(all, age, age + 1, 0);
    row += std::isnan(here) ? " |" : fmt::format(" {:.2f} |", here);
  }
  // An entity's own rate, once it has 10,000 events behind it: enough events to tell.
  double within = 0;
  double judged = 0;
  double not_taught = 0;
  double all_scored = 0;
  std::array<double, kFrom.size()> alerts{};
  std::array<double, kFrom.size()> scored{};
  for (const Tally& tally : tallies) {
    not_taught += tally.not_taught;
    for (std::size_t age = 0; age < kFrom.size(); ++age) {
      alerts[age] += tally.alerts[age];
      scored[age] += tally.scored[age];
      all_scored += tally.scored[age];
    }
    if (tally.scored[3] < 5000) continue;
    const double own = times({&tally}, 3, kFrom.size(), 0);
    judged += 1;
    within += own >= 1.0 / 3 && own <= 3 ? 1 : 0;
  }
  row += judged > 0 ? fmt::format(" {:.0f} % |", 100 * within / judged) : " |";
  for (std::size_t age = 0; age < 4; ++age) {
    row += scored[age] > 0 ? fmt::format(" {:.1f} |", alerts[age] / scored[age] * 1e4) : " |";
  }
  row += fmt::format(" {:.2f} % |", 100 * not_taught / all_scored);
  std::cout << row << std::endl;
}

int run(const Wanted& wanted) {
  std::cout << "| kind | 1e-3 (95 %) | 1e-4 (95 %) | n < 200 | 200 | 1 k | 10 k | 100 k | entities "
               "within 3 x | alerts, n < 200 | 200 | 1 k | 10 k | taught less |\n|"
               "---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
            << std::endl;
  if (wanted.features > 1) {
    const Counting counted = measure(mixed_families(), wanted);
    report("mixed", counted.tallies);
    if (wanted.injected > 0) {
      std::cout << fmt::format("\nfound {} of {}\n", counted.found, (wanted.entities + 9) / 10);
    }
    return 0;
  }
  for (const Family& family : families(wanted.kind, wanted.set_aside)) {
    report(family.name, measure({&family, 1}, wanted).tallies);
  }
  return 0;
}

}  // namespace
}  // namespace tocsin::bench

int main(int count, char** arguments) {
  tocsin::bench::Wanted wanted;
  const bool is_read =
      tocsin::bench::read_options("tocsin_contract", {arguments, static_cast<std::size_t>(count)},
                                  {{"--entities", &wanted.entities},
                                   {"--events", &wanted.events},
                                   {"--features", &wanted.features},
                                   {"--injected", &wanted.injected},
                                   {"--kind", &wanted.kind},
                                   {"--set-aside", &wanted.set_aside}});
  return is_read ? tocsin::bench::run(wanted) : 64;
}
