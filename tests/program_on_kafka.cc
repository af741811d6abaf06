#include "tests/program_on_kafka.h"

#include <signal.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <random>

#include "pipeline/kafka/kafka_history.h"
#include "pipeline/kafka/kafka_writer.h"

namespace tocsin {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Keeps what a reader of whole topics reports.
class Keeper final : public ReadSink {
 public:
  explicit Keeper(LogReader& reader) : reader_(reader) {}

  void assigned(std::span<const Assignment> partitions, GenerationRef) override {
    for (const Assignment& place : partitions) numbers_[place.handle] = place.partition;
  }
  void revoked(std::span<const PartitionHandle>, Revocation) override {}
  void record(const ReadRecord& record) override {
    KeptRecord kept{.partition = numbers_.at(record.partition),
                    .offset = record.offset,
                    .timestamp_ms = record.timestamp_ms};
    if (record.key) kept.key = *record.key;
    if (record.value) kept.value = *record.value;
    for (const HeaderView& header : record.headers)
      kept.headers.emplace_back(header.name, header.value.value_or(""));
    records[kept.partition].push_back(std::move(kept));
  }
  void end_of_partition(PartitionHandle, std::int64_t) override {}

  void start() {
    for (const auto& [handle, number] : numbers_)
      ASSERT_TRUE(reader_.start(handle, reader_.watermarks(handle)->low));
  }

  std::map<std::int32_t, std::vector<KeptRecord>> records;  ///< By partition.

 private:
  LogReader& reader_;
  std::map<PartitionHandle, std::int32_t> numbers_;
};

std::string event(int i) {
  return R"({"entity":"e)" + std::to_string(i % 3) + R"(","amount":)" +
         std::to_string(100 + i * 31 % 17) + "}";
}

}  // namespace

std::string KeptRecord::header(std::string_view name) const {
  for (const auto& [one, text] : headers)
    if (one == name) return text;
  return {};
}

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

void ProgramOnKafka::SetUp() {
  const char* file = std::getenv("TOCSIN_REAL_KAFKA");
  ASSERT_NE(file, nullptr) << "TOCSIN_REAL_KAFKA names no file";
  ASSERT_TRUE(std::getline(std::ifstream(file) >> std::ws, brokers)) << file;
  app = "app-" + std::to_string(std::random_device{}());
  input = "in-" + app;
  settings = {.app = app, .brokers = {brokers}};
  auto made = KafkaAdmin::make(settings, nullptr, health);
  ASSERT_TRUE(made);
  admin = *std::move(made);
  create(input);
  for (const char* output : {"-scores", "-alerts", "-dead-letters"}) create(app + output, 1);
  config = scratch.file("tocsin.yaml");
  // The place of a process that has ended is free after 6 s, the least that brokers allow.
  std::ofstream(config) << "app: " << app << "\nkafka:\n  brokers: [\"" << brokers
                        << "\"]\n  properties: {session.timeout.ms: 6000, heartbeat.interval.ms: "
                           "200}\nstreams:\n  - name: pay\n    topics: ["
                        << input
                        << "]\n    entity: [/entity]\n    features: [{name: amount, field: "
                           "/amount}]\npipeline: {epoch: 50ms}\nhttp: {listen: \"127.0.0.1:0\"}\n";
}

void ProgramOnKafka::create(const std::string& topic, std::int32_t partitions) {
  const auto done = admin->create({.name = topic, .partitions = partitions}, milliseconds(10'000));
  ASSERT_TRUE(done) << done.error().message;
}

void ProgramOnKafka::produce(const std::string& topic, const std::vector<KeptRecord>& records) {
  KafkaSettings as = settings;
  as.app = "source-" + app;
  as.output_topics = {topic};
  const auto writer = make_kafka_writer(as, nullptr, nullptr, health);
  std::vector<std::vector<HeaderView>> headers;
  std::vector<WriteRecord> all;
  for (const KeptRecord& record : records) {
    auto& views = headers.emplace_back();
    for (const auto& [name, value] : record.headers) views.push_back({name, value});
    all.push_back({.partition = record.partition, .key = record.key, .value = ""});
    if (record.value) all.back().value = *record.value;
  }
  for (std::size_t i = 0; i < all.size(); ++i) all[i].headers = headers[i];
  while (writer->open().status != WriteStatus::ok) continue;
  ASSERT_EQ(writer->begin().status, WriteStatus::ok);
  for (std::span<const WriteRecord> rest = all; !rest.empty();) {
    rest = rest.subspan(writer->produce(rest));
    (void)writer->flush();
  }
  while (writer->flush().status == WriteStatus::retry) continue;
  WriteOutcome ended = writer->commit();
  while (ended.status == WriteStatus::retry) ended = writer->commit();
  ASSERT_EQ(ended.status, WriteStatus::ok) << ended.reason;
}

void ProgramOnKafka::produce_events(int first, int count) {
  std::vector<KeptRecord> records;
  for (int i = first; i < first + count; ++i)
    records.push_back({.partition = i % kPartitions, .value = event(i)});
  produce(input, records);
}

std::vector<KeptRecord> ProgramOnKafka::read(const std::string& topic) {
  KafkaSettings as = settings;
  as.topics = {topic};
  const auto history = KafkaHistory::open(as, nullptr, health);
  EXPECT_TRUE(history) << (history ? "" : history.error().message);
  if (!history) return {};
  Keeper keeper(**history);
  EXPECT_TRUE((*history)->poll(keeper, 1));
  keeper.start();
  while (!(*history)->is_at_end()) {
    const auto polled = (*history)->poll(keeper, 10'000);
    EXPECT_TRUE(polled) << (polled ? "" : polled.error().message);
    if (!polled) break;
    (*history)->wait(milliseconds(100));
  }
  std::vector<KeptRecord> all;
  for (auto& [partition, records] : keeper.records)
    all.insert(all.end(), records.begin(), records.end());
  return all;
}

std::vector<KeptRecord> ProgramOnKafka::await(const std::string& topic, std::size_t count) {
  const auto deadline = std::chrono::steady_clock::now() + seconds(120);
  std::vector<KeptRecord> records = read(topic);
  while (records.size() < count && std::chrono::steady_clock::now() < deadline)
    records = read(topic);
  EXPECT_GE(records.size(), count) << topic;
  return records;
}

Process::Ended ProgramOnKafka::run(std::vector<std::string> arguments) const {
  return run_to_end(TOCSIN_PROGRAM, std::move(arguments));
}

void ProgramOnKafka::run_daemon_until(std::size_t count, std::vector<std::string> more_arguments) {
  std::vector<std::string> arguments{"run", "--config", config};
  arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
  Process daemon(TOCSIN_PROGRAM, arguments);
  (void)await(scores(), count);
  daemon.signal(SIGTERM);
  const Process::Ended ended = daemon.wait(seconds(30));
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

}  // namespace tocsin
