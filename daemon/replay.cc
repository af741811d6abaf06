#include "daemon/replay.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "daemon/steady_clock.h"
#include "daemon/version.h"
#include "pipeline/flow/quiet_observer.h"
#include "pipeline/scoring/threaded_refits.h"

namespace tocsin {
namespace {

constexpr std::uint64_t kRowsUnderWayMax = 65'536;
constexpr std::uint64_t kBytesUnderWayMax = 64U << 20U;
constexpr std::uint64_t kRowsBetweenLooks = 1'024;
constexpr const char* kGroup = "replay";
constexpr const char* kScores = "scores";
constexpr const char* kAlerts = "alerts";
constexpr const char* kDeadLetters = "dead-letters";

/// An expression names no topic: the stream's own name stands for it.
std::string topic_of(const StreamSettings& stream) {
  return stream.topics.empty() || stream.topics.front().starts_with('^') ? stream.name
                                                                         : stream.topics.front();
}

}  // namespace

Result<std::unique_ptr<Replay>> Replay::begin(const Config& config, const StreamSettings& stream,
                                              Outputs outputs) {
  Shape shape{.topic = topic_of(stream), .stream = stream, .outputs = config.outputs};
  shape.stream.topics = {shape.topic};
  shape.outputs.scores = {.topic = kScores};
  shape.outputs.emit = Emit::all;
  shape.outputs.alerts = {.topic = outputs.alert ? kAlerts : ""};
  shape.outputs.dead_letters = outputs.dead_letter ? kDeadLetters : "";
  auto plan = StreamPlan::make(shape.stream, shape.outputs.detail);
  if (!plan) return plan.error();
  return std::unique_ptr<Replay>(
      new Replay(config, std::move(shape), *std::move(plan), std::move(outputs)));
}

Replay::Replay(const Config& config, Shape shape, std::shared_ptr<const StreamPlan> plan,
               Outputs take)
    : shape_(std::move(shape)),
      take_(std::move(take)),
      refits_(std::make_unique<ThreadedRefits>()),
      observer_(std::make_unique<QuietObserver>()) {
  for (const std::string& topic :
       {shape_.topic, std::string(kScores), std::string(kAlerts), std::string(kDeadLetters)})
    log_.create_topic(topic, 1);
  reader_ = log_.join({.group = kGroup, .id = kGroup, .topics = {shape_.topic}});
  writer_ = log_.writer({.transactional_id = kGroup, .topics = {kScores, kAlerts, kDeadLetters}});
  FlowSettings flow = config.flow;
  flow.workers = std::max(1, flow.workers);
  flow.epoch_ms = std::min<std::int64_t>(flow.epoch_ms, 20);  // Nobody pays for transactions here.
  engine_ = std::make_unique<Engine>(
      EngineParts{.streams = {shape_.stream},
                  .plans = {std::move(plan)},
                  .outputs = shape_.outputs,
                  .identity = {.config_hash = config.hash,
                               .program_version = std::string(this_build().version),
                               .app = config.app},
                  .settings = flow,
                  .reader = *reader_,
                  .writer = *writer_,
                  .refits = *refits_,
                  .observer = *observer_,
                  .stopwatch = steady_nanoseconds});
  thread_ = std::jthread([this](const std::stop_token& stop) {
    ended_ = engine_->run(stop);
    has_ended_.store(true, std::memory_order_release);
  });
}

Replay::~Replay() = default;

Result<void> Replay::add(std::string_view bytes) {
  StoredRecord record{.value = std::string(bytes)};
  // Files have no record timestamps. Without a time field, rows are a second apart.
  if (shape_.stream.time.field.empty())
    record.timestamp_ms = static_cast<std::int64_t>(rows_) * 1'000;
  log_.append(shape_.topic, 0, std::move(record));
  ++rows_;
  bytes_under_way_ += bytes.size();
  if (rows_ % kRowsBetweenLooks != 0 && bytes_under_way_ < kBytesUnderWayMax) return {};
  hand_out();
  if (bytes_under_way_ < kBytesUnderWayMax) return wait_for(kRowsUnderWayMax);
  Result<void> waited = wait_for(0);
  bytes_under_way_ = 0;
  return waited;
}

Result<void> Replay::finish() {
  Result<void> waited = wait_for(0);
  if (!waited) return waited;
  thread_.request_stop();
  thread_.join();
  hand_out();
  return ended_;
}

std::uint64_t Replay::committed_rows() const {
  const auto committed = log_.committed(kGroup, shape_.topic, 0);
  return committed ? static_cast<std::uint64_t>(committed->offset) : 0;
}

Result<void> Replay::wait_for(std::uint64_t rows_behind_max) {
  for (;;) {
    const std::uint64_t committed = committed_rows();
    log_.trim(shape_.topic, 0, static_cast<std::int64_t>(committed));
    if (rows_ - committed <= rows_behind_max) return {};
    if (has_ended_.load(std::memory_order_acquire)) {
      if (!ended_) return ended_;
      return Error{"the pipeline ended before all rows were scored"};
    }
    hand_out();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void Replay::hand_out() {
  for (const StoredRecord& record : log_.take(kScores, 0)) take_.score(record);
  for (const StoredRecord& record : log_.take(kAlerts, 0)) take_.alert(record);
  for (const StoredRecord& record : log_.take(kDeadLetters, 0)) take_.dead_letter(record);
}

}  // namespace tocsin
