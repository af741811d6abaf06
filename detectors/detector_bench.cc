// Times each operation of every detector of the catalogue:
//
//   detector/<name>/<operation>/dimensions:<n>

#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <string>

#include "detectors/catalog.h"
#include "detectors/model_for_test.h"

namespace tocsin {
namespace {

constexpr std::size_t kPoints = 4096;  // a power of two, past every default warm-up

/// Normal points with a few outliers among them.
std::vector<double> points(std::size_t dimensions) {
  std::vector<double> values(kPoints * dimensions);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double scale = i % 997 == 0 ? 8 : 1;
    values[i] = 50 + scale * nearly_normal({.seed = 3, .count = i});
  }
  return values;
}

struct Bench {
  Bench(const DetectorKind& kind, int dimensions)
      : columns(static_cast<std::size_t>(dimensions)),
        values(points(columns)),
        model(std::move(*kind.make(Settings(kind.parameters), dimensions, 1))) {
    if (kind.needs_forecast) forecasts.assign(columns, {.expected = 50, .scale = 1});
    for (std::size_t i = 0; i < kPoints; ++i) model.learn(at(i));
  }

  /// The values repeat, time goes on: a second a point.
  Point at(std::size_t i) const {
    Point point = whole(std::span(values).subspan(i % kPoints * columns, columns));
    point.time_ms = static_cast<std::int64_t>(i) * 1000;
    point.forecasts = forecasts;
    return point;
  }

  std::size_t columns;
  std::vector<double> values;
  std::vector<Forecast> forecasts;  // [columns], or none
  Model model;
};

void time_score(benchmark::State& state, const DetectorKind* kind) {
  const Bench bench(*kind, static_cast<int>(state.range(0)));
  if (!bench.model.score(bench.at(0))) return state.SkipWithError("has no score when warm");
  std::size_t i = 0;
  double sum = 0;
  while (state.KeepRunning()) sum += *bench.model.score(bench.at(i++));
  if (!std::isfinite(sum)) state.SkipWithError("scored what is not finite");
  state.SetItemsProcessed(state.iterations());
}

void time_learn(benchmark::State& state, const DetectorKind* kind) {
  Bench bench(*kind, static_cast<int>(state.range(0)));
  std::size_t i = 0;
  while (state.KeepRunning()) bench.model.learn(bench.at(i++));
  if (!bench.model.score(bench.at(0))) state.SkipWithError("has no score when warm");
  state.SetItemsProcessed(state.iterations());
}

/// What the pipeline does with an event. Refits are run in line: their share is in the figure.
void time_both(benchmark::State& state, const DetectorKind* kind) {
  Bench bench(*kind, static_cast<int>(state.range(0)));
  std::size_t i = 0;
  double sum = 0;
  while (state.KeepRunning()) {
    const Point point = bench.at(i++);
    sum += *bench.model.score(point);
    bench.model.learn(point);
  }
  if (!std::isfinite(sum)) state.SkipWithError("scored what is not finite");
  state.SetItemsProcessed(state.iterations());
}

void time_explain(benchmark::State& state, const DetectorKind* kind) {
  const Bench bench(*kind, static_cast<int>(state.range(0)));
  std::vector<double> shares(bench.columns);
  std::size_t i = 0;
  while (state.KeepRunning()) {
    bench.model.detector->explain(bench.model.block.state(), bench.at(i++), shares);
    benchmark::DoNotOptimize(shares.data());
  }
  state.SetItemsProcessed(state.iterations());
}

struct Operation {
  const char* name;
  void (*time)(benchmark::State& state, const DetectorKind* kind);
};
constexpr std::array<Operation, 4> kOperations{{{"explain", time_explain},
                                                {"learn", time_learn},
                                                {"score", time_score},
                                                {"score_and_learn", time_both}}};

[[maybe_unused]] const bool kRegistered = [] {
  for (const DetectorKind* kind : catalog()) {
    for (const Operation& operation : kOperations) {
      const std::string name = "detector/" + std::string(kind->name) + "/" + operation.name;
      benchmark::RegisterBenchmark(name.c_str(), operation.time, kind)
          ->ArgName("dimensions")
          ->Arg(1)
          ->Arg(4)
          ->Arg(16)
          ->Arg(64);
    }
  }
  return true;
}();

}  // namespace
}  // namespace tocsin
