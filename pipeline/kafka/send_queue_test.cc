#include "pipeline/kafka/send_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace tocsin {
namespace {

constexpr SendQueue::Limits kLimits{.records = 3, .bytes = 1000};

std::vector<std::uint32_t> indices(const SendQueue::Turn& turn) {
  std::vector<std::uint32_t> found;
  for (const SendQueue::Item& item : turn.items) found.push_back(item.index);
  return found;
}

TEST(SendQueueTest, GivesEachPartitionOneTurnAndTheNextWhenAllOfItIsReported) {
  const WriteRecord record{.key = "k", .value = "v", .headers = {}};
  SendQueue queue(kLimits);
  for (int i = 0; i < 10; ++i) queue.add(record, 0, i % 2);
  SendQueue::Turn turn;

  ASSERT_TRUE(queue.next(turn));
  EXPECT_EQ(turn.partition, 0);
  EXPECT_EQ(indices(turn), (std::vector<std::uint32_t>{0, 2, 4}));
  ASSERT_TRUE(queue.next(turn));
  EXPECT_EQ(turn.partition, 1);
  EXPECT_EQ(indices(turn), (std::vector<std::uint32_t>{1, 3, 5}));
  EXPECT_FALSE(queue.next(turn));
  EXPECT_EQ(queue.waiting(), 4U);

  for (const std::size_t reported : {3U, 1U}) queue.note_reported(reported);
  EXPECT_FALSE(queue.next(turn)) << "record 5 is still under way";
  queue.note_reported(5);
  ASSERT_TRUE(queue.next(turn));
  EXPECT_EQ(indices(turn), (std::vector<std::uint32_t>{7, 9}));
  EXPECT_FALSE(queue.next(turn));
  EXPECT_EQ(queue.waiting(), 2U);
}

TEST(SendQueueTest, EndsATurnBeforeTheRequestIsFull) {
  const std::string value(400, 'v');
  const std::string large(5000, 'v');
  const std::array records{
      WriteRecord{.value = value, .headers = {}}, WriteRecord{.value = value, .headers = {}},
      WriteRecord{.value = value, .headers = {}}, WriteRecord{.value = large, .headers = {}}};
  SendQueue queue(kLimits);
  for (const WriteRecord& record : records) queue.add(record, 0, 7);
  SendQueue::Turn turn;

  ASSERT_TRUE(queue.next(turn));
  EXPECT_EQ(indices(turn), (std::vector<std::uint32_t>{0, 1}));
  for (const std::uint32_t index : indices(turn)) queue.note_reported(index);
  ASSERT_TRUE(queue.next(turn));
  EXPECT_EQ(indices(turn), (std::vector<std::uint32_t>{2}));
  queue.note_reported(2);
  ASSERT_TRUE(queue.next(turn)) << "one that is too large goes alone: the log says what it thinks";
  EXPECT_EQ(indices(turn), (std::vector<std::uint32_t>{3}));
  EXPECT_EQ(queue.waiting(), 0U);
}

TEST(SendQueueTest, CountsHeadersAsBytes) {
  const std::string text(500, 'h');
  const std::array<HeaderView, 1> headers{{{"traceparent", text}}};
  const WriteRecord record{.value = "v", .headers = headers};
  SendQueue queue(kLimits);
  queue.add(record, 0, 0);
  queue.add(record, 0, 0);
  SendQueue::Turn turn;

  ASSERT_TRUE(queue.next(turn));
  EXPECT_EQ(indices(turn), (std::vector<std::uint32_t>{0}));
}

TEST(SendQueueTest, TellsTopicsApartAndRecordsThatCameLater) {
  const WriteRecord record{.value = "v", .headers = {}};
  SendQueue queue(kLimits);
  SendQueue::Turn turn;
  queue.add(record, 2, 0);
  ASSERT_TRUE(queue.next(turn));
  EXPECT_EQ(turn.topic, 2U);
  queue.add(record, 2, 0);
  queue.add(record, 0, 0);

  ASSERT_TRUE(queue.next(turn));
  EXPECT_EQ(turn.topic, 0U);
  EXPECT_EQ(indices(turn), (std::vector<std::uint32_t>{2}));
  EXPECT_FALSE(queue.next(turn));
  queue.note_reported(0);
  ASSERT_TRUE(queue.next(turn));
  EXPECT_EQ(turn.topic, 2U);
  EXPECT_EQ(indices(turn), (std::vector<std::uint32_t>{1}));
}

TEST(SendQueueTest, ForgetsASeries) {
  const WriteRecord record{.value = "v", .headers = {}};
  SendQueue queue(kLimits);
  SendQueue::Turn turn;
  for (int i = 0; i < 5; ++i) queue.add(record, 0, 0);
  ASSERT_TRUE(queue.next(turn));

  queue.clear();
  EXPECT_EQ(queue.waiting(), 0U);
  EXPECT_FALSE(queue.next(turn));
  queue.add(record, 0, 0);
  ASSERT_TRUE(queue.next(turn));
  EXPECT_EQ(indices(turn), (std::vector<std::uint32_t>{0}));
}

}  // namespace
}  // namespace tocsin
