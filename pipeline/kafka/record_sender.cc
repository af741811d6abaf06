#include "pipeline/kafka/record_sender.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "pipeline/kafka/client_properties.h"
#include "pipeline/kafka/delivery_tag.h"
#include "pipeline/kafka/write_errors.h"
#include "pipeline/log/murmur2.h"

namespace tocsin {
namespace {

constexpr std::size_t kUnderWayMax = 500'000;  // Far below what librdkafka would take.
constexpr int kAskMs = 100;
constexpr int kTurnMs = 10;
// Of a request's bytes, what is not of its records.
constexpr std::size_t kRequestOverhead = 1024;

// librdkafka wants writable memory and only reads it. A null pointer would mean "none".
void* pointer(std::string_view bytes) {
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  return const_cast<char*>(data);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

DeliveryTag tag_of(const rd_kafka_message_t& message) { return DeliveryTag(message._private); }

bool is_purge(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
}

std::string text_of(rd_kafka_resp_err_t error) {
  return std::string(rd_kafka_err2name(error)) + ": " + rd_kafka_err2str(error);
}

rd_kafka_message_t message_of(const WriteRecord& record, std::int32_t partition, void* opaque) {
  rd_kafka_message_t message{};
  message.partition = partition;
  message.payload = pointer(record.value);
  message.len = record.value.size();
  if (record.key) {
    message.key = pointer(*record.key);
    message.key_len = record.key->size();
  }
  message._private = opaque;
  return message;
}

}  // namespace

RecordSender::RecordSender(const KafkaSettings& settings, KafkaLog log, KafkaHealth& health)
    : settings_(settings),
      queue_({.records = kRequestRecords,
              .bytes = settings.batch_bytes_max -
                       std::min(settings.batch_bytes_max / 2, kRequestOverhead)}) {
  context_.log = std::move(log);
  context_.health = &health;
  context_.owner = this;
}

Result<void> RecordSender::renew() {
  topics_.clear();
  named_.clear();
  client_.reset();
  context_.dead.reset();
  context_.is_forbidden = false;
  under_way_ = 0;
  warm_ = 0;
  begin();
  auto made =
      make_client(ClientKind::producer, settings_, writer_properties(settings_), context_,
                  [](rd_kafka_conf_t* conf) { rd_kafka_conf_set_dr_msg_cb(conf, on_delivery); });
  if (!made) return made.error();
  client_ = std::move(*made);
  for (const auto& name : settings_.output_topics) {
    if (auto added = add_topic(name, nullptr); !added) return added.error();
  }
  return {};
}

// `codec`: of its own, or null for the writer's.
Result<std::size_t> RecordSender::add_topic(const std::string& name, const char* codec) {
  auto topic = std::make_unique<Topic>();
  topic->name = name;
  // With what the user has set for topics.
  rd_kafka_topic_conf_t* conf = rd_kafka_default_topic_conf_dup(client_.get());
  rd_kafka_topic_conf_set_opaque(conf, topic.get());
  rd_kafka_topic_conf_set_partitioner_cb(conf, partition_by_key);
  if (codec != nullptr) {
    std::array<char, 256> why{};
    rd_kafka_topic_conf_set(conf, "compression.codec", codec, why.data(), why.size());
  }
  topic->handle.reset(rd_kafka_topic_new(client_.get(), name.c_str(), conf));
  if (!topic->handle) {
    return Error{"cannot write to topic " + name + ": " + rd_kafka_err2str(rd_kafka_last_error())};
  }
  topics_.push_back(std::move(topic));
  return topics_.size() - 1;
}

// Java's choice, for librdkafka and for us; it may be asked from librdkafka's threads.
// NOLINTNEXTLINE(readability-function-size): librdkafka's six parameters.
std::int32_t RecordSender::partition_by_key(const rd_kafka_topic_t* /*topic*/, const void* key,
                                            std::size_t size, std::int32_t partitions,
                                            void* topic_opaque, void* /*message_opaque*/) {
  static_cast<Topic*>(topic_opaque)->partitions.store(partitions, std::memory_order_relaxed);
  const auto* bytes = static_cast<const char*>(key);
  return partition_of(bytes == nullptr ? std::string_view() : std::string_view(bytes, size),
                      partitions);
}

WriteOutcome RecordSender::warm_up(int timeout_ms) {
  for (; warm_ < topics_.size(); ++warm_) {
    const rd_kafka_resp_err_t error = ask_partitions(*topics_[warm_], timeout_ms);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    return {is_authorisation(error) ? WriteStatus::stop : WriteStatus::retry,
            "output topic " + topics_[warm_]->name + ": " + text_of(error)};
  }
  return {};
}

rd_kafka_resp_err_t RecordSender::ask_partitions(Topic& topic, int timeout_ms) {
  const rd_kafka_metadata_t* data = nullptr;
  const auto error = rd_kafka_metadata(client_.get(), 0, topic.handle.get(), &data, timeout_ms);
  const RdPtr<const rd_kafka_metadata_t> owner(data);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  if (data->topic_cnt != 1) return RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  if (data->topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR) return data->topics[0].err;
  topic.partitions.store(std::max(1, data->topics[0].partition_cnt), std::memory_order_relaxed);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void RecordSender::begin() {
  series_ = DeliveryTag::after(series_);
  queue_.clear();
  reported_ = 0;
  refused_.clear();
  placed_.clear();
  failure_ = {};
  missing_.clear();
  for (const auto& topic : topics_) topic->is_counted = false;
}

void RecordSender::on_delivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message,
                               void* opaque) {
  auto& self = *static_cast<RecordSender*>(static_cast<ClientContext*>(opaque)->owner);
  --self.under_way_;
  if (tag_of(*message).series() != self.series_) return;  // Purged by the abort before this series.
  ++self.reported_;
  self.queue_.note_reported(tag_of(*message).index());
  if (is_purge(message->err)) return;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    self.note_place(*message);
  } else if (is_refusal(message->err)) {
    self.refused_.push_back({.index = tag_of(*message).index(), .reason = text_of(message->err)});
  } else {
    self.fail(message->err);
  }
}

void RecordSender::note_place(const rd_kafka_message_t& message) {
  if (!tag_of(message).wants_place()) return;
  if (message.offset < 0) {
    // Sent twice and found to be stored long since: only a new transaction tells its place.
    fail(RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER);
    return;
  }
  placed_.push_back({.index = tag_of(message).index(), .offset = message.offset});
}

void RecordSender::fail(rd_kafka_resp_err_t error) {
  if (failure_.status != WriteStatus::ok) return;
  failure_ = {status_of_delivery(error), "a record was not delivered: " + text_of(error)};
  context_.health->note_error(failure_.reason);
}

void RecordSender::account(rd_kafka_resp_err_t error, std::size_t index) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++under_way_;
    return;
  }
  queue_.note_reported(index);
  if (is_refusal(error)) {
    refused_.push_back({.index = index, .reason = text_of(error)});
  } else {
    fail(error);
  }
}

rd_kafka_resp_err_t RecordSender::send_one(const WriteRecord& record, std::int32_t partition,
                                           std::size_t index) {
  fields_.clear();
  const auto add = [this](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
    auto& field = fields_.emplace_back();
    field.vtype = type;
    return field;
  };
  const auto add_bytes = [&add](rd_kafka_vtype_t type, std::string_view bytes) {
    auto& field = add(type);
    field.u.mem.ptr = pointer(bytes);
    field.u.mem.size = bytes.size();
  };
  add(RD_KAFKA_VTYPE_RKT).u.rkt = topics_[topic_of(record)]->handle.get();
  add(RD_KAFKA_VTYPE_PARTITION).u.i32 = partition;
  add(RD_KAFKA_VTYPE_MSGFLAGS).u.i = 0;
  add(RD_KAFKA_VTYPE_OPAQUE).u.ptr = DeliveryTag(series_, index, record.wants_place).opaque();
  add_bytes(RD_KAFKA_VTYPE_VALUE, record.value);
  if (record.key) add_bytes(RD_KAFKA_VTYPE_KEY, *record.key);

  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const HeaderView& header : record.headers) {
    rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value ? pointer(*header.value) : nullptr,
                        header.value ? static_cast<ssize_t>(header.value->size()) : 0);
  }
  add(RD_KAFKA_VTYPE_HEADERS).u.headers = headers;
  const RdPtr<rd_kafka_error_t> error(
      rd_kafka_produceva(client_.get(), fields_.data(), fields_.size()));
  if (!error) return RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_headers_destroy(headers);  // Only a success takes them over.
  return rd_kafka_error_code(error.get());
}

std::size_t RecordSender::topic_of(const WriteRecord& record) const {
  return record.topic_name.empty() ? record.topic : named_.find(record.topic_name)->second;
}

std::int32_t RecordSender::partition_for(const WriteRecord& record) const {
  if (record.partition >= 0) return record.partition;
  return partition_of(record.key.value_or(std::string_view()), topics_[topic_of(record)]->count());
}

// How many of the records can be sent now. A topic by name is made when it is first met, and its
// partitions are asked for until there are enough: librdkafka would fail a record of a partition
// that it has not heard of yet, and the topic may have grown a moment ago.
std::size_t RecordSender::count_known(std::span<const WriteRecord> records) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    const WriteRecord& record = records[i];
    if (record.topic_name.empty() || is_known(record)) continue;
    if (i == 0 && becomes_known(record)) continue;
    return i;
  }
  return records.size();
}

bool RecordSender::is_known(const WriteRecord& record) const {
  const auto found = named_.find(record.topic_name);
  if (found == named_.end()) return false;
  const std::int32_t count = topics_[found->second]->count();
  return count > 0 && record.partition < count;
}

bool RecordSender::becomes_known(const WriteRecord& record) {
  std::string name(record.topic_name);
  if (!named_.contains(name)) {
    // What goes there is compressed already.
    const auto added = add_topic(name, "none");
    if (!added) {
      failure_ = {WriteStatus::stop, added.error().message};
      return false;
    }
    topics_[*added]->partitions.store(0, std::memory_order_relaxed);
    named_.emplace(name, *added);
  }
  Topic& topic = *topics_[named_.find(name)->second];
  const rd_kafka_resp_err_t error = ask_partitions(topic, kAskMs);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR && record.partition < topic.count()) return true;
  std::string why = error == RD_KAFKA_RESP_ERR_NO_ERROR
                        ? "has no partition " + std::to_string(record.partition) + " yet"
                        : text_of(error);
  why = "topic " + name + ": " + why;
  if (is_authorisation(error)) failure_ = {WriteStatus::stop, why};
  missing_ = std::move(why);
  return false;
}

void RecordSender::add_to_batch(const WriteRecord& record, std::int32_t partition,
                                std::size_t index) {
  Topic& topic = *topics_[record.topic];
  // The first by key goes through librdkafka's partitioner, which tells how many partitions the
  // topic has by now.
  if (record.partition < 0 && !std::exchange(topic.is_counted, true)) {
    partition = RD_KAFKA_PARTITION_UA;
  }
  if (!batch_.empty() && (batch_topic_ != record.topic || batch_.back().partition != partition)) {
    send_batch();
  }
  batch_topic_ = record.topic;
  batch_.push_back(
      message_of(record, partition, DeliveryTag(series_, index, record.wants_place).opaque()));
}

void RecordSender::send_batch() {
  if (batch_.empty()) return;
  constexpr int kNoCopy = 0;
  rd_kafka_produce_batch(topics_[batch_topic_]->handle.get(), batch_.front().partition, kNoCopy,
                         batch_.data(), static_cast<int>(batch_.size()));
  for (const rd_kafka_message_t& message : batch_) account(message.err, tag_of(message).index());
  batch_.clear();
}

std::size_t RecordSender::produce(std::span<const WriteRecord> records) {
  records = records.first(count_known(records));
  for (const WriteRecord& record : records) {
    queue_.add(record, topic_of(record), partition_for(record));
  }
  send_waiting();
  rd_kafka_poll(client_.get(), 0);
  return records.size();
}

void RecordSender::send_waiting() {
  SendQueue::Turn turn;
  while (failure_.status == WriteStatus::ok && under_way_ < kUnderWayMax && queue_.next(turn)) {
    for (const auto& [record, index] : turn.items) {
      if (record->headers.empty() && record->topic_name.empty()) {
        add_to_batch(*record, turn.partition, index);
      } else {
        send_batch();
        account(send_one(*record, turn.partition, index), index);
      }
    }
    send_batch();
  }
}

// What will still be given to librdkafka; after a failure nothing is.
std::size_t RecordSender::sendable() const {
  return failure_.status == WriteStatus::ok ? queue_.waiting() : 0;
}

// Gives librdkafka what waits, turn by turn, and returns how much of the time is left.
int RecordSender::send_all(int timeout_ms) {
  using std::chrono::milliseconds;
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + milliseconds(timeout_ms);
  int left = timeout_ms;
  send_waiting();
  while (sendable() > 0 && left > 0) {
    rd_kafka_poll(client_.get(), std::min(left, kTurnMs));
    send_waiting();
    left = static_cast<int>(std::chrono::ceil<milliseconds>(end - Clock::now()).count());
  }
  return std::max(left, 0);
}

WriteOutcome RecordSender::death() const {
  std::array<char, 256> why{};
  const auto fatal = rd_kafka_fatal_error(client_.get(), why.data(), why.size());
  if (context_.dead) {
    return {context_.is_forbidden ? WriteStatus::stop : WriteStatus::reopen, *context_.dead,
            cause_of(fatal)};
  }
  if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return {is_authorisation(fatal) ? WriteStatus::stop : WriteStatus::reopen,
          std::string(rd_kafka_err2name(fatal)) + ": " + why.data(), cause_of(fatal)};
}

WriteOutcome RecordSender::flush(int timeout_ms) {
  if (!client_) return {WriteStatus::reopen, "the writer is not open"};
  rd_kafka_flush(client_.get(), send_all(timeout_ms));
  if (auto dead = death(); dead.status != WriteStatus::ok) return dead;
  if (failure_.status == WriteStatus::stop) return failure_;
  if (const std::size_t left = under_way_ + sendable(); left > 0) {
    return {WriteStatus::retry, std::to_string(left) + " records are not yet delivered"};
  }
  if (!missing_.empty()) return {WriteStatus::retry, std::exchange(missing_, {})};
  std::ranges::sort(refused_, {}, &RefusedRecord::index);
  std::ranges::sort(placed_, {}, &PlacedRecord::index);
  // What fails beside a refusal fails because of it, or will fail again.
  if (!refused_.empty() && failure_.status == WriteStatus::resend) return {};
  return failure_;
}

WriteOutcome RecordSender::trouble() const {
  if (failure_.status != WriteStatus::ok) return failure_;
  if (refused_.empty()) return {};
  return {WriteStatus::resend, "a record was refused: " + refused_.front().reason};
}

}  // namespace tocsin
