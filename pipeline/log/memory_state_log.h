// A reader of state topics of the log in memory. Internal to this folder.

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "pipeline/log/memory_store.h"

namespace tocsin {

/// Reads committed, as Kafka's reader does: up to the first open transaction.
class MemoryStateLog final : public StateLog {
 public:
  MemoryStateLog(MemoryStore& log, StateDelayHook delays) : log_(log), delays_(std::move(delays)) {}

  StateReading begin(const StatePlace& place, std::int64_t offset) override {
    const std::lock_guard lock(log_.mutex);
    const std::string name(place.topic);
    log_.create_topic(name, log_.topics.at(std::string(place.input)).size());
    const StateReading reading = next_reading_++;
    places_[reading] = {.stored = &log_.partition(name, place.partition),
                        .next = offset,
                        .end_reported = -1,
                        .has_watermark = false};
    return reading;
  }

  void end(StateReading reading) override { places_.erase(reading); }

  Result<std::size_t> poll(StateSink& sink, std::size_t bytes_max) override {
    is_delayed_ = delays_ && delays_();
    if (is_delayed_) return std::size_t{0};
    std::size_t count = 0;
    std::size_t bytes = 0;
    // The sink may end readings: they are looked up again after every call.
    for (auto at = places_.begin(); at != places_.end();) {
      const StateReading reading = at->first;
      tell_watermark(sink, reading);
      for (; bytes < bytes_max; ++count) {
        const std::optional<StoredRecord> record = take_next(reading);
        if (!record) break;
        const std::string value = record->value.value_or("");
        bytes += value.size();
        sink.state_record(reading, record->offset, value);
      }
      if (bytes < bytes_max) tell_end(sink, reading);
      at = places_.upper_bound(reading);
    }
    return count;
  }

  std::string waiting_for() const override {
    return is_delayed_ ? "a fault was injected" : std::string();
  }

  void trim(std::string_view topic, std::int32_t partition, std::int64_t offset) override {
    const std::lock_guard lock(log_.mutex);
    log_.trim(std::string(topic), partition, offset);
  }

 private:
  struct Place {
    StoredPartition* stored = nullptr;
    std::int64_t next = 0;
    std::int64_t end_reported = -1;
    bool has_watermark = false;
  };

  void tell_watermark(StateSink& sink, StateReading reading) {
    Place& place = places_.at(reading);
    if (std::exchange(place.has_watermark, true)) return;
    std::unique_lock lock(log_.mutex);
    const std::int64_t high = place.stored->high();
    lock.unlock();
    sink.state_watermark(reading, high);
  }

  void tell_end(StateSink& sink, StateReading reading) {
    const auto found = places_.find(reading);
    if (found == places_.end()) return;
    Place& place = found->second;
    if (place.end_reported == place.next) return;
    place.end_reported = place.next;
    sink.state_end(reading, place.next);
  }

  /// A copy, because the sink is called without the lock.
  std::optional<StoredRecord> take_next(StateReading reading) {
    const auto found = places_.find(reading);
    if (found == places_.end()) return std::nullopt;
    const std::lock_guard lock(log_.mutex);
    return found->second.stored->take_stable(found->second.next);
  }

  MemoryStore& log_;
  const StateDelayHook delays_;
  bool is_delayed_ = false;
  std::map<StateReading, Place> places_;
  StateReading next_reading_ = 0;
};

}  // namespace tocsin
