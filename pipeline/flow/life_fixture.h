// A pipeline of one stream on a log in memory, for tests of what it does with its log.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "detectors/catalog.h"
#include "pipeline/flow/engine.h"
#include "pipeline/flow/quiet_observer.h"
#include "pipeline/log/memory_log.h"
#include "pipeline/scoring/inline_refits.h"

namespace tocsin {

inline constexpr const char* kInput = "in";
inline constexpr const char* kApp = "app";

inline StreamSettings stream() {
  const DetectorKind* spike = find_detector("spike");
  StreamSettings stream;
  stream.name = "s";
  stream.topics = {kInput};
  stream.features = {{.name = "x", .field = "/x"}};
  stream.detectors = {{.kind = spike, .parameters = Settings(spike->parameters)}};
  stream.partition_max_bytes = 256U << 10U;
  return stream;
}

/// A pipeline on a log in memory, from its start to its end or to a crash.
struct Life {
  Life(MemoryLog& log, FlowSettings settings, const std::string& id = "one",
       FaultHook faults = nullptr, const StreamSettings& stream = tocsin::stream())
      : reader(log.join({.group = kApp, .id = id, .topics = {kInput}})),
        writer(settings.is_exact ? log.writer(producer(id), std::move(faults))
                                 : log.plain_writer(producer(id), std::move(faults))),
        states(log.state_log()) {
    settings.app = kApp;
    settings.snapshot_records = 20;
    OutputSettings outputs;
    outputs.scores.topic = "scores";
    engine = std::make_unique<Engine>(EngineParts{.streams = {stream},
                                                  .plans = {*StreamPlan::make(stream)},
                                                  .outputs = outputs,
                                                  .identity = {"0123456789abcdef", "test"},
                                                  .settings = settings,
                                                  .reader = *reader,
                                                  .states = states.get(),
                                                  .writer = *writer,
                                                  .refits = refits,
                                                  .observer = observer});
  }

  static MemoryProducer producer(const std::string& id) {
    return {.transactional_id = id, .topics = {"scores", "alerts", "dead"}};
  }

  /// Until everything is committed; the refusal, if there is one.
  std::string drain() {
    Step last = Step::worked;
    while (last == Step::worked || (last == Step::idle && !engine->is_drained())) {
      last = engine->step(now_ns);
      now_ns += 1'000'000;
    }
    return engine->failure();
  }
  /// What has begun, a snapshot for instance, comes to its end.
  void step_on() {
    for (int i = 0; i < 200; ++i, now_ns += 1'000'000) (void)engine->step(now_ns);
  }
  void end() {
    engine->begin_stop();
    for (; !engine->is_stopped(); now_ns += 1'000'000)
      ASSERT_NE(engine->step(now_ns), Step::failed) << engine->failure();
  }

  std::unique_ptr<LogReader> reader;
  std::unique_ptr<LogWriter> writer;
  std::unique_ptr<StateLog> states;
  InlineRefits refits;
  QuietObserver observer;
  std::unique_ptr<Engine> engine;
  std::int64_t now_ns = 0;
};

}  // namespace tocsin
