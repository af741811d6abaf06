#include "pipeline/kafka/kafka_history.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include "pipeline/kafka/client.h"
#include "pipeline/kafka/client_properties.h"
#include "pipeline/kafka/group_member.h"
#include "pipeline/kafka/kafka_admin.h"
#include "pipeline/kafka/offset_queries.h"
#include "pipeline/kafka/wake_up.h"

namespace tocsin {
namespace {

constexpr std::chrono::seconds kLookPatience{10};

/// Of nobody's generation: what was read here is not to be committed anywhere.
class NoGeneration final : public Generation {};

std::optional<std::string_view> bytes(const void* at, std::size_t size) {
  if (at == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(at), size);
}

std::string sentence(const ClusterView& view) {
  std::string text;
  for (const std::string& name : view.missing) text += "topic " + name + " does not exist; ";
  for (const std::string& name : view.unmatched) text += "no topic matches " + name + "; ";
  return text.substr(0, text.size() - std::min<std::size_t>(text.size(), 2));
}

}  // namespace

/// One partition, with a queue of its own: librdkafka's pause would throw away what is queued.
struct HistoryPartition {
  std::string topic;
  std::int32_t number = 0;
  std::int64_t low = 0;
  std::int64_t end = 0;
  std::int64_t next = 0;
  bool is_started = false;
  bool is_paused = false;
  bool is_at_end = false;
  bool has_reported_end = false;
  rd_kafka_topic_t* handle = nullptr;  // Of Inside::topics.
};

struct KafkaHistory::Inside {
  Inside(KafkaLog log, KafkaHealth& health) {
    context.log = std::move(log);
    context.health = &health;
  }

  Result<std::vector<TopicPartition>> find(const KafkaSettings& settings);
  Result<void> open(const KafkaSettings& settings, std::span<const TopicPartition> wanted);
  Result<void> add(const TopicPartition& wanted);
  rd_kafka_topic_t* topic_named(const std::string& name);
  static void on_message(rd_kafka_message_t* message, void* opaque);
  void take(const rd_kafka_message_t& message);
  void note_error(const rd_kafka_message_t& message);
  void reached(HistoryPartition& partition, std::int64_t next);
  Result<std::size_t> poll(ReadSink& to, std::size_t count);
  void serve(PartitionHandle handle);
  HistoryPartition& at(PartitionHandle handle) {
    return partitions[static_cast<std::size_t>(handle)];
  }

  ClientContext context;
  WakeUp wake_up;
  RdPtr<rd_kafka_t> client;
  std::map<std::string, RdPtr<rd_kafka_topic_t>> topics;
  std::vector<HistoryPartition> partitions;  // [handles]
  HeaderViews headers;
  bool is_assigned = false;
  bool has_more = true;  // Something may be reported without waiting.
  std::atomic<std::size_t> at_end{0};
  std::atomic<std::uint64_t> done{0};
  std::uint64_t total = 0;

  // Of the poll that runs.
  ReadSink* sink = nullptr;
  PartitionHandle current = 0;
  std::size_t records = 0;
  std::size_t records_max = 0;
};

/// Every partition of the topics that the settings name.
Result<std::vector<TopicPartition>> KafkaHistory::Inside::find(const KafkaSettings& settings) {
  auto admin = KafkaAdmin::make(settings, context.log, *context.health);
  if (!admin) return admin.error();
  const auto view = (*admin)->look(settings.topics, kLookPatience);
  if (!view) return view.error();
  if (const std::string wrong = sentence(*view); !wrong.empty()) return Error{wrong};
  std::vector<TopicPartition> all;
  for (const TopicView& topic : view->topics)
    for (std::int32_t p = 0; p < topic.partitions; ++p) all.push_back({topic.name, p});
  return all;
}

Result<void> KafkaHistory::Inside::open(const KafkaSettings& settings,
                                        std::span<const TopicPartition> wanted) {
  // Each partition has a queue of its own, and each queue this bound.
  KafkaSettings own = settings;
  own.fetch_queue_bytes /= wanted.size() + 1;
  auto made = make_client(ClientKind::consumer, own, history_properties(own), context, nullptr);
  if (!made) return made.error();
  client = std::move(*made);
  for (const TopicPartition& one : wanted)
    if (auto added = add(one); !added) return added;
  return {};
}

rd_kafka_topic_t* KafkaHistory::Inside::topic_named(const std::string& name) {
  RdPtr<rd_kafka_topic_t>& topic = topics[name];
  if (!topic) topic.reset(rd_kafka_topic_new(client.get(), name.c_str(), nullptr));
  return topic.get();
}

Result<void> KafkaHistory::Inside::add(const TopicPartition& wanted) {
  // A read-committed client's high watermark is the last stable offset.
  const auto asked =
      ask_watermarks(client.get(), {.topic = wanted.topic, .partition = wanted.partition});
  if (!asked.answer) return Error{asked.reason};
  const Watermarks marks = *asked.answer;
  partitions.push_back({.topic = wanted.topic,
                        .number = wanted.partition,
                        .low = marks.low,
                        .end = marks.high,
                        .next = marks.low,
                        .handle = topic_named(wanted.topic)});
  total += static_cast<std::uint64_t>(marks.high - marks.low);
  return {};
}

void KafkaHistory::Inside::on_message(rd_kafka_message_t* message, void* opaque) {
  static_cast<Inside*>(opaque)->take(*message);
}

void KafkaHistory::Inside::take(const rd_kafka_message_t& message) {
  HistoryPartition& partition = at(current);
  if (partition.is_at_end) return;
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return reached(partition, message.offset);
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return note_error(message);
  if (message.offset >= partition.end) return reached(partition, message.offset);
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t timestamp = rd_kafka_message_timestamp(&message, &type);
  sink->record({.partition = current,
                .offset = message.offset,
                .timestamp_ms = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : timestamp,
                .key = bytes(message.key, message.key_len),
                .value = bytes(message.payload, message.len),
                .headers = headers.of(message)});
  reached(partition, message.offset + 1);
  if (++records >= records_max) rd_kafka_yield(client.get());
}

void KafkaHistory::Inside::note_error(const rd_kafka_message_t& message) {
  const HistoryPartition& partition = at(current);
  std::string text =
      std::string(rd_kafka_err2name(message.err)) + ": " + rd_kafka_message_errstr(&message);
  if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
      message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
    context.dead = partition.topic + " [" + std::to_string(partition.number) +
                   "] has no record at offset " + std::to_string(partition.next) +
                   " any more: it expired, or the topic was deleted: " + text;
  else if (is_authorisation(message.err) || message.err == RD_KAFKA_RESP_ERR__FATAL ||
           message.err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
           message.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    context.dead = text;
  if (context.log) context.log(4, "READ", text);
  context.health->note_error(std::move(text));
}

/// What has been reported, or passed over, ends before `next`.
void KafkaHistory::Inside::reached(HistoryPartition& partition, std::int64_t next) {
  next = std::min(next, partition.end);
  if (next > partition.next)
    done.fetch_add(static_cast<std::uint64_t>(next - partition.next), std::memory_order_relaxed);
  partition.next = std::max(partition.next, next);
  partition.is_at_end = partition.next >= partition.end;
}

Result<std::size_t> KafkaHistory::Inside::poll(ReadSink& to, std::size_t count) {
  has_more = false;
  sink = &to;
  records = 0;
  records_max = count;
  if (!std::exchange(is_assigned, true)) {
    std::vector<Assignment> assigned;
    for (const HistoryPartition& partition : partitions)
      assigned.push_back({.handle = static_cast<PartitionHandle>(assigned.size()),
                          .topic = partition.topic,
                          .partition = partition.number});
    sink->assigned(assigned, std::make_shared<const NoGeneration>());
  }
  for (std::size_t p = 0; p < partitions.size(); ++p) serve(static_cast<PartitionHandle>(p));
  rd_kafka_poll(client.get(), 0);
  if (context.dead) return Error{"the input cannot be read: " + *context.dead};
  return records;
}

void KafkaHistory::Inside::serve(PartitionHandle handle) {
  HistoryPartition& partition = at(handle);
  if (!partition.is_started || partition.is_paused || partition.has_reported_end) return;
  current = handle;
  if (!partition.is_at_end && records < records_max) {
    rd_kafka_consume_callback(partition.handle, partition.number, 0, on_message, this);
    has_more = has_more || records >= records_max;
  }
  if (!partition.is_at_end) return;
  rd_kafka_consume_stop(partition.handle, partition.number);
  partition.has_reported_end = true;
  sink->end_of_partition(handle, partition.end);
  at_end.fetch_add(1, std::memory_order_release);
}

KafkaHistory::KafkaHistory(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
KafkaHistory::~KafkaHistory() { close(); }

Result<std::unique_ptr<KafkaHistory>> KafkaHistory::open(const KafkaSettings& settings,
                                                         KafkaLog log, KafkaHealth& health) {
  auto inside = std::make_unique<Inside>(std::move(log), health);
  const auto all = inside->find(settings);
  if (!all) return all.error();
  if (auto opened = inside->open(settings, *all); !opened) return opened.error();
  return std::unique_ptr<KafkaHistory>(new KafkaHistory(std::move(inside)));
}

Result<std::unique_ptr<KafkaHistory>> KafkaHistory::open(const KafkaSettings& settings,
                                                         std::span<const TopicPartition> partitions,
                                                         KafkaLog log, KafkaHealth& health) {
  auto inside = std::make_unique<Inside>(std::move(log), health);
  if (auto opened = inside->open(settings, partitions); !opened) return opened.error();
  return std::unique_ptr<KafkaHistory>(new KafkaHistory(std::move(inside)));
}

Result<std::size_t> KafkaHistory::poll(ReadSink& sink, std::size_t records_max) {
  return inside_->poll(sink, records_max);
}

Result<void> KafkaHistory::start(PartitionHandle handle, std::int64_t offset) {
  HistoryPartition& partition = inside_->at(handle);
  if (rd_kafka_consume_start(partition.handle, partition.number, offset) != 0)
    return Error{"cannot read " + partition.topic + " [" + std::to_string(partition.number) +
                 "]: " + rd_kafka_err2str(rd_kafka_last_error())};
  const RdPtr<rd_kafka_queue_t> queue(rd_kafka_queue_get_partition(
      inside_->client.get(), partition.topic.c_str(), partition.number));
  if (queue) inside_->wake_up.listen_to(queue.get());
  partition.is_started = true;
  partition.next = offset;
  partition.is_at_end = offset >= partition.end;
  inside_->has_more = true;
  return {};
}

void KafkaHistory::pause(std::span<const PartitionHandle> handles) {
  for (const PartitionHandle handle : handles) inside_->at(handle).is_paused = true;
}

void KafkaHistory::resume(std::span<const PartitionHandle> handles) {
  for (const PartitionHandle handle : handles) inside_->at(handle).is_paused = false;
  inside_->has_more = true;
}

Result<std::optional<CommittedOffset>> KafkaHistory::committed(PartitionHandle /*partition*/) {
  return std::optional<CommittedOffset>();
}

Result<Watermarks> KafkaHistory::watermarks(PartitionHandle handle) {
  const HistoryPartition& partition = inside_->at(handle);
  return Watermarks{.low = partition.low, .high = partition.end};
}

std::optional<std::int64_t> KafkaHistory::last_high(PartitionHandle handle) const {
  return inside_->at(handle).end;
}

void KafkaHistory::wait(std::chrono::milliseconds patience) {
  if (!inside_->has_more) inside_->wake_up.wait(patience);
}

void KafkaHistory::close() {
  for (HistoryPartition& partition : inside_->partitions)
    if (std::exchange(partition.is_started, false) && !partition.has_reported_end)
      rd_kafka_consume_stop(partition.handle, partition.number);
}

bool KafkaHistory::is_at_end() const {
  return inside_->at_end.load(std::memory_order_acquire) == inside_->partitions.size();
}

KafkaHistory::Progress KafkaHistory::progress() const {
  return {.done = inside_->done.load(std::memory_order_relaxed), .total = inside_->total};
}

}  // namespace tocsin
