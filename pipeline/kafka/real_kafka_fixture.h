// What tests on a real broker begin with. Its address is in the file that TOCSIN_REAL_KAFKA names,
// or by hand: `TOCSIN_REAL_KAFKA=build/kafka/default/bootstrap tocsin_real_kafka_test`.

#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <future>
#include <random>

#include "pipeline/kafka/collector.h"
#include "pipeline/kafka/kafka_admin.h"
#include "pipeline/kafka/kafka_writer.h"
#include "pipeline/log/murmur2.h"

namespace tocsin {

using std::chrono::milliseconds;

class RealKafkaTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* file = std::getenv("TOCSIN_REAL_KAFKA");
    ASSERT_NE(file, nullptr) << "TOCSIN_REAL_KAFKA names no file";
    std::string address;
    ASSERT_TRUE(std::getline(std::ifstream(file) >> std::ws, address)) << file;
    // Names of their own, because the broker outlives a test.
    unique = std::to_string(std::random_device{}());
    settings.app = "app-" + unique;
    settings.brokers = {address};
    settings.topics = {"in-" + unique};
    settings.output_topics = {"out-" + unique};
    settings.properties = {{"session.timeout.ms", "6000"}, {"heartbeat.interval.ms", "100"}};
    auto made = KafkaAdmin::make(settings, nullptr, health);
    ASSERT_TRUE(made);
    admin = std::move(*made);
    create(settings.topics[0], 4);
    create(settings.output_topics[0], 4);
  }

  void create(const std::string& name, std::int32_t partitions,
              std::vector<std::pair<std::string, std::string>> config = {}) {
    const auto done =
        admin->create({.name = name, .partitions = partitions, .config = std::move(config)},
                      milliseconds(10'000));
    ASSERT_TRUE(done) << done.error().message;
  }

  void add_partitions(const std::string& name, std::size_t partitions) {
    Source source(settings.brokers[0]);
    std::array<char, 256> why{};
    rd_kafka_NewPartitions_t* asked =
        rd_kafka_NewPartitions_new(name.c_str(), partitions, why.data(), why.size());
    ASSERT_NE(asked, nullptr) << why.data();
    const RdPtr<rd_kafka_queue_t> answers(rd_kafka_queue_new(source.client()));
    rd_kafka_CreatePartitions(source.client(), &asked, 1, nullptr, answers.get());
    const RdPtr<rd_kafka_event_t> answer(rd_kafka_queue_poll(answers.get(), 10'000));
    rd_kafka_NewPartitions_destroy(asked);
    ASSERT_TRUE(answer);
    ASSERT_EQ(rd_kafka_event_error(answer.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  std::unique_ptr<KafkaReader> join() { return join(settings); }
  std::unique_ptr<KafkaReader> join(const KafkaSettings& as) {
    auto made = KafkaReader::make(as, nullptr, health);
    EXPECT_TRUE(made);
    return made ? std::move(*made) : nullptr;
  }
  // A reader of the output, in a group of its own.
  std::unique_ptr<KafkaReader> audit() {
    KafkaSettings as = settings;
    as.app = "audit-" + unique;
    as.topics = settings.output_topics;
    return join(as);
  }

  std::unique_ptr<LogWriter> writer(int lane = 0) {
    KafkaSettings as = settings;
    as.lane = lane;
    return make_kafka_writer(as, nullptr, nullptr, health);
  }

  // Why the last call was not ok, for messages.
  static std::string& last_reason() {
    static std::string reason;
    return reason;
  }
  static WriteCause& last_cause() {
    static WriteCause cause = WriteCause::other;
    return cause;
  }
  static WriteOutcome patiently(const std::function<WriteOutcome()>& call) {
    WriteOutcome outcome;
    EXPECT_TRUE(eventually([&] {
      outcome = call();
      return outcome.status != WriteStatus::retry;
    })) << outcome.reason;
    last_reason() = outcome.reason;
    last_cause() = outcome.cause;
    return outcome;
  }
  static WriteStatus open(LogWriter& writer) {
    return patiently([&] { return writer.open(); }).status;
  }
  static WriteStatus flush(LogWriter& writer) {
    return patiently([&] { return writer.flush(); }).status;
  }
  static WriteStatus send(LogWriter& writer, const std::vector<OffsetToCommit>& offsets,
                          const GenerationRef& generation) {
    return patiently([&] { return writer.send_offsets(offsets, generation); }).status;
  }
  static WriteStatus commit(LogWriter& writer) {
    return patiently([&] { return writer.commit(); }).status;
  }
  static WriteStatus abort(LogWriter& writer) {
    return patiently([&] { return writer.abort(); }).status;
  }

  // Begins, produces and flushes.
  static void write(LogWriter& writer, const std::vector<WriteRecord>& records) {
    ASSERT_EQ(writer.begin().status, WriteStatus::ok);
    ASSERT_EQ(writer.produce(records), records.size());
    ASSERT_EQ(flush(writer), WriteStatus::ok);
  }

  OffsetToCommit offset(std::int32_t partition, std::int64_t next, std::string_view words = {}) {
    return {.topic = settings.topics[0],
            .partition = partition,
            .next_offset = next,
            .metadata = words};
  }

  std::string unique;
  KafkaSettings settings;
  KafkaHealth health;
  std::unique_ptr<KafkaAdmin> admin;
};

}  // namespace tocsin
