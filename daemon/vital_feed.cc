#include "daemon/vital_feed.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

#include "pipeline/kafka/kafka_settings.h"
#include "pipeline/kafka/kafka_writer.h"

namespace tocsin {
namespace {

using SystemClock = std::chrono::system_clock;

std::int64_t milliseconds_of(SystemClock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

/// Transactional, because a writer without transactions belongs to a reader. The batch and the
/// transaction of an interval are the same.
KafkaSettings settings_of(const std::string& bootstrap, std::string topic) {
  KafkaSettings settings{.app = "tocsin-demo-feed", .brokers = {bootstrap}};
  settings.output_topics = {std::move(topic)};
  return settings;
}

/// Calls until the answer is another than `retry`.
bool insist(const std::function<WriteOutcome()>& call, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const WriteStatus status = call().status;
    if (status == WriteStatus::ok) return true;
    if (status != WriteStatus::retry) return false;
  }
  return false;
}

}  // namespace

VitalFeed::VitalFeed(const std::string& bootstrap, std::string topic, KafkaLog log)
    : writer_(make_kafka_writer(settings_of(bootstrap, std::move(topic)), nullptr, std::move(log),
                                health_)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void VitalFeed::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  bool is_open = false;
  SystemClock::time_point next = SystemClock::now();
  while (!stop.stop_requested()) {
    if (!is_open) is_open = insist([&] { return writer_->open(); }, stop);
    const std::vector<VitalEvent> events = signs_.read(milliseconds_of(SystemClock::now()));
    busy_percent_ = signs_.busy_percent();
    // A moment that cannot be written is lost, as a sensor's would be.
    if (is_open && !events.empty()) is_open = write(events, stop);
    next = std::max(next + kInterval, SystemClock::now());
    woken.wait_until(lock, stop, next, [] { return false; });
  }
}

bool VitalFeed::write(std::span<const VitalEvent> events, const std::stop_token& stop) {
  std::vector<WriteRecord> records;
  for (const VitalEvent& event : events) {
    records.push_back({.key = event.entity, .value = event.json, .headers = {}});
  }
  const bool is_written = insist([&] { return writer_->begin(); }, stop) &&
                          writer_->produce(records) == records.size() &&
                          insist([&] { return writer_->flush(); }, stop) &&
                          insist([&] { return writer_->commit(); }, stop);
  if (is_written) {
    events_ += events.size();
    return true;
  }
  // The records' bytes must stay until the writer has let go of them.
  static_cast<void>(insist([&] { return writer_->abort(); }, {}));
  return false;
}

}  // namespace tocsin
