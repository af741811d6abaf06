#include "pipeline/kafka/record_sender.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "pipeline/kafka/client_properties.h"
#include "pipeline/kafka/write_errors.h"
#include "pipeline/log/murmur2.h"

namespace tocsin {
namespace {

constexpr std::size_t kWindow = 4096;          // Records whose order is changed at once.
constexpr std::size_t kUnderWayMax = 500'000;  // Far below what librdkafka would take.

// librdkafka wants writable memory and only reads it. A null pointer would mean "none".
void* pointer(std::string_view bytes) {
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  return const_cast<char*>(data);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

// A record's index travels as the message's opaque pointer, one up so that it is never null.
void* tag(std::size_t index) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): never dereferenced.
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(index + 1));
}
std::size_t index_of(const rd_kafka_message_t& message) {
  return static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(message._private)) - 1;
}

bool is_purge(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
}

std::string text_of(rd_kafka_resp_err_t error) {
  return std::string(rd_kafka_err2name(error)) + ": " + rd_kafka_err2str(error);
}

rd_kafka_message_t message_of(const WriteRecord& record, std::int32_t partition,
                              std::size_t index) {
  rd_kafka_message_t message{};
  message.partition = partition;
  message.payload = pointer(record.value);
  message.len = record.value.size();
  if (record.key) {
    message.key = pointer(*record.key);
    message.key_len = record.key->size();
  }
  message._private = tag(index);
  return message;
}

}  // namespace

RecordSender::RecordSender(const KafkaSettings& settings, KafkaLog log, KafkaHealth& health)
    : settings_(settings) {
  context_.log = std::move(log);
  context_.health = &health;
  context_.owner = this;
}

Result<void> RecordSender::renew() {
  topics_.clear();
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
    topics_.push_back(std::make_unique<Topic>());
    // With what the user has set for topics.
    rd_kafka_topic_conf_t* conf = rd_kafka_default_topic_conf_dup(client_.get());
    rd_kafka_topic_conf_set_opaque(conf, topics_.back().get());
    rd_kafka_topic_conf_set_partitioner_cb(conf, partition_by_key);
    topics_.back()->handle.reset(rd_kafka_topic_new(client_.get(), name.c_str(), conf));
    if (topics_.back()->handle) continue;
    return Error{"cannot write to topic " + name + ": " + rd_kafka_err2str(rd_kafka_last_error())};
  }
  return {};
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
    const rd_kafka_metadata_t* data = nullptr;
    Topic& topic = *topics_[warm_];
    auto error = rd_kafka_metadata(client_.get(), 0, topic.handle.get(), &data, timeout_ms);
    const RdPtr<const rd_kafka_metadata_t> owner(data);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR && data->topic_cnt == 1) error = data->topics[0].err;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      topic.partitions.store(std::max(1, data->topics[0].partition_cnt), std::memory_order_relaxed);
      continue;
    }
    return {is_authorisation(error) ? WriteStatus::stop : WriteStatus::retry,
            "output topic " + settings_.output_topics[warm_] + ": " + text_of(error)};
  }
  return {};
}

void RecordSender::begin() {
  taken_ = 0;
  reported_ = 0;
  refused_.clear();
  failure_ = {};
  for (const auto& topic : topics_) topic->is_counted = false;
}

void RecordSender::on_delivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message,
                               void* opaque) {
  auto& self = *static_cast<RecordSender*>(static_cast<ClientContext*>(opaque)->owner);
  --self.under_way_;
  ++self.reported_;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || is_purge(message->err)) return;
  if (is_refusal(message->err)) {
    self.refused_.push_back({.index = index_of(*message), .reason = text_of(message->err)});
  } else {
    self.fail(message->err);
  }
}

void RecordSender::fail(rd_kafka_resp_err_t error) {
  if (failure_.status != WriteStatus::ok) return;
  failure_ = {status_of_delivery(error), "a record was not delivered: " + text_of(error)};
  context_.health->note_error(failure_.reason);
}

void RecordSender::account(rd_kafka_resp_err_t error, std::size_t index) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++under_way_;
  } else if (is_refusal(error)) {
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
  add(RD_KAFKA_VTYPE_RKT).u.rkt = topics_[record.topic]->handle.get();
  add(RD_KAFKA_VTYPE_PARTITION).u.i32 = partition;
  add(RD_KAFKA_VTYPE_MSGFLAGS).u.i = 0;
  add(RD_KAFKA_VTYPE_OPAQUE).u.ptr = tag(index);
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

std::int32_t RecordSender::partition_for(const WriteRecord& record) const {
  if (record.partition >= 0) return record.partition;
  return partition_of(record.key.value_or(std::string_view()), topics_[record.topic]->count());
}

// Brings the records of a window into the order of their partitions, without changing the order
// within one. librdkafka keeps a list for each partition; its sending thread walks a list that lies
// in memory as it was made at half the cost of one that is scattered.
void RecordSender::sort_by_partition(std::span<const WriteRecord> records) {
  constexpr std::size_t kBuckets = 256;  // Places that share one are only less well sorted.
  std::array<std::uint32_t, kBuckets + 1> begins{};
  places_.clear();
  for (const WriteRecord& record : records) {
    const std::int32_t partition = partition_for(record);
    const auto bucket =
        static_cast<std::uint8_t>(static_cast<std::uint32_t>(partition) + 37U * record.topic);
    places_.push_back({.partition = partition, .bucket = bucket});
    ++begins[bucket + 1U];
  }
  for (std::size_t i = 1; i <= kBuckets; ++i) begins[i] += begins[i - 1];
  order_.resize(records.size());
  for (std::uint32_t i = 0; i < records.size(); ++i) order_[begins[places_[i].bucket]++] = i;
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
  batch_.push_back(message_of(record, partition, index));
}

void RecordSender::send_batch() {
  if (batch_.empty()) return;
  constexpr int kNoCopy = 0;
  rd_kafka_produce_batch(topics_[batch_topic_]->handle.get(), batch_.front().partition, kNoCopy,
                         batch_.data(), static_cast<int>(batch_.size()));
  for (const rd_kafka_message_t& message : batch_) account(message.err, index_of(message));
  batch_.clear();
}

std::size_t RecordSender::produce(std::span<const WriteRecord> records) {
  const std::size_t room = kUnderWayMax - std::min(kUnderWayMax, under_way_);
  records = records.first(std::min(records.size(), room));
  std::size_t taken = 0;
  while (taken < records.size() && failure_.status == WriteStatus::ok) {
    const auto window = records.subspan(taken, std::min(records.size() - taken, kWindow));
    sort_by_partition(window);
    for (const std::uint32_t i : order_) {
      const WriteRecord& record = window[i];
      if (record.headers.empty()) {
        add_to_batch(record, places_[i].partition, taken_ + i);
      } else {
        send_batch();
        account(send_one(record, places_[i].partition, taken_ + i), taken_ + i);
      }
    }
    send_batch();
    taken += window.size();
    taken_ += window.size();
  }
  rd_kafka_poll(client_.get(), 0);
  return taken;
}

WriteOutcome RecordSender::death() const {
  if (context_.dead) {
    return {context_.is_forbidden ? WriteStatus::stop : WriteStatus::reopen, *context_.dead};
  }
  std::array<char, 256> why{};
  const auto fatal = rd_kafka_fatal_error(client_.get(), why.data(), why.size());
  if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return {is_authorisation(fatal) ? WriteStatus::stop : WriteStatus::reopen,
          std::string(rd_kafka_err2name(fatal)) + ": " + why.data()};
}

WriteOutcome RecordSender::flush(int timeout_ms) {
  if (!client_) return {WriteStatus::reopen, "the writer is not open"};
  rd_kafka_flush(client_.get(), timeout_ms);
  if (auto dead = death(); dead.status != WriteStatus::ok) return dead;
  if (failure_.status == WriteStatus::stop) return failure_;
  if (under_way_ > 0) {
    return {WriteStatus::retry, std::to_string(under_way_) + " records are not yet delivered"};
  }
  std::ranges::sort(refused_, {}, &RefusedRecord::index);
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
