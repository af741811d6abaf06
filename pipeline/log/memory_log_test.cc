#include "pipeline/log/memory_log.h"

#include <gtest/gtest.h>

#include "pipeline/log/memory_log_fixture.h"

namespace tocsin {
namespace {

TEST_F(MemoryLogTest, DeliversEveryRecordOfEveryPartitionInOrder) {
  append(0, "a");
  append(1, "b");
  append(0, "c");
  const auto reader = log.join({"g", "m", {"in"}});
  Listener listener(*reader);

  listener.poll(3);

  EXPECT_EQ(listener.values, (std::vector<std::string>{"in/0@0=a", "in/0@1=c", "in/1@0=b"}));
  EXPECT_EQ(listener.end, 1);
}

TEST_F(MemoryLogTest, TrimmingMovesTheLowWatermarkOnly) {
  append(0, "a");
  append(0, "b");
  log.trim("in", 0, 1);

  EXPECT_EQ(log.watermarks("in", 0).low, 1);
  EXPECT_EQ(log.watermarks("in", 0).high, 2);
  EXPECT_EQ(*log.read("in", 0, 0).front().value, "b");
}

/// Remembers what a state log reports.
struct StateListener final : StateSink {
  void state_watermark(StateReading, std::int64_t at) override { high = at; }
  void state_record(StateReading, std::int64_t offset, std::string_view value) override {
    ASSERT_GE(high, 0) << "a record before the watermark";
    values.push_back(std::to_string(offset) + "=" + std::string(value));
  }
  void state_end(StateReading, std::int64_t next_offset) override { end = next_offset; }

  std::int64_t high = -1;
  std::vector<std::string> values;
  std::int64_t end = -1;
};

TEST_F(MemoryLogTest, AStateReadingTellsWhatIsToComeThoughItIsStillHidden) {
  const auto writer = log.writer({.transactional_id = "t", .topics = {"out"}});
  ASSERT_EQ(writer->open().status, WriteStatus::ok);
  ASSERT_EQ(writer->begin().status, WriteStatus::ok);
  const auto state = log.state_log();
  log.create_topic("wide", 3);
  state->begin({.topic = "new-state", .input = "wide", .partition = 1}, 0);
  EXPECT_EQ(log.watermarks("new-state", 2).high, 0) << "the topic was made, as wide as its input";
  const std::vector<WriteRecord> records{
      {.partition = 1, .value = "a", .topic_name = "new-state", .wants_place = true},
      {.partition = 0, .value = "elsewhere"},
      {.partition = 1, .value = "b", .topic_name = "new-state", .wants_place = true}};
  ASSERT_EQ(writer->produce(records), 3U);
  ASSERT_EQ(writer->placed().size(), 2U);
  EXPECT_EQ(writer->placed()[1].index, 2U);
  EXPECT_EQ(writer->placed()[1].offset, 1);

  StateListener listener;
  ASSERT_TRUE(state->poll(listener, 1000));
  EXPECT_EQ(listener.high, 2);
  EXPECT_EQ(listener.end, 0);
  EXPECT_TRUE(listener.values.empty());

  ASSERT_EQ(writer->commit().status, WriteStatus::ok);
  ASSERT_TRUE(state->poll(listener, 1000));
  EXPECT_EQ(listener.values, (std::vector<std::string>{"0=a", "1=b"}));
  ASSERT_TRUE(state->poll(listener, 1000));
  EXPECT_EQ(listener.end, 3) << "past the marker of the transaction";
}

TEST_F(MemoryLogTest, AStateLogThatIsDelayedReportsNothingAndSaysWhy) {
  log.append("out", 0, {.value = "a"});
  bool is_delayed = true;
  const auto state = log.state_log([&] { return is_delayed; });
  state->begin({.topic = "out", .input = "in"}, 0);
  StateListener listener;
  ASSERT_TRUE(state->poll(listener, 1000));
  EXPECT_EQ(listener.high, -1);
  EXPECT_NE(state->waiting_for(), "");

  is_delayed = false;
  ASSERT_TRUE(state->poll(listener, 1000));
  EXPECT_EQ(listener.values, std::vector<std::string>{"0=a"});
  EXPECT_EQ(state->waiting_for(), "");
}

TEST_F(MemoryLogTest, AStateReadingLeavesOutWhatHasBeenTrimmed) {
  log.append("out", 0, {.value = "a"});
  log.append("out", 0, {.value = "b"});
  const auto state = log.state_log();
  state->trim("out", 0, 1);
  state->begin({.topic = "out", .input = "in"}, 0);
  StateListener listener;
  ASSERT_TRUE(state->poll(listener, 1000));

  EXPECT_EQ(listener.values, std::vector<std::string>{"1=b"});
}

}  // namespace
}  // namespace tocsin
