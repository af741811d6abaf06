// The program on a real Kafka: every record gets its one outcome, whatever happens to the process.

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "detectors/counter_random.h"
#include "pipeline/kafka/kafka_admin.h"
#include "pipeline/kafka/kafka_reader.h"
#include "pipeline/kafka/kafka_writer.h"
#include "tests/process.h"
#include "tests/scratch.h"

namespace tocsin {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kEvents = 40'000;
constexpr std::int32_t kPartitions = 4;

/// Event `i`; each fiftieth cannot be read.
std::string event(int i) {
  const std::uint64_t random = random_bits({.seed = 3, .count = static_cast<std::uint64_t>(i)});
  if (i % 50 == 49) return "{\"entity\":\"e\",\"amount\":" + std::to_string(i);
  return "{\"entity\":\"e" + std::to_string(random % 300) +
         "\",\"amount\":" + std::to_string(100 + random % 17) + "}";
}

/// Keeps every record of the topics it reads, from their beginning.
class Audit final : public ReadSink {
 public:
  explicit Audit(LogReader& reader) : reader_(reader) {}

  void assigned(std::span<const Assignment> partitions, GenerationRef) override {
    for (const Assignment& place : partitions) fresh_.push_back(place.handle);
  }
  void revoked(std::span<const PartitionHandle>, Revocation) override { reader_.release(); }
  void record(const ReadRecord& record) override {
    std::string id;
    for (const HeaderView& header : record.headers)
      if (header.name == "tocsin.partition" || header.name == "tocsin.offset")
        id += "/" + std::string(*header.value);
    const std::string value(*record.value);
    if (id.empty()) id = value.substr(0, value.find("\","));
    ++seen[id];
    values[id] = value;
  }
  void end_of_partition(PartitionHandle, std::int64_t) override {}

  /// Reads until there are `count` records, for at most `patience`; returns how many there are.
  std::size_t read(std::size_t count, seconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (values.size() < count && std::chrono::steady_clock::now() < deadline) {
      EXPECT_TRUE(reader_.poll(*this, 10'000));
      for (const PartitionHandle handle : std::exchange(fresh_, {}))
        EXPECT_TRUE(reader_.start(handle, 0));
      reader_.wait(milliseconds(20));
    }
    return values.size();
  }

  std::map<std::string, int> seen;  ///< How often each outcome came.
  std::map<std::string, std::string> values;

 private:
  LogReader& reader_;
  std::vector<PartitionHandle> fresh_;
};

class EndToEnd : public testing::Test {
 protected:
  void SetUp() override {
    const char* file = std::getenv("TOCSIN_REAL_KAFKA");
    ASSERT_NE(file, nullptr) << "TOCSIN_REAL_KAFKA names no file";
    ASSERT_TRUE(std::getline(std::ifstream(file) >> std::ws, brokers));
    unique = std::to_string(std::random_device{}());
    auto made = KafkaAdmin::make(settings("admin"), nullptr, health);
    ASSERT_TRUE(made);
    admin = *std::move(made);
    create("in-" + unique);
  }

  KafkaSettings settings(const std::string& app) const {
    return {.app = app + "-" + unique, .brokers = {brokers}};
  }
  void create(const std::string& topic) {
    const auto done =
        admin->create({.name = topic, .partitions = kPartitions}, milliseconds(10'000));
    ASSERT_TRUE(done) << done.error().message;
  }

  void produce_events() {
    KafkaSettings as = settings("source");
    as.output_topics = {"in-" + unique};
    const auto writer = make_kafka_writer(as, nullptr, nullptr, health);
    std::vector<std::string> values;
    std::vector<WriteRecord> records;
    values.reserve(kEvents);
    records.reserve(kEvents);
    for (int i = 0; i < kEvents; ++i) values.push_back(event(i));
    for (int i = 0; i < kEvents; ++i)
      records.push_back(
          {.partition = i % kPartitions, .value = values[static_cast<std::size_t>(i)]});
    while (writer->open().status != WriteStatus::ok) continue;
    ASSERT_EQ(writer->begin().status, WriteStatus::ok);
    for (std::span<const WriteRecord> rest = records; !rest.empty();) {
      rest = rest.subspan(writer->produce(rest));
      (void)writer->flush();
    }
    while (writer->flush().status == WriteStatus::retry) continue;
    while (writer->commit().status == WriteStatus::retry) continue;
  }

  /// Writes the configuration of `app`, makes its topics, and returns the file's path.
  std::string configure(const std::string& app) {
    const std::string name = app + "-" + unique;
    for (const char* output : {"-scores", "-alerts", "-dead-letters"}) create(name + output);
    std::string path = scratch.file(app + ".yaml");
    std::ofstream(path) << "app: " << name << "\nkafka: {brokers: [\"" << brokers
                        << "\"]}\nstreams:\n  - name: pay\n    topics: [in-" << unique
                        << "]\n    entity: [/entity]\n"
                           "    features: [{name: amount, field: /amount}]\n"
                           "pipeline: {epoch: 50ms}\nhttp: {listen: \"127.0.0.1:0\"}\n";
    return path;
  }

  std::unique_ptr<KafkaReader> reader_of(const std::string& app) {
    KafkaSettings as = settings("audit-" + app);
    as.topics = {app + "-" + unique + "-scores", app + "-" + unique + "-dead-letters"};
    auto made = KafkaReader::make(as, nullptr, health);
    EXPECT_TRUE(made);
    return *std::move(made);
  }

  Scratch scratch;
  std::string brokers, unique;
  KafkaHealth health;
  std::unique_ptr<KafkaAdmin> admin;
};

TEST_F(EndToEnd, KillingTheDaemonLosesNothingRepeatsNothingAndChangesNoScore) {
  produce_events();
  const std::string unbroken = configure("unbroken");
  const std::string broken = configure("broken");
  const auto unbroken_reader = reader_of("unbroken");
  const auto broken_reader = reader_of("broken");
  Audit expected(*unbroken_reader);
  Audit found(*broken_reader);

  {
    Process daemon(TOCSIN_PROGRAM, {"run", "--config", unbroken});
    EXPECT_EQ(expected.read(kEvents, seconds(60)), static_cast<std::size_t>(kEvents));
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait(seconds(20)).exit_code, 0);
  }
  for (const std::size_t kill_at : {1U, 8'000U, 20'000U}) {
    Process daemon(TOCSIN_PROGRAM, {"run", "--config", broken});
    found.read(kill_at, seconds(60));
    daemon.signal(SIGKILL);
    (void)daemon.wait(seconds(10));
  }
  Process daemon(TOCSIN_PROGRAM, {"run", "--config", broken});
  EXPECT_EQ(found.read(kEvents, seconds(60)), static_cast<std::size_t>(kEvents));
  EXPECT_TRUE(daemon.await_error("state rebuilt", seconds(60)));
  daemon.signal(SIGTERM);
  const Process::Ended ended = daemon.wait(seconds(20));
  EXPECT_EQ(ended.exit_code, 0) << ended.err;

  for (const auto& [id, count] : found.seen) EXPECT_EQ(count, 1) << id;
  std::size_t differing = 0;
  for (const auto& [id, value] : expected.values) differing += found.values[id] == value ? 0U : 1U;
  EXPECT_EQ(differing, 0U);
}

TEST_F(EndToEnd, RefusesToStartOnMissingTopicsAndNamesThemAll) {
  const std::string path = scratch.file("missing.yaml");
  std::ofstream(path) << "app: missing-" << unique << "\nkafka: {brokers: [\"" << brokers
                      << "\"], topic_wait: 1s}\nstreams: [{topics: [absent-" << unique
                      << "]}]\nhttp: {listen: \"127.0.0.1:0\"}\n";

  const Process::Ended ended = run_to_end(TOCSIN_PROGRAM, {"run", "--config", path});

  EXPECT_EQ(ended.exit_code, 78);
  for (const std::string& topic :
       {"absent-" + unique, "missing-" + unique + "-scores", "missing-" + unique + "-alerts",
        "missing-" + unique + "-dead-letters"})
    EXPECT_NE(ended.err.find("topic " + topic + " does not exist"), std::string::npos) << ended.err;
}

TEST_F(EndToEnd, AStartMakesTheStateTopicThatCheckAnnounces) {
  const std::string path = configure("fresh");
  const std::string state = "fresh-" + unique + "-state-in-" + unique;

  const Process::Ended before =
      run_to_end(TOCSIN_PROGRAM, {"check", "--connect", "--config", path});
  EXPECT_EQ(before.exit_code, 0) << before.err;
  EXPECT_NE(before.out.find("state of in-" + unique + ": will be made: 4 partitions"),
            std::string::npos)
      << before.out;
  const std::vector<std::string> names{state};
  EXPECT_EQ(admin->look(names, milliseconds(10'000))->missing, names) << "check changes nothing";
  {
    Process daemon(TOCSIN_PROGRAM, {"run", "--config", path});
    EXPECT_TRUE(daemon.await_error("made a state topic", seconds(30)));
    daemon.signal(SIGTERM);
    const Process::Ended ended = daemon.wait(seconds(20));
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
  }

  const auto view = admin->look(names, milliseconds(10'000));
  ASSERT_TRUE(view && view->topics.size() == 1);
  EXPECT_EQ(view->topics[0].partitions, kPartitions);
  EXPECT_EQ(view->topics[0].config.find("cleanup.policy")->second, "delete");
  EXPECT_EQ(view->topics[0].config.find("retention.ms")->second, "-1");
  EXPECT_EQ(view->topics[0].config.find("retention.bytes")->second, "-1");
  const Process::Ended after = run_to_end(TOCSIN_PROGRAM, {"check", "--connect", "--config", path});
  EXPECT_EQ(after.exit_code, 0) << after.err;
  EXPECT_EQ(after.out.find("will be"), std::string::npos) << after.out;
}

TEST_F(EndToEnd, RefusesAStateTopicThatWouldLoseStateAndSaysAllThatIsWrong) {
  const std::string path = configure("lossy");
  const std::string state = "lossy-" + unique + "-state-in-" + unique;
  ASSERT_TRUE(admin->create({.name = state,
                             .partitions = kPartitions,
                             .config = {{"cleanup.policy", "compact"}, {"retention.ms", "1000"}}},
                            milliseconds(10'000)));

  const Process::Ended run = run_to_end(TOCSIN_PROGRAM, {"run", "--config", path});
  const Process::Ended check = run_to_end(TOCSIN_PROGRAM, {"check", "--connect", "--config", path});

  for (const Process::Ended& ended : {run, check}) {
    EXPECT_EQ(ended.exit_code, 78);
    EXPECT_NE(ended.err.find("cleanup.policy=compact"), std::string::npos) << ended.err;
    EXPECT_NE(ended.err.find("retention.ms=1000"), std::string::npos) << ended.err;
  }
}

}  // namespace
}  // namespace tocsin
