// What a state log does, on librdkafka's types. Internal to this folder.

#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "pipeline/kafka/background_call.h"
#include "pipeline/kafka/client.h"
#include "pipeline/kafka/kafka_state_log.h"
#include "pipeline/kafka/record_trimmer.h"
#include "pipeline/kafka/state_preparation.h"
#include "pipeline/kafka/wake_up.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// A reading is prepared by a background call, one reading at a time, and then read: librdkafka
/// fetches all of them into one queue.
///
/// Threads: one caller.
class StateReader final : public StateLog {
 public:
  /// `asking`, `wake_up` and `health` outlive it.
  StateReader(const KafkaSettings& settings, rd_kafka_t* asking, WakeUp& wake_up, KafkaLog log,
              StateLogHealth& health);
  ~StateReader() override;
  StateReader(const StateReader&) = delete;
  StateReader& operator=(const StateReader&) = delete;

  Result<void> open(const KafkaSettings& settings);

  StateReading begin(const StatePlace& place, std::int64_t offset) override;
  void end(StateReading reading) override;
  Result<std::size_t> poll(StateSink& sink, std::size_t bytes_max) override;
  std::string waiting_for() const override;
  void trim(std::string_view topic, std::int32_t partition, std::int64_t offset) override;

 private:
  using Clock = std::chrono::steady_clock;

  struct Reading {
    StatePartition place;
    std::int64_t expected = 0;           // The next record has at least this offset.
    std::int64_t high = -1;              // Of the watermark; -1: not yet known.
    std::int64_t end = -1;               // As reported last.
    rd_kafka_topic_t* handle = nullptr;  // Set while librdkafka fetches it.
    std::string trouble;                 // Why it does not get on.
    Clock::time_point not_before{};      // Of the next attempt to prepare it.
  };

  static void on_message(rd_kafka_message_t* message, void* opaque);

  void take_preparation();
  void prepare_next();
  void begin_to_read(StateReading reading, const Watermarks& marks);
  bool is_being_read(const StatePartition& place) const;
  Result<rd_kafka_topic_t*> topic_named(const std::string& name);
  void note_error(const rd_kafka_message_t& message, Reading* reading);

  ClientContext context_;
  rd_kafka_t* asking_;
  WakeUp& wake_up_;
  RdPtr<rd_kafka_t> client_;
  RdPtr<rd_kafka_queue_t> queue_;                          // Records of all readings.
  std::map<std::string, RdPtr<rd_kafka_topic_t>> topics_;  // Made when first read.
  RecordTrimmer trimmer_;

  std::map<StateReading, Reading> readings_;
  StateReading next_reading_ = 0;
  std::deque<StateReading> to_prepare_;  // In turn; those that failed go to the end.

  // Of the poll that runs.
  StateSink* sink_ = nullptr;
  std::size_t records_ = 0;
  std::size_t bytes_ = 0;
  std::size_t bytes_max_ = 0;

  StateReading prepared_ = -1;  // The reading that the call is about.
  Preparation preparation_;     // By the background call.
  StatePreparation preparing_;  // Used by the background call.
  BackgroundCall call_;         // Last: it ends before what it uses.
};

}  // namespace tocsin
