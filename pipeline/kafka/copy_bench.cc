// What reading and writing Kafka through our log costs: copies a topic to another in transactions.
//
//   copy_bench --brokers B --in TOPIC --out TOPIC --group G --count N [--job copy] [--interval-ms
//   N]
//
// Ends after N records, from the beginning of the topic, and prints `done N seconds`. Compare its
// processor time with that of a program that makes the same librdkafka calls and nothing else.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/kafka/kafka_reader.h"
#include "pipeline/kafka/kafka_writer.h"

namespace tocsin {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "copy_bench: %s\n", why.c_str());
  std::exit(1);
}

/// Bytes that stay where they are until the epoch is over; the memory is used again.
class StableBytes {
 public:
  std::string_view keep(std::string_view bytes) {
    if (blocks_.empty() || used_ + bytes.size() > kBlock) {
      if (++at_ >= blocks_.size()) blocks_.push_back(std::make_unique<char[]>(kBlock));
      used_ = 0;
    }
    char* place = blocks_[at_].get() + used_;
    std::memcpy(place, bytes.data(), bytes.size());
    used_ += bytes.size();
    return {place, bytes.size()};
  }
  void clear() {
    at_ = blocks_.empty() ? static_cast<std::size_t>(-1) : 0;
    used_ = blocks_.empty() ? kBlock : 0;
  }

 private:
  static constexpr std::size_t kBlock = 4U << 20U;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t at_ = static_cast<std::size_t>(-1);
  std::size_t used_ = kBlock;
};

/// Takes records as they come, and remembers how far each partition is.
class Copy final : public ReadSink {
 public:
  explicit Copy(LogReader& reader) : reader_(reader) {}

  void assigned(std::span<const Assignment> partitions, GenerationRef group) override {
    generation = std::move(group);
    for (const Assignment& one : partitions) {
      progress[one.handle] = {one.topic, one.partition, -1};
      if (auto started = reader_.start(one.handle, 0); !started) die(started.error().message);
    }
  }
  void revoked(std::span<const PartitionHandle> /*partitions*/, Revocation /*why*/) override {
    die("partitions were revoked: somebody else is in the group");
  }
  void record(const ReadRecord& record) override {
    records.push_back({.key = record.key ? bytes.keep(*record.key) : std::string_view(),
                       .value = record.value ? bytes.keep(*record.value) : std::string_view()});
    progress[record.partition].next = record.offset + 1;
  }
  void end_of_partition(PartitionHandle /*partition*/, std::int64_t /*next*/) override {}

  struct Progress {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t next = -1;
  };
  std::map<PartitionHandle, Progress> progress;
  std::vector<WriteRecord> records;  // Of the open transaction.
  StableBytes bytes;
  GenerationRef generation;

 private:
  LogReader& reader_;
};

template <class Call>
WriteOutcome patiently(const Call& call) {
  WriteOutcome outcome = call();
  while (outcome.status == WriteStatus::retry) outcome = call();
  return outcome;
}

template <class Call>
void must(const char* what, const Call& call) {
  const WriteOutcome outcome = patiently(call);
  if (outcome.status != WriteStatus::ok) die(std::string(what) + ": " + outcome.reason);
}

void produce(LogWriter& writer, std::span<const WriteRecord> records) {
  while (!records.empty()) {
    records = records.subspan(writer.produce(records));
    if (!records.empty() && writer.flush().status > WriteStatus::retry) return;
  }
}

WriteOutcome try_commit(LogWriter& writer, const Copy& copy) {
  std::vector<OffsetToCommit> offsets;
  for (const auto& [handle, at] : copy.progress) {
    if (at.next < 0) continue;
    offsets.push_back({.topic = at.topic, .partition = at.partition, .next_offset = at.next});
  }
  auto outcome = patiently([&] { return writer.flush(); });
  if (outcome.status == WriteStatus::ok) {
    outcome = patiently([&] { return writer.send_offsets(offsets, copy.generation); });
  }
  if (outcome.status == WriteStatus::ok) outcome = patiently([&] { return writer.commit(); });
  return outcome;
}

/// After an unknown outcome: whether the group's offsets are those of `copy`.
bool is_committed(LogReader& reader, const Copy& copy) {
  for (const auto& [handle, at] : copy.progress) {
    if (at.next < 0) continue;
    const auto committed = reader.committed(handle);
    if (!committed) die(committed.error().message);
    return *committed && (*committed)->offset == at.next;  // One tells for all.
  }
  return true;
}

void commit(LogReader& reader, LogWriter& writer, Copy& copy) {
  WriteOutcome outcome = try_commit(writer, copy);
  while (outcome.status == WriteStatus::resend || outcome.status == WriteStatus::reopen) {
    std::fprintf(stderr, "copy_bench: once more: %s\n", outcome.reason.c_str());
    if (outcome.status == WriteStatus::resend) outcome = patiently([&] { return writer.abort(); });
    if (outcome.status == WriteStatus::reopen) {
      must("open", [&] { return writer.open(); });
      if (is_committed(reader, copy)) break;
    }
    must("begin", [&] { return writer.begin(); });
    produce(writer, copy.records);
    outcome = try_commit(writer, copy);
  }
  if (outcome.status == WriteStatus::stop) die(outcome.reason);
  copy.records.clear();
  copy.bytes.clear();
}

/// Reads at most `room` records, and sends them on.
std::size_t step(LogReader& reader, LogWriter& writer, Copy& copy, std::size_t room) {
  const std::size_t sent = copy.records.size();
  const auto read = reader.poll(copy, std::min<std::size_t>(room, 1000));
  if (!read) die(read.error().message);
  if (*read == 0) reader.wait(std::chrono::milliseconds(10));
  produce(writer, std::span(copy.records).subspan(sent));
  return *read;
}

void run(const KafkaSettings& settings, std::size_t count, std::chrono::milliseconds interval) {
  KafkaHealth health;
  const auto reader = KafkaReader::make(settings, nullptr, health);
  if (!reader) die(reader.error().message);
  const auto writer = make_kafka_writer(settings, nullptr, nullptr, health);
  must("open", [&] { return writer->open(); });
  Copy copy(**reader);
  const auto start = Clock::now();
  std::size_t done = 0;
  while (done < count) {
    const auto begun = Clock::now();
    must("begin", [&] { return writer->begin(); });
    while (done < count && Clock::now() - begun < interval) {
      done += step(**reader, *writer, copy, count - done);
    }
    commit(**reader, *writer, copy);
  }
  const std::chrono::duration<double> seconds = Clock::now() - start;
  std::printf("done %zu %.3f seconds\n", done, seconds.count());
  (*reader)->close();
}

}  // namespace
}  // namespace tocsin

int main(int argc, char** argv) {
  std::map<std::string, std::string> given{{"--job", "copy"}, {"--interval-ms", "200"}};
  tocsin::KafkaSettings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string value = argv[i + 1];
    const auto equals = value.find('=');
    if (std::string_view(argv[i]) == "--property" && equals != std::string::npos) {
      settings.properties.emplace_back(value.substr(0, equals), value.substr(equals + 1));
    } else {
      given[argv[i]] = value;
    }
  }
  if (given["--job"] != "copy" || given["--brokers"].empty() || given["--in"].empty()) {
    std::fputs("usage: copy_bench --brokers B --in T --out T --group G --count N\n", stderr);
    return 64;
  }
  settings.app = given["--group"];
  settings.brokers = {given["--brokers"]};
  settings.topics = {given["--in"]};
  settings.output_topics = {given["--out"]};
  tocsin::run(settings, std::stoul(given["--count"]),
              std::chrono::milliseconds(std::stol(given["--interval-ms"])));
}
