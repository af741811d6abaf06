#include "pipeline/kafka/collector.h"

#include <algorithm>
#include <array>

namespace tocsin {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

std::optional<std::string> copy(std::optional<std::string_view> bytes) {
  if (!bytes) return std::nullopt;
  return std::string(*bytes);
}

}  // namespace

void Collector::assigned(std::span<const Assignment> partitions, GenerationRef group) {
  ++assignments;
  generation = std::move(group);
  for (const Assignment& one : partitions) {
    const PlaceName place{one.topic, one.partition};
    places[one.handle] = place;
    current[one.handle] = place;
    if (!starts) continue;
    const auto committed = reader_->committed(one.handle);
    if (!committed) error = committed.error().message;
    const std::int64_t from = committed && *committed ? (**committed).offset : 0;
    next[place] = from;
    if (auto started = reader_->start(one.handle, from); !started) error = started.error().message;
  }
}

void Collector::revoked(std::span<const PartitionHandle> partitions, Revocation why) {
  revocations.push_back(why);
  for (const PartitionHandle handle : partitions) current.erase(handle);
  if (before_release) before_release();
  reader_->release();
}

void Collector::record(const ReadRecord& record) {
  Seen seen{.offset = record.offset,
            .key = copy(record.key),
            .value = copy(record.value),
            .headers = {},
            .timestamp_ms = record.timestamp_ms};
  for (const HeaderView& header : record.headers) {
    seen.headers.emplace_back(header.name, copy(header.value));
  }
  const PlaceName& place = places.at(record.partition);
  if (!current.contains(record.partition)) error = "a record of a partition that is not ours";
  next[place] = record.offset + 1;
  records[place].push_back(std::move(seen));
}

std::size_t Collector::count() const {
  std::size_t count = 0;
  for (const auto& [place, seen] : records) count += seen.size();
  return count;
}

std::vector<PartitionHandle> Collector::handles() const {
  std::vector<PartitionHandle> handles;
  for (const auto& [handle, place] : current) handles.push_back(handle);
  return handles;
}

bool Collector::poll_until(const std::function<bool()>& done, std::size_t records_max) {
  return eventually([&] {
           const auto polled = reader_->poll(*this, records_max);
           if (!polled) {
             error = polled.error().message;
             return true;
           }
           if (done()) return true;
           reader_->wait(std::chrono::milliseconds(10));
           return false;
         }) &&
         error.empty();
}

bool eventually(const std::function<bool()>& step) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (step()) return true;
  }
  return false;
}

Source::Source(const std::string& brokers) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 256> why{};
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), why.data(), why.size());
  rd_kafka_conf_set(conf, "partitioner", "murmur2", why.data(), why.size());
  rd_kafka_conf_set(conf, "linger.ms", "2", why.data(), why.size());
  client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, why.data(), why.size()));
}

void Source::send(const std::string& topic, std::int32_t partition, const Seen& record) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const auto& [name, value] : record.headers) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()),
                        value ? value->data() : nullptr,
                        value ? static_cast<ssize_t>(value->size()) : 0);
  }
  const auto bytes = [](rd_kafka_vtype_t type, const std::optional<std::string>& text) {
    rd_kafka_vu_t field{};
    field.vtype = type;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): librdkafka copies it.
    field.u.mem.ptr = text ? const_cast<char*>(text->data()) : nullptr;
    field.u.mem.size = text ? text->size() : 0;
    return field;
  };
  std::array<rd_kafka_vu_t, 7> fields{};
  fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  fields[0].u.cstr = topic.c_str();
  fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  fields[1].u.i32 = partition;
  fields[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  fields[2].u.i = RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK;
  fields[3] = bytes(RD_KAFKA_VTYPE_KEY, record.key);
  fields[4] = bytes(RD_KAFKA_VTYPE_VALUE, record.value);
  fields[5].vtype = RD_KAFKA_VTYPE_HEADERS;
  fields[5].u.headers = headers;
  fields[6].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  fields[6].u.i64 = std::max<std::int64_t>(record.timestamp_ms, 0);  // 0: now.
  const RdPtr<rd_kafka_error_t> error(
      rd_kafka_produceva(client_.get(), fields.data(), fields.size()));
  if (error) rd_kafka_headers_destroy(headers);
}

void Source::flush() { rd_kafka_flush(client_.get(), 30'000); }

void fill(const std::string& brokers, const std::string& topic, std::int32_t partitions,
          std::int64_t count, std::int64_t from) {
  Source source(brokers);
  for (std::int64_t i = from; i < from + count; ++i) {
    const std::string number = std::to_string(i);
    for (std::int32_t p = 0; p < partitions; ++p) {
      source.send(topic, p, {.key = number, .value = number, .headers = {}});
    }
  }
  source.flush();
}

}  // namespace tocsin
