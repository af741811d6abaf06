// An engine and the log in memory that it runs on, for tests that look inside.

#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/flow/engine.h"
#include "pipeline/flow/quiet_observer.h"
#include "pipeline/log/memory_log.h"
#include "tests/pipeline_run.h"

namespace tocsin {

inline constexpr const char* kGroup = "test";
inline const std::vector<std::string> kOutputTopics{"scores", "alerts", "dead-letters"};

inline std::uint64_t steady_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

/// The log, as it is before anything reads it.
struct Topics {
  explicit Topics(const PipelineCase& input) {
    for (const auto& [topic, partitions] : input.topics) log.create_topic(topic, partitions);
    for (const std::string& topic : kOutputTopics) log.create_topic(topic, 1);
    for (const InputEvent& e : input.events) {
      StoredRecord record{.timestamp_ms = e.timestamp_ms, .key = e.key, .value = e.value};
      if (e.value.empty()) record.value.reset();
      log.append(e.topic, e.partition, std::move(record));
    }
  }
  MemoryLog log;
};

enum class Memory : bool { forgotten, kept };

/// Everything that an engine needs around it, on `log`, where it is the group's member `id`.
struct Rig {
  Rig(MemoryLog& on, const PipelineCase& input, const FlowSettings& settings, RefitRunner& refits,
      Memory memory, const std::string& id = "one")
      : log(on) {
    std::vector<std::string> names;
    for (const auto& [topic, partitions] : input.topics) names.push_back(topic);
    reader = log.join({.group = kGroup, .id = id, .topics = names});
    writer = log.writer({.transactional_id = id, .topics = kOutputTopics});
    if (memory == Memory::kept) states = log.state_log();
    std::vector<std::shared_ptr<const StreamPlan>> plans;
    for (const StreamSettings& stream : input.streams)
      plans.push_back(*StreamPlan::make(stream, input.outputs.detail));
    engine = std::make_unique<Engine>(EngineParts{.streams = input.streams,
                                                  .plans = plans,
                                                  .outputs = input.outputs,
                                                  .identity = {"0123456789abcdef", "test"},
                                                  .settings = settings,
                                                  .reader = *reader,
                                                  .states = states.get(),
                                                  .writer = *writer,
                                                  .refits = refits,
                                                  .observer = observer,
                                                  .stopwatch = steady_ns});
  }

  /// Until everything is committed, or it fails: then the reason, else nothing.
  std::string failure(std::int64_t& now_ns) {
    do {
      last = engine->step(now_ns);
      now_ns += 1'000'000;
    } while (last == Step::worked || (last == Step::idle && !engine->is_drained()));
    return engine->failure();
  }
  void step(std::int64_t& now_ns) {
    last = engine->step(now_ns);
    now_ns += 1'000'000;
    if (last != Step::failed) return;
    std::fprintf(stderr, "the pipeline failed: %s\n", engine->failure().c_str());
    std::abort();
  }
  void drain(std::int64_t& now_ns) {
    do step(now_ns);
    while (last == Step::worked || !engine->is_drained());
  }

  MemoryLog& log;
  std::unique_ptr<LogReader> reader;
  std::unique_ptr<LogWriter> writer;
  std::unique_ptr<StateLog> states;
  QuietObserver observer;
  std::unique_ptr<Engine> engine;
  Step last = Step::idle;
};

}  // namespace tocsin
