#include "pipeline/flow/engine.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace tocsin {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr milliseconds kIdlePatience{100};
constexpr milliseconds kBlockedPatience{1};

}  // namespace

Engine::Engine(EngineParts parts) : parts_(std::move(parts)) {
  const auto workers = static_cast<std::size_t>(parts_.settings.workers);
  for (std::size_t w = 0; w < workers; ++w) {
    links_.push_back(std::make_unique<WorkerLinks>(parts_.settings.ring_batches));
    for (int i = 0; i < 2; ++i) {
      epoch_parts_.push_back(std::make_unique<EpochPart>());
      links_[w]->free_parts.push(epoch_parts_.back().get());
    }
    counters_.workers.push_back(std::make_unique<WorkerCounters>());
    for (const auto& plan : parts_.plans)
      counters_.workers[w]->streams.push_back(
          std::make_unique<StreamCounters>(plan->settings().detectors.size()));
    workers_.push_back(std::make_unique<Worker>(
        WorkerContext{.plans = parts_.plans,
                      .settings = parts_.settings,
                      .refits = parts_.refits,
                      .stopwatch = parts_.stopwatch,
                      .cut_wanted = cut_wanted_,
                      .observer = parts_.observer,
                      .configuration = parts_.identity.config_hash,
                      .keeps_state = parts_.states != nullptr,
                      .wall_clock_ms = parts_.wall_clock_ms},
        *links_[w], *counters_.workers[w], Encoder(parts_.outputs, parts_.identity)));
  }
  emit_ = std::make_unique<EmitStage>(EmitContext{.writer = parts_.writer,
                                                  .workers = links_,
                                                  .links = emit_links_,
                                                  .counters = counters_,
                                                  .observer = parts_.observer,
                                                  .stopwatch = parts_.stopwatch,
                                                  .wall_clock_ms = parts_.wall_clock_ms});
  ingest_ = std::make_unique<IngestStage>(
      IngestContext{.streams = parts_.streams,
                    .plans = parts_.plans,
                    .settings = parts_.settings,
                    .keep_events = parts_.outputs.include_event ? KeepEvents::yes : KeepEvents::no,
                    .reader = parts_.reader,
                    .states = parts_.states,
                    .workers = links_,
                    .emit = emit_links_,
                    .counters = counters_,
                    .observer = parts_.observer,
                    .cut_wanted = cut_wanted_});
}

Engine::~Engine() = default;

Step Engine::step(std::int64_t now_ns) {
  bool has_worked = false;
  const auto note = [&has_worked](Step step) {
    has_worked = has_worked || step == Step::worked;
    return step == Step::failed;
  };
  if (note(ingest_->step(now_ns))) return Step::failed;
  for (const auto& worker : workers_)
    if (note(worker->step())) return Step::failed;
  if (note(emit_->step(now_ns))) return Step::failed;
  return has_worked ? Step::worked : Step::idle;
}

std::string Engine::failure() const {
  if (!emit_->failure().empty()) return emit_->failure();
  return worker_failure().empty() ? ingest_->failure() : worker_failure();
}

/// Threads: only while no worker runs, or when `has_failed` is set.
std::string Engine::worker_failure() const {
  for (std::size_t w = 0; w < workers_.size(); ++w)
    if (links_[w]->has_failed.load(std::memory_order_acquire)) return workers_[w]->failure();
  return {};
}

bool Engine::has_stage_failed() const {
  return has_emit_failed_.load(std::memory_order_acquire) ||
         std::any_of(links_.begin(), links_.end(), [](const auto& links) {
           return links->has_failed.load(std::memory_order_acquire);
         });
}

std::vector<const Partition*> Engine::partitions() const {
  std::vector<const Partition*> all;
  for (const auto& worker : workers_) {
    const auto owned = worker->partitions();
    all.insert(all.end(), owned.begin(), owned.end());
  }
  return all;
}

Result<void> Engine::run(const std::stop_token& stop) {
  std::vector<std::jthread> threads;
  threads.emplace_back([this](const std::stop_token& ending) { run_emit(ending); });
  for (std::size_t w = 0; w < workers_.size(); ++w)
    threads.emplace_back([this, w](const std::stop_token& ending) { run_worker(w, ending); });
  Result<void> result = run_ingest(stop);
  for (std::jthread& thread : threads) thread.request_stop();
  emit_links_.emit_bell.ring();
  for (const auto& links : links_) links->bell.ring();
  threads.clear();  // Joins.
  if (has_stage_failed()) return Error{failure()};
  return result;
}

void Engine::run_worker(std::size_t index, const std::stop_token& stop) {
  WorkerLinks& links = *links_[index];
  const auto work = [&] {
    bool has_worked = false;
    while (workers_[index]->step() == Step::worked) has_worked = true;
    if (has_worked) {
      emit_links_.emit_bell.ring();
      emit_links_.ingest_bell.ring();
    }
    return has_worked;
  };
  while (!stop.stop_requested()) {
    if (work()) continue;
    links.bell.prepare();
    if (work() || stop.stop_requested())
      links.bell.cancel();
    else
      links.bell.wait(kIdlePatience);
  }
}

void Engine::run_emit(const std::stop_token& stop) {
  Doorbell& bell = emit_links_.emit_bell;
  while (!stop.stop_requested()) {
    Step step = emit_->step(now());
    if (step == Step::idle) {
      bell.prepare();
      step = emit_->step(now());
      if (step == Step::idle)
        bell.wait(emit_patience());
      else
        bell.cancel();
    }
    if (step == Step::failed) {
      has_emit_failed_.store(true, std::memory_order_release);
      emit_links_.ingest_bell.ring();
      return;
    }
  }
}

milliseconds Engine::emit_patience() const {
  const std::int64_t until_ns = emit_->not_before_ns() - now();
  if (until_ns <= 0) return kIdlePatience;
  return std::min(kIdlePatience, milliseconds(until_ns / kMillisecond + 1));
}

Result<void> Engine::run_ingest(const std::stop_token& stop) {
  std::int64_t deadline_ns = 0;
  while (!ingest_->is_stopped()) {
    const std::int64_t now_ns = now();
    if (stop.stop_requested() && deadline_ns == 0) {
      ingest_->stop();
      deadline_ns = now_ns + parts_.settings.drain_timeout_ms * kMillisecond;
    }
    if (deadline_ns != 0 && now_ns >= deadline_ns) return end_late();
    // Snapshots may take a part of the time, but nothing that was read waits for them.
    const std::int64_t reserve_ns = parts_.settings.drain_timeout_ms * kMillisecond / 3;
    if (deadline_ns != 0 && now_ns >= deadline_ns - reserve_ns) ingest_->hurry();
    const Step step = ingest_->step(now_ns);
    if (step == Step::failed) return Error{ingest_->failure()};
    if (has_stage_failed()) return {};  // The stage says why.
    if (step == Step::idle) park_ingest(now_ns, deadline_ns != 0);
  }
  if (ingest_->has_unsaved_state()) parts_.observer.state_left_unsaved();
  return {};
}

/// The drain timeout is over.
Result<void> Engine::end_late() const {
  if (!ingest_->is_input_committed())
    return Error{"what had been read could not be committed within the drain timeout"};
  parts_.observer.state_left_unsaved();
  return {};
}

void Engine::park_ingest(std::int64_t now_ns, bool is_stopping) {
  if (ingest_->is_blocked() || ingest_->is_leaving() || ingest_->is_restoring() || is_stopping) {
    emit_links_.ingest_bell.prepare();
    emit_links_.ingest_bell.wait(kBlockedPatience);
    return;
  }
  milliseconds patience = kIdlePatience;
  if (const auto due_ns = ingest_->cut_due_in(now_ns))
    patience = std::min(patience, milliseconds(*due_ns / kMillisecond + 1));
  parts_.reader.wait(patience);
}

}  // namespace tocsin
