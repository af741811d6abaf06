#include "pipeline/kafka/state_reader.h"

#include <algorithm>
#include <utility>

#include "pipeline/kafka/client_properties.h"
#include "pipeline/kafka/group_member.h"
#include "pipeline/kafka/kafka_reader.h"

namespace tocsin {
namespace {

constexpr std::chrono::milliseconds kTryAgain{100};

std::string name_of(const StatePartition& place) {
  return place.topic + " [" + std::to_string(place.partition) + "]";
}

std::string_view bytes_of(const rd_kafka_message_t& message) {
  if (message.payload == nullptr) return {};
  return {static_cast<const char*>(message.payload), message.len};
}

}  // namespace

StateReader::StateReader(const KafkaSettings& settings, rd_kafka_t* asking, WakeUp& wake_up,
                         KafkaLog log, StateLogHealth& health)
    : asking_(asking),
      wake_up_(wake_up),
      trimmer_(asking, log, health),
      preparing_(settings.state_replication, log, health) {
  context_.log = std::move(log);
  context_.health = &health.client;
  context_.owner = this;
}

StateReader::~StateReader() {
  preparing_.stop();
  for (const auto& [id, reading] : readings_) {
    if (reading.handle != nullptr) rd_kafka_consume_stop(reading.handle, reading.place.partition);
  }
  topics_.clear();
  queue_.reset();
  end_consumer(std::move(client_));
}

Result<void> StateReader::open(const KafkaSettings& settings) {
  auto made =
      make_client(ClientKind::consumer, settings, state_properties(settings), context_, nullptr);
  if (!made) return made.error();
  client_ = std::move(*made);
  queue_.reset(rd_kafka_queue_new(client_.get()));
  wake_up_.listen_to(queue_.get());
  return {};
}

StateReading StateReader::begin(const StatePlace& place, std::int64_t offset) {
  const StateReading reading = next_reading_++;
  Reading& begun = readings_[reading];
  begun.place = {.topic = std::string(place.topic),
                 .input = std::string(place.input),
                 .partition = place.partition};
  begun.expected = offset;
  to_prepare_.push_back(reading);
  wake_up_.ring();
  return reading;
}

void StateReader::end(StateReading reading) {
  const auto found = readings_.find(reading);
  if (found == readings_.end()) return;
  if (found->second.handle != nullptr) {
    rd_kafka_consume_stop(found->second.handle, found->second.place.partition);
  }
  readings_.erase(found);
  std::erase(to_prepare_, reading);
}

Result<std::size_t> StateReader::poll(StateSink& sink, std::size_t bytes_max) {
  sink_ = &sink;
  records_ = 0;
  bytes_ = 0;
  bytes_max_ = bytes_max;
  take_preparation();
  prepare_next();
  if (bytes_max > 0) rd_kafka_consume_callback_queue(queue_.get(), 0, on_message, this);
  sink_ = nullptr;
  rd_kafka_poll(client_.get(), 0);  // Errors of the client.
  trimmer_.serve();
  if (context_.dead) return Error{"the state topics cannot be read: " + *context_.dead};
  return records_;
}

void StateReader::take_preparation() {
  if (prepared_ < 0 || !call_.wait(std::chrono::milliseconds(0))) return;
  const StateReading id = std::exchange(prepared_, -1);
  const Preparation preparation = std::exchange(preparation_, {});
  if (preparation.is_forbidden) context_.dead = preparation.waiting_for;
  const auto found = readings_.find(id);
  if (found == readings_.end()) return;  // Ended meanwhile.
  if (preparation.marks) {
    begin_to_read(id, *preparation.marks);
    return;
  }
  found->second.trouble = preparation.waiting_for;
  found->second.not_before = Clock::now() + kTryAgain;
  to_prepare_.push_back(id);
}

void StateReader::prepare_next() {
  if (call_.is_under_way()) return;
  const auto now = Clock::now();
  const auto due = std::ranges::find_if(to_prepare_, [&](StateReading id) {
    const Reading& reading = readings_.at(id);
    return reading.not_before <= now && !is_being_read(reading.place);
  });
  if (due == to_prepare_.end()) return;
  prepared_ = *due;
  to_prepare_.erase(due);
  call_.start([this, place = readings_.at(prepared_).place] {
    preparation_ = preparing_.attempt(asking_, place);
    wake_up_.ring();
  });
}

// A partition is fetched for one reading at a time: the next waits until the other has ended.
bool StateReader::is_being_read(const StatePartition& place) const {
  return std::ranges::any_of(readings_, [&place](const auto& entry) {
    const Reading& other = entry.second;
    return other.handle != nullptr && other.place.partition == place.partition &&
           other.place.topic == place.topic;
  });
}

void StateReader::begin_to_read(StateReading id, const Watermarks& marks) {
  Reading& reading = readings_.at(id);
  reading.trouble.clear();
  reading.high = marks.high;
  const auto topic = topic_named(reading.place.topic);
  const std::int64_t from = std::clamp(reading.expected, marks.low, marks.high);
  if (!topic ||
      rd_kafka_consume_start_queue(*topic, reading.place.partition, from, queue_.get()) != 0) {
    context_.dead =
        name_of(reading.place) + " cannot be read: " +
        (topic ? std::string(rd_kafka_err2str(rd_kafka_last_error())) : topic.error().message);
    return;
  }
  reading.handle = *topic;
  sink_->state_watermark(id, marks.high);
}

Result<rd_kafka_topic_t*> StateReader::topic_named(const std::string& name) {
  RdPtr<rd_kafka_topic_t>& topic = topics_[name];
  if (!topic) topic.reset(rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
  if (!topic) return Error{rd_kafka_err2str(rd_kafka_last_error())};
  return topic.get();
}

void StateReader::on_message(rd_kafka_message_t* message, void* opaque) {
  auto& self = *static_cast<StateReader*>(opaque);
  const auto found = std::ranges::find_if(self.readings_, [message](const auto& entry) {
    return entry.second.handle != nullptr && entry.second.handle == message->rkt &&
           entry.second.place.partition == message->partition;
  });
  Reading* reading = found == self.readings_.end() ? nullptr : &found->second;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR &&
      message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    self.note_error(*message, reading);
    return;
  }
  if (reading == nullptr) return;
  reading->trouble.clear();
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    if (std::exchange(reading->end, message->offset) == message->offset) return;
    self.sink_->state_end(found->first, message->offset);
    return;
  }
  if (message->offset < reading->expected) return;
  reading->expected = message->offset + 1;
  ++self.records_;
  self.bytes_ += message->len;
  self.sink_->state_record(found->first, message->offset, bytes_of(*message));
  if (self.bytes_ >= self.bytes_max_) rd_kafka_yield(self.client_.get());
}

void StateReader::note_error(const rd_kafka_message_t& message, Reading* reading) {
  std::string text =
      std::string(rd_kafka_err2name(message.err)) + ": " + rd_kafka_message_errstr(&message);
  if (reading != nullptr) text = name_of(reading->place) + ": " + text;
  if (is_authorisation(message.err) || message.err == RD_KAFKA_RESP_ERR__FATAL) {
    context_.dead = text;
  }
  if (reading != nullptr) reading->trouble = text;
  if (context_.log) context_.log(4, "STATE", text);
  context_.health->note_error(std::move(text));
}

std::string StateReader::waiting_for() const {
  for (const auto& [id, reading] : readings_) {
    if (!reading.trouble.empty()) return reading.trouble;
  }
  for (const auto& [id, reading] : readings_) {
    if (reading.end >= 0 && reading.end < reading.high) {
      return name_of(reading.place) + " is committed up to " + std::to_string(reading.end) +
             " of " + std::to_string(reading.high) + ": a transaction is still open there";
    }
  }
  return {};
}

void StateReader::trim(std::string_view topic, std::int32_t partition, std::int64_t offset) {
  trimmer_.want(std::string(topic), partition, offset);
}

Result<std::unique_ptr<StateLog>> make_kafka_state_log(const KafkaSettings& settings,
                                                       KafkaReader& reader, KafkaLog log,
                                                       StateLogHealth& health) {
  auto asking = reader.member().asking_client();
  if (!asking) return asking.error();
  auto made = std::make_unique<StateReader>(settings, *asking, reader.member().wake_up(),
                                            std::move(log), health);
  if (auto opened = made->open(settings); !opened) return opened.error();
  return std::unique_ptr<StateLog>(std::move(made));
}

}  // namespace tocsin
