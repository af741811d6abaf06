// encode/<what>: one outcome into an arena that has held it before.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

#include "pipeline/output/encoder.h"
#include "pipeline/output/sample_outcomes.h"

namespace tocsin {
namespace {

constexpr std::size_t kRecordsPerEpoch = 512;

OutputSettings settings_for(Encoding encoding) {
  OutputSettings settings;
  settings.scores = {.topic = "scores", .encoding = encoding};
  settings.alerts = {.topic = "alerts", .encoding = encoding, .cloudevents = CloudEvents::binary};
  return settings;
}

/// Writes `outcome` over and over, clearing the arena as an epoch's end does.
template <class Outcome>
void encode(benchmark::State& state, Encoding encoding, const Outcome& outcome) {
  Encoder encoder(settings_for(encoding), sample::kIdentity);
  OutputArena arena;
  encoder.write_to(arena);
  constexpr std::int64_t kFirst = 1'000'123;
  outcome(encoder, kFirst);
  if (arena.records().size() != 1) return state.SkipWithError("nothing was written");
  const std::size_t bytes = arena.records()[0].value.size();
  arena.clear();
  std::int64_t offset = kFirst;
  for (auto _ : state) {
    outcome(encoder, offset++);
    if (arena.records().size() == kRecordsPerEpoch) arena.clear();
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes"] = static_cast<double>(bytes);
}

/// Offsets and numbers differ from event to event, so that no branch can be learned by heart.
ScoredEvent moved(ScoredEvent event, std::int64_t offset) {
  event.source.offset = offset;
  event.time_ms += offset;
  event.p_value = 1 / (1 + static_cast<double>(offset % 997) / 83);
  event.score = static_cast<double>(offset % 997) / 389;
  return event;
}

void encode_scored(benchmark::State& state, Encoding encoding, const ScoredEvent& event) {
  encode(state, encoding,
         [&](Encoder& encoder, std::int64_t offset) { encoder.scored(moved(event, offset)); });
}

void encode_alert(benchmark::State& state, Encoding encoding) {
  const Alert alert = sample::worsening();
  const ScoredEvent cause = sample::anomaly();
  encode(state, encoding, [&](Encoder& encoder, std::int64_t offset) {
    encoder.alert(alert, moved(cause, offset));
  });
}

const ScoredEvent kNormal = sample::normal_event();
const ScoredEvent kAnomaly = sample::anomaly();
BENCHMARK_CAPTURE(encode_scored, json, Encoding::json, kNormal)->Name("encode/scored/minimal/json");
BENCHMARK_CAPTURE(encode_scored, json_full, Encoding::json, kAnomaly)
    ->Name("encode/scored/full/json");
BENCHMARK_CAPTURE(encode_scored, protobuf, Encoding::protobuf, kNormal)
    ->Name("encode/scored/minimal/protobuf");
BENCHMARK_CAPTURE(encode_scored, protobuf_full, Encoding::protobuf, kAnomaly)
    ->Name("encode/scored/full/protobuf");
BENCHMARK_CAPTURE(encode_alert, json, Encoding::json)->Name("encode/alert/json");
BENCHMARK_CAPTURE(encode_alert, protobuf, Encoding::protobuf)->Name("encode/alert/protobuf");

}  // namespace
}  // namespace tocsin
