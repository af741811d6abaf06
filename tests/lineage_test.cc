// Where the program begins on a real Kafka, when it is told.

#include <algorithm>

#include "tests/program_on_kafka.h"

namespace tocsin {
namespace {

class Lineage : public ProgramOnKafka {
 protected:
  /// The timestamp of the first of these events; all before are older.
  std::int64_t produce_later(int first, int count) {
    const std::size_t before = read(input).size();
    std::int64_t newest = 0;
    for (const KeptRecord& record : read(input)) newest = std::max(newest, record.timestamp_ms);
    produce_events(first, count);
    std::int64_t oldest = INT64_MAX;
    for (const KeptRecord& record : read(input))
      if (record.offset >= static_cast<std::int64_t>(before) / kPartitions)
        oldest = std::min(oldest, record.timestamp_ms);
    EXPECT_LT(newest, oldest);
    return oldest;
  }
};

TEST_F(Lineage, BeginsAtATimeAndOnlyWhereNothingIsCommitted) {
  produce_events(0, 100);
  const std::int64_t time = produce_later(100, 60);

  run_daemon_until(60, {"--from", std::to_string(time)});

  const std::vector<KeptRecord> scored = read(scores());
  ASSERT_EQ(scored.size(), 60U);
  // In each partition 50 records and the marker of their transaction come before.
  EXPECT_NE(scored.front().value->find("/51\""), std::string::npos) << *scored.front().value;

  const Process::Ended again = run({"run", "--config", config, "--from", "earliest"});
  EXPECT_EQ(again.exit_code, 78);
  EXPECT_NE(again.err.find("--from is for a group that has committed nothing, but " + app +
                           " has come to offset "),
            std::string::npos)
      << again.err;
  EXPECT_EQ(read(scores()).size(), 60U);

  // Without it the lineage goes on.
  produce_events(160, 40);
  run_daemon_until(100);
  EXPECT_EQ(read(scores()).size(), 100U);
}

TEST_F(Lineage, LatestLeavesOutWhatThereIsAndTakesAllThatComes) {
  produce_events(0, 100);
  Process daemon(TOCSIN_PROGRAM, {"run", "--config", config, "--from", "latest"});
  ASSERT_TRUE(daemon.await_error("a new lineage begins", std::chrono::seconds(60)));

  produce_events(100, 40);

  EXPECT_EQ(await(scores(), 40).size(), 40U);
}

}  // namespace
}  // namespace tocsin
