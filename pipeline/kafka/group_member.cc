#include "pipeline/kafka/group_member.h"

#include <algorithm>
#include <memory>

#include "pipeline/kafka/client_properties.h"
#include "pipeline/kafka/kafka_generation.h"

namespace tocsin {
namespace {

// Closing may hang in librdkafka before 2.4. Who could not leave is gone when its session ends.
constexpr auto kLeavePatience = std::chrono::seconds(3);
constexpr int kLeaveSliceMs = 100;
// librdkafka 2.0 takes these milliseconds for microseconds; later versions answer at once anyway.
constexpr int kSeekTimeoutMs = 2000;
constexpr auto kSeekRetry = std::chrono::milliseconds(5);

std::optional<std::string_view> bytes(const void* data, std::size_t size) {
  if (data == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(data), size);
}

}  // namespace

std::span<const HeaderView> HeaderViews::of(const rd_kafka_message_t& message) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  views_.clear();
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (rd_kafka_header_get_all(headers, views_.size(), &name, &value, &size) ==
         RD_KAFKA_RESP_ERR_NO_ERROR) {
    views_.push_back({.name = name, .value = std::nullopt});
    if (value != nullptr) views_.back().value.emplace(static_cast<const char*>(value), size);
  }
  return views_;
}

GroupMember::~GroupMember() {
  // Whoever did not close is gone for its group once its session has ended, as after a crash.
  data_queue_.reset();
  group_queue_.reset();
  end_consumer(std::move(client_));
}

Result<void> GroupMember::open(const KafkaSettings& settings) {
  settings_ = settings;
  const auto prepare = [](rd_kafka_conf_t* conf) {
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
  };
  auto made =
      make_client(ClientKind::consumer, settings, reader_properties(settings), context_, prepare);
  if (!made) return made.error();
  client_ = std::move(*made);
  rd_kafka_poll_set_consumer(client_.get());
  group_queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  data_queue_.reset(rd_kafka_queue_new(client_.get()));
  wake_up_.listen_to(group_queue_.get());
  wake_up_.listen_to(data_queue_.get());

  RdPtr<rd_kafka_topic_partition_list_t> topics(
      rd_kafka_topic_partition_list_new(static_cast<int>(settings.topics.size())));
  for (const auto& topic : settings.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const auto error = rd_kafka_subscribe(client_.get(), topics.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Error{std::string("cannot subscribe to the input topics: ") + rd_kafka_err2str(error)};
  }
  return {};
}

void GroupMember::on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                               rd_kafka_topic_partition_list_t* list, void* opaque) {
  auto& self = *static_cast<GroupMember*>(static_cast<ClientContext*>(opaque)->owner);
  const bool is_assignment = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  if (self.is_closing_ || list == nullptr) {
    rd_kafka_assign(client, nullptr);
    return;
  }
  if (is_assignment) self.route(*list);
  GroupEvent event{.is_assignment = is_assignment, .places = {}};
  for (int i = 0; i < list->cnt; ++i) {
    event.places.emplace_back(list->elems[i].topic, list->elems[i].partition);
  }
  self.event_ = std::move(event);
  rd_kafka_yield(client);  // One event at a time.
}

// Sends the partitions' records into the data queue before there are any.
void GroupMember::route(const rd_kafka_topic_partition_list_t& list) {
  for (int i = 0; i < list.cnt; ++i) {
    const RdPtr<rd_kafka_queue_t> queue(
        rd_kafka_queue_get_partition(client_.get(), list.elems[i].topic, list.elems[i].partition));
    if (queue) rd_kafka_queue_forward(queue.get(), data_queue_.get());
  }
}

void GroupMember::report(const GroupEvent& event) {
  has_more_ = true;
  to_seek_.clear();
  to_hold_.clear();
  if (event.is_assignment) {
    partitions_.retire();
    std::vector<Assignment> assigned;
    for (const auto& [topic, partition] : event.places) {
      const PartitionHandle handle = partitions_.add(topic, partition);
      assigned.push_back({.handle = handle, .topic = topic, .partition = partition});
    }
    is_unapplied_ = true;
    sink_->assigned(assigned, std::make_shared<const KafkaGeneration>(client_.get()));
    return;
  }
  const bool is_lost = rd_kafka_assignment_lost(client_.get()) != 0;
  const auto gone = partitions_.retire();
  is_unapplied_ = false;
  is_release_owed_ = true;
  if (gone.empty()) {
    release();
  } else {
    sink_->revoked(gone, is_lost ? Revocation::lost : Revocation::handed_over);
  }
}

// Tells librdkafka to fetch: those that were started from their offset, the others parked. Parked
// at an offset that has to be asked for, as the end has, librdkafka would ask once more half a
// second after a seek overtook the answer, and go there: past all that came meanwhile.
Result<void> GroupMember::apply_assignment() {
  if (!std::exchange(is_unapplied_, false)) return {};
  std::vector<PartitionHandle> parked;
  std::vector<PartitionHandle> started;
  auto list = partitions_.list(partitions_.current());
  for (std::size_t i = 0; i < partitions_.current().size(); ++i) {
    const PartitionHandle handle = partitions_.current()[i];
    ReaderPartition& partition = partitions_.at(handle);
    if (partition.phase == ReaderPhase::live) {
      started.push_back(handle);
      continue;
    }
    list->elems[i].offset = 0;  // Never fetched: the partition is paused before it is assigned.
    partition.held = true;
    parked.push_back(handle);
  }
  // A pause outlives an assignment.
  if (!started.empty()) rd_kafka_resume_partitions(client_.get(), partitions_.list(started).get());
  if (!parked.empty()) rd_kafka_pause_partitions(client_.get(), partitions_.list(parked).get());
  const auto error = rd_kafka_assign(client_.get(), list.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Error{std::string("cannot take up the assigned partitions: ") + rd_kafka_err2str(error)};
  }
  return {};
}

// Puts partitions at the offsets that are expected of them, until librdkafka confirms. They are
// paused until then: resumed first, they would be fetched from where librdkafka thinks we are.
void GroupMember::seek() {
  std::vector<PartitionHandle> wanted;
  std::vector<PartitionHandle> later;
  for (const PartitionHandle handle : to_seek_) {
    const ReaderPartition& partition = partitions_.at(handle);
    if (partition.phase != ReaderPhase::seeking) continue;
    (partition.paused ? later : wanted).push_back(handle);
  }
  to_seek_ = std::move(later);
  if (wanted.empty()) return;
  const auto list = partitions_.list(wanted);
  const RdPtr<rd_kafka_error_t> error(
      rd_kafka_seek_partitions(client_.get(), list.get(), kSeekTimeoutMs));
  std::vector<PartitionHandle> confirmed;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ReaderPartition& partition = partitions_.at(wanted[i]);
    if (list->elems[i].err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      partition.held = false;
      partition.phase = ReaderPhase::live;
      confirmed.push_back(wanted[i]);
    } else {
      to_seek_.push_back(wanted[i]);  // Not yet assigned, or no answer in time.
    }
  }
  if (!confirmed.empty())
    rd_kafka_resume_partitions(client_.get(), partitions_.list(confirmed).get());
}

// Makes librdkafka pause those whose records came up while their user had them paused.
void GroupMember::hold() {
  if (to_hold_.empty()) return;
  rd_kafka_pause_partitions(client_.get(), partitions_.list(to_hold_).get());
  to_hold_.clear();
}

void GroupMember::on_message(rd_kafka_message_t* message, void* opaque) {
  auto& self = *static_cast<GroupMember*>(opaque);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR ||
      message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
    self.deliver(*message);
  else
    self.note_error(*message);
}

void GroupMember::deliver(const rd_kafka_message_t& message) {
  const PartitionHandle handle = partitions_.of(message);
  if (handle == ReaderPartitions::kNone) return;
  ReaderPartition& partition = partitions_.at(handle);
  if (partition.phase != ReaderPhase::live || message.offset < partition.expected) return;
  if (partition.paused) {
    if (!std::exchange(partition.held, true)) to_hold_.push_back(handle);
    return;
  }
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    sink_->end_of_partition(handle, message.offset);
    return;
  }
  partition.expected = message.offset + 1;
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t timestamp = rd_kafka_message_timestamp(&message, &type);
  sink_->record({.partition = handle,
                 .offset = message.offset,
                 .timestamp_ms = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : timestamp,
                 .key = bytes(message.key, message.key_len),
                 .value = bytes(message.payload, message.len),
                 .headers = headers_.of(message)});
  if (++records_ >= records_max_) {
    has_more_ = true;
    rd_kafka_yield(client_.get());
  }
}

void GroupMember::note_error(const rd_kafka_message_t& message) {
  const PartitionHandle handle = partitions_.of(message);
  const bool is_live =
      handle != ReaderPartitions::kNone && partitions_.at(handle).phase == ReaderPhase::live;
  std::string text =
      std::string(rd_kafka_err2name(message.err)) + ": " + rd_kafka_message_errstr(&message);
  if (is_live && (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
                  message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)) {
    const ReaderPartition& partition = partitions_.at(handle);
    context_.dead = partition.topic + " [" + std::to_string(partition.partition) +
                    "] has no record at offset " + std::to_string(partition.expected) +
                    " any more, or not yet: " + text;
  } else if (is_authorisation(message.err) || message.err == RD_KAFKA_RESP_ERR__FATAL) {
    context_.dead = text;
  }
  if (context_.log) context_.log(4, "READ", text);
  context_.health->note_error(std::move(text));
}

Result<void> GroupMember::alive() const {
  if (context_.dead) return Error{"the Kafka reader cannot go on: " + *context_.dead};
  return {};
}

// Never by rd_kafka_consume_callback_queue: it takes every entry for a message, and aborts the
// process at a rebalance or a statistic.
void GroupMember::serve_group() {
  while (rd_kafka_message_t* message = rd_kafka_consumer_poll(client_.get(), 0)) {
    on_message(message, this);
    rd_kafka_message_destroy(message);
  }
}

Result<std::size_t> GroupMember::poll(ReadSink& sink, std::size_t records_max) {
  has_more_ = false;
  sink_ = &sink;
  records_ = 0;
  records_max_ = records_max;
  if (auto applied = apply_assignment(); !applied) return applied.error();
  seek();
  serve_group();
  if (event_) report(*std::exchange(event_, std::nullopt));
  if (records_max > 0 && partitions_.any_delivers()) {
    rd_kafka_consume_callback_queue(data_queue_.get(), 0, on_message, this);
    hold();
  }
  sink_ = nullptr;
  if (asking_client_) rd_kafka_poll(asking_client_.get(), 0);
  if (auto fine = alive(); !fine) return fine.error();
  return records_;
}

Result<void> GroupMember::start(PartitionHandle handle, std::int64_t offset) {
  if (partitions_.find(handle) == nullptr) {
    return Error{"partition handle " + std::to_string(handle) + " is not assigned"};
  }
  ReaderPartition& partition = partitions_.at(handle);
  partition.expected = offset;
  if (is_unapplied_) {
    partition.phase = ReaderPhase::live;
  } else {
    partition.phase = ReaderPhase::seeking;
    to_seek_.push_back(handle);
  }
  has_more_ = true;
  return {};
}

void GroupMember::pause(std::span<const PartitionHandle> handles) {
  for (const PartitionHandle handle : handles) {
    if (partitions_.find(handle) != nullptr) partitions_.at(handle).paused = true;
  }
}

void GroupMember::resume(std::span<const PartitionHandle> handles) {
  for (const PartitionHandle handle : handles) {
    if (partitions_.find(handle) == nullptr) continue;
    ReaderPartition& partition = partitions_.at(handle);
    partition.paused = false;
    if (partition.held && partition.phase == ReaderPhase::live) {
      partition.phase = ReaderPhase::seeking;
      to_seek_.push_back(handle);
    }
  }
  has_more_ = true;
}

void GroupMember::release() {
  if (std::exchange(is_release_owed_, false)) rd_kafka_assign(client_.get(), nullptr);
}

void GroupMember::wait(std::chrono::milliseconds patience) {
  if (has_more_) return;
  if (!to_seek_.empty()) patience = std::min(patience, kSeekRetry);
  wake_up_.wait(patience);
}

// A static member does not leave: its group keeps its place until its session ends, so that a
// restart moves nothing; there is nothing to say to anybody.
void GroupMember::close() {
  is_closing_ = true;
  partitions_.retire();
  // While librdkafka waits for our answer to a rebalance, it does not go on to close.
  if (event_ || is_unapplied_) is_release_owed_ = true;
  event_.reset();
  is_unapplied_ = false;
  release();
  if (settings_.instance.empty()) leave();
}

void GroupMember::leave() {
  const RdPtr<rd_kafka_queue_t> queue(rd_kafka_queue_new(client_.get()));
  const RdPtr<rd_kafka_error_t> error(rd_kafka_consumer_close_queue(client_.get(), queue.get()));
  if (error) return;
  const auto deadline = std::chrono::steady_clock::now() + kLeavePatience;
  while (rd_kafka_consumer_closed(client_.get()) == 0 &&
         std::chrono::steady_clock::now() < deadline) {
    const RdPtr<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), kLeaveSliceMs));
    // librdkafka waits for the answer to a revocation. It does not wait for one to an assignment
    // that nobody has looked at, but closes; and an answer after that is waited for without end.
    if (event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE &&
        rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
      rd_kafka_assign(client_.get(), nullptr);
    }
  }
}

Result<rd_kafka_t*> GroupMember::asking_client() {
  if (!asking_client_) {
    auto made =
        make_client(ClientKind::consumer, settings_, asking_properties(), context_, nullptr);
    if (!made) return made.error();
    asking_client_ = std::move(*made);
  }
  return asking_client_.get();
}

}  // namespace tocsin
