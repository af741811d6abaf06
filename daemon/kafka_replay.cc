#include "daemon/kafka_replay.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "daemon/steady_clock.h"
#include "daemon/version.h"

namespace tocsin {
namespace {

/// What is in the rings at the end is scored, however long it takes: nobody waits for a group.
constexpr std::int64_t kDrainTimeoutMs = 3'600'000;
constexpr std::chrono::milliseconds kLook{20};

}  // namespace

Result<std::unique_ptr<KafkaReplay>> KafkaReplay::begin(const Config& config, LogWriter& writer,
                                                        KafkaLog log) {
  std::unique_ptr<KafkaReplay> replay(new KafkaReplay);
  auto plans = make_plans(config);
  if (!plans) return plans.error();
  replay->plans_ = *std::move(plans);
  auto history = KafkaHistory::open(config.kafka, std::move(log), replay->health_);
  if (!history) return history.error();
  replay->history_ = *std::move(history);
  FlowSettings flow = config.flow;
  flow.workers = workers_of(config);
  flow.drain_timeout_ms = kDrainTimeoutMs;
  replay->engine_ = std::make_unique<Engine>(
      EngineParts{.streams = config.streams,
                  .plans = replay->plans_,
                  .outputs = config.outputs,
                  .identity = {.config_hash = config.hash,
                               .program_version = std::string(this_build().version),
                               .app = config.app},
                  .settings = flow,
                  .reader = *replay->history_,
                  .writer = writer,
                  .refits = replay->refits_,
                  .observer = replay->observer_,
                  .stopwatch = steady_nanoseconds});
  return replay;
}

Result<void> KafkaReplay::run(const Show& show) {
  std::atomic<bool> has_ended{false};
  Result<void> ended;
  std::jthread thread([&](const std::stop_token& stop) {
    ended = engine_->run(stop);
    has_ended.store(true, std::memory_order_release);
  });
  while (!history_->is_at_end() && !has_ended.load(std::memory_order_acquire)) {
    show(history_->progress());
    std::this_thread::sleep_for(kLook);
  }
  thread.request_stop();
  thread.join();
  return ended;
}

}  // namespace tocsin
