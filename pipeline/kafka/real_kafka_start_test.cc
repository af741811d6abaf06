// Partitions that are started late, while others deliver and while records come in: nothing may be
// passed over.

#include "pipeline/kafka/real_kafka_fixture.h"

namespace tocsin {
namespace {

TEST_F(RealKafkaTest, APartitionThatIsStartedLateMissesNothingThatComesMeanwhile) {
  const auto reader = join();
  Collector sink(*reader);
  sink.starts = false;
  ASSERT_TRUE(sink.poll_until([&] { return sink.assignments == 1; })) << sink.error;
  ASSERT_TRUE(reader->poll(sink, 1'000));  // librdkafka learns of the assignment.
  for (const PartitionHandle handle : sink.handles()) ASSERT_TRUE(reader->start(handle, 0));

  // For longer than librdkafka takes to ask once more for an offset that it had been told to seek
  // away from.
  constexpr std::int64_t kRecords = 3'000;
  Source source(settings.brokers[0]);
  for (std::int64_t i = 0; i < kRecords; ++i) {
    for (std::int32_t p = 0; p < 4; ++p)
      source.send(settings.topics[0], p, {.key = {}, .value = std::to_string(i), .headers = {}});
    ASSERT_TRUE(reader->poll(sink, 1'000));
    reader->wait(milliseconds(1));
  }
  source.flush();
  const auto is_all_there = [&] {
    for (std::int32_t p = 0; p < 4; ++p)
      if (const auto& seen = sink.of(settings.topics[0], p);
          seen.empty() || seen.back().offset < kRecords - 1)
        return false;
    return true;
  };
  ASSERT_TRUE(sink.poll_until(is_all_there)) << sink.error;

  for (std::int32_t p = 0; p < 4; ++p) {
    const auto& seen = sink.of(settings.topics[0], p);
    for (std::size_t i = 0; i < seen.size(); ++i)
      ASSERT_EQ(seen[i].offset, static_cast<std::int64_t>(i)) << "of partition " << p;
  }
}

// The one broker here is both the address that we were told and the only broker of the cluster.
TEST_F(RealKafkaTest, ABrokerThatAnswersIsCountedAndEndsTheAlarmAboutBrokers) {
  const auto reader = join();
  Collector sink(*reader);
  health.all_brokers_down.set(1);

  ASSERT_TRUE(sink.poll_until([&] { return health.brokers_up.value() == 1; })) << sink.error;

  EXPECT_EQ(health.all_brokers_down.value(), 0U);
  EXPECT_GT(health.round_trip_micros.value(), 0U);
}

}  // namespace
}  // namespace tocsin
