// Members of a group of the log in memory.

#include <gtest/gtest.h>

#include "pipeline/log/memory_log_fixture.h"

namespace tocsin {
namespace {

using MemoryGroupTest = MemoryLogTest;

TEST_F(MemoryGroupTest, ASecondMemberWaitsUntilTheFirstHasReleasedItsPartitions) {
  const auto first = log.join({"g", "a", {"in"}});
  Listener one(*first);
  one.poll(2);
  const auto second = log.join({"g", "b", {"in"}});
  Listener two(*second);

  two.poll(3);
  EXPECT_TRUE(two.names.empty());
  one.poll();
  EXPECT_EQ(one.revoked_count, 2U);
  EXPECT_EQ(one.last_revocation, Revocation::handed_over);
  two.poll();
  EXPECT_TRUE(two.names.empty());
  first->release();
  two.poll();
  one.poll();

  EXPECT_EQ(two.names.size(), 1U);
  EXPECT_EQ(one.names.size(), 3U) << "two of the first generation, one of the second";
}

TEST_F(MemoryGroupTest, AnExpelledMemberCannotCommitAndLearnsThatItLostItsPartitions) {
  const auto reader = log.join({"g", "zombie", {"in"}});
  Listener listener(*reader);
  listener.poll();
  log.expel("g", "zombie");
  const auto heir = log.join({"g", "heir", {"in"}});
  Listener other(*heir);
  other.poll();
  ASSERT_EQ(other.names.size(), 2U);

  const auto writer = log.writer({"t", {"out"}});
  writer->open();
  writer->begin();
  const std::vector<OffsetToCommit> offsets{{.topic = "in", .next_offset = 1}};
  EXPECT_EQ(writer->send_offsets(offsets, listener.generation).status, WriteStatus::resend);
  listener.poll();
  EXPECT_EQ(listener.last_revocation, Revocation::lost);
}

TEST_F(MemoryGroupTest, AMemberThatHasNotHeardOfItsPartitionsDoesNotHoldUpARebalance) {
  const auto first = log.join({"g", "a", {"in"}});
  const auto second = log.join({"g", "b", {"in"}});
  Listener one(*first);
  Listener two(*second);
  one.poll();  // Gives out partitions to both; the second has not heard of it.
  const auto third = log.join({"g", "c", {"in"}});
  Listener three(*third);
  two.poll();
  one.poll();
  first->release();
  three.poll();

  EXPECT_EQ(two.revoked_count, 0U);
  two.poll();
  EXPECT_EQ(two.names.size(), 1U);
}

TEST_F(MemoryGroupTest, WhoGetsNothingIsToldSo) {
  std::vector<std::unique_ptr<LogReader>> readers;
  for (const char* id : {"a", "b", "c"}) readers.push_back(log.join({"g", id, {"in"}}));
  int with_generation = 0;
  for (const auto& reader : readers) {
    Listener listener(*reader);
    listener.poll();
    if (listener.generation) ++with_generation;
  }

  EXPECT_EQ(with_generation, 3) << "though there are two partitions";
}

TEST_F(MemoryGroupTest, AZombieJoinsAgainOnlyOnceItHasLetGo) {
  const auto reader = log.join({"g", "zombie", {"in"}});
  Listener zombie(*reader);
  zombie.poll();
  log.expel("g", "zombie");
  const auto heir_reader = log.join({"g", "heir", {"in"}});
  Listener heir(*heir_reader);
  heir.poll();
  zombie.poll();
  heir.poll(2);
  EXPECT_EQ(heir.revoked_count, 0U);

  reader->release();
  heir.poll();
  heir_reader->release();
  heir.poll();
  zombie.poll();
  EXPECT_EQ(heir.names.size(), 3U) << "both partitions, then one of them";
  EXPECT_EQ(zombie.names.size(), 3U);
}

const MemoryMember kPod{.group = "g", .id = "pod-0", .topics = {"in"}, .is_static = true};

TEST_F(MemoryGroupTest, AStaticMemberThatReturnsInTimeGetsTheSameAndNobodyElseNotices) {
  auto first = log.join(kPod);
  Listener before(*first);
  before.poll();
  const auto other_reader = log.join({"g", "pod-1", {"in"}, true});
  Listener other(*other_reader);
  before.poll();
  first->release();
  other.poll();
  before.poll();
  ASSERT_EQ(other.names.size(), 1U);
  first->close();
  first.reset();
  other.poll(3);

  const auto second = log.join(kPod);
  Listener after(*second);
  after.poll();
  other.poll();

  ASSERT_EQ(after.names.size(), 1U);
  EXPECT_EQ(after.names.begin()->second, "in/0");
  EXPECT_EQ(other.revoked_count, 0U);
}

TEST_F(MemoryGroupTest, TheReturnOfAStaticMemberFencesItsPredecessor) {
  const auto first = log.join(kPod);
  Listener before(*first);
  before.poll();
  const auto second = log.join(kPod);
  Listener after(*second);
  after.poll();
  const auto writer = log.writer({"t", {"out"}});
  writer->open();
  writer->begin();
  const std::vector<OffsetToCommit> offsets{{.topic = "in", .next_offset = 1}};

  EXPECT_FALSE(first->poll(before, 1));
  const WriteOutcome outcome = writer->send_offsets(offsets, before.generation);
  EXPECT_EQ(outcome.status, WriteStatus::resend);
  EXPECT_EQ(outcome.cause, WriteCause::passed);
  writer->abort();
  writer->begin();
  EXPECT_EQ(writer->send_offsets(offsets, after.generation).status, WriteStatus::ok);
}

TEST_F(MemoryGroupTest, OnlyTheEndOfItsSessionFreesThePartitionsOfAStaticMember) {
  {
    const auto gone = log.join(kPod);
    Listener listener(*gone);
    listener.poll();
  }
  const auto reader = log.join({"g", "pod-1", {"in"}, true});
  Listener heir(*reader);
  heir.poll(3);
  EXPECT_EQ(heir.names.size(), 0U);

  log.expel("g", "pod-0");
  heir.poll();
  EXPECT_EQ(heir.names.size(), 2U);
}

TEST_F(MemoryGroupTest, AddedPartitionsAreGivenToThoseWhoReadTheTopic) {
  const auto reader = log.join({"g", "m", {"in"}});
  const auto other_reader = log.join({"other", "m", {"out"}});
  Listener listener(*reader);
  Listener other(*other_reader);
  listener.poll();
  other.poll();
  log.create_topic("in", 3);
  listener.poll();
  reader->release();
  listener.poll();
  other.poll();

  EXPECT_EQ(listener.names.rbegin()->second, "in/2");
  EXPECT_EQ(other.revoked_count, 0U);
}

TEST_F(MemoryGroupTest, RecordsThatExpireBeforeTheyAreReadEndTheReader) {
  for (const char* value : {"a", "b", "c"}) append(0, value);
  const auto reader = log.join({"g", "m", {"in"}});
  Listener listener(*reader);
  listener.poll();
  log.trim("in", 0, 2);

  const auto polled = reader->poll(listener, 100);
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().message, "in [0] has no record at offset 0 any more");
}

TEST_F(MemoryGroupTest, ACallOfAReaderCanWaitOrEnd) {
  ReaderFault fault = ReaderFault::wait;
  const auto reader = log.join({"g", "m", {"in"}}, [&](ReaderCall) { return fault; });
  Listener listener(*reader);
  append(0, "a");
  listener.poll(3);
  EXPECT_TRUE(listener.names.empty());

  fault = ReaderFault::none;
  listener.poll(2);
  EXPECT_EQ(listener.values, std::vector<std::string>{"in/0@0=a"});
  fault = ReaderFault::wait;
  EXPECT_FALSE(reader->committed(0));
  EXPECT_FALSE(reader->watermarks(0));
  fault = ReaderFault::end;
  EXPECT_FALSE(reader->poll(listener, 1));
}

}  // namespace
}  // namespace tocsin
