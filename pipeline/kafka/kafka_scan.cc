#include "pipeline/kafka/kafka_scan.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "pipeline/kafka/client.h"
#include "pipeline/kafka/client_properties.h"
#include "pipeline/kafka/group_member.h"

namespace tocsin {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr int kSliceMs = 100;

std::optional<std::string_view> bytes(const void* at, std::size_t size) {
  if (at == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(at), size);
}

std::string name_of(const TopicPartition& place) {
  return place.topic + " [" + std::to_string(place.partition) + "]";
}

}  // namespace

struct KafkaScan::Inside {
  Result<void> read();
  static void on_message(rd_kafka_message_t* message, void* opaque);
  void take_message(const rd_kafka_message_t& message);
  void note_error(const rd_kafka_message_t& message);
  std::string trouble() const;

  ClientContext context;
  RdPtr<rd_kafka_t> client;
  std::map<std::string, RdPtr<rd_kafka_topic_t>> topics;
  HeaderViews headers;

  // Of the reading that runs.
  const Range* range = nullptr;
  const Take* take = nullptr;
  rd_kafka_topic_t* topic = nullptr;
  milliseconds patience{0};
  std::int64_t next = 0;
  bool is_over = false;
  bool has_news = false;
  std::string last_error;
};

KafkaScan::KafkaScan(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

KafkaScan::~KafkaScan() {
  inside_->topics.clear();
  end_consumer(std::move(inside_->client));
}

Result<std::unique_ptr<KafkaScan>> KafkaScan::make(const KafkaSettings& settings, KafkaLog log,
                                                   KafkaHealth& health) {
  auto inside = std::make_unique<Inside>();
  inside->context.log = std::move(log);
  inside->context.health = &health;
  auto made = make_client(ClientKind::consumer, settings, state_properties(settings),
                          inside->context, nullptr);
  if (!made) return made.error();
  inside->client = std::move(*made);
  return std::unique_ptr<KafkaScan>(new KafkaScan(std::move(inside)));
}

Result<void> KafkaScan::read(const Range& range, const Take& take, milliseconds patience) {
  if (range.from >= range.to) return {};
  RdPtr<rd_kafka_topic_t>& topic = inside_->topics[range.place.topic];
  if (!topic)
    topic.reset(rd_kafka_topic_new(inside_->client.get(), range.place.topic.c_str(), nullptr));
  if (!topic || rd_kafka_consume_start(topic.get(), range.place.partition, range.from) != 0) {
    return Error{name_of(range.place) +
                 " cannot be read: " + rd_kafka_err2str(rd_kafka_last_error())};
  }
  inside_->range = &range;
  inside_->take = &take;
  inside_->topic = topic.get();
  inside_->patience = patience;
  inside_->next = range.from;
  inside_->is_over = false;
  inside_->last_error.clear();
  Result<void> ended = inside_->read();
  rd_kafka_consume_stop(topic.get(), range.place.partition);
  return ended;
}

Result<void> KafkaScan::Inside::read() {
  auto deadline = Clock::now() + patience;
  while (!is_over) {
    has_news = false;
    rd_kafka_consume_callback(topic, range->place.partition, kSliceMs, on_message, this);
    rd_kafka_poll(client.get(), 0);
    if (context.dead) return Error{name_of(range->place) + " cannot be read: " + *context.dead};
    if (has_news) deadline = Clock::now() + patience;
    if (!is_over && Clock::now() >= deadline) return Error{trouble()};
  }
  return {};
}

void KafkaScan::Inside::on_message(rd_kafka_message_t* message, void* opaque) {
  static_cast<Inside*>(opaque)->take_message(*message);
}

void KafkaScan::Inside::take_message(const rd_kafka_message_t& message) {
  if (is_over) return;
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    has_news = has_news || message.offset > next;
    next = std::max(next, message.offset);
    last_error.clear();
    is_over = next >= range->to;
    return;
  }
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return note_error(message);
  has_news = true;
  next = message.offset + 1;
  is_over = next >= range->to;
  if (message.offset >= range->to || message.offset < range->from) return;
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t timestamp = rd_kafka_message_timestamp(&message, &type);
  const Wanted wanted =
      (*take)({.partition = range->place.partition,
               .offset = message.offset,
               .timestamp_ms = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : timestamp,
               .key = bytes(message.key, message.key_len),
               .value = bytes(message.payload, message.len),
               .headers = headers.of(message)});
  is_over = is_over || wanted == Wanted::no_more;
  if (is_over) rd_kafka_yield(client.get());
}

void KafkaScan::Inside::note_error(const rd_kafka_message_t& message) {
  std::string text =
      std::string(rd_kafka_err2name(message.err)) + ": " + rd_kafka_message_errstr(&message);
  if (is_authorisation(message.err) || message.err == RD_KAFKA_RESP_ERR__FATAL ||
      message.err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
      message.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    context.dead = text;
  if (context.log) context.log(4, "READ", text);
  context.health->note_error(text);
  last_error = std::move(text);
}

std::string KafkaScan::Inside::trouble() const {
  const std::string place = name_of(range->place);
  if (!last_error.empty()) return place + " cannot be read: " + last_error;
  const std::string error = context.health->last_error();
  if (next <= range->from && !error.empty()) return place + " cannot be read: " + error;
  return place + " is committed up to " + std::to_string(next) + " of " +
         std::to_string(range->to) + ": a transaction is still open there";
}

}  // namespace tocsin
