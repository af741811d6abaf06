#include "pipeline/snapshot/state_record.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(StateRecord, ReadsAStartThatItWrote) {
  const StateRecord record{.number = 5,
                           .owner = UINT64_MAX,
                           .snapshot = 5,
                           .content = SnapshotStart{.input_offset = 77,
                                                    .sequence = 70,
                                                    .definition = "d",
                                                    .decoder = std::string("a\0b", 3),
                                                    .input_definition = "i",
                                                    .is_whole = true,
                                                    .written_ms = 1'700'000'000'000,
                                                    .entities = 3}};
  const auto read = StateRecord::decode(record.encode());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->number, 5U);
  EXPECT_EQ(read->owner, UINT64_MAX);
  const auto& start = std::get<SnapshotStart>(read->content);
  EXPECT_EQ(start.input_offset, 77);
  EXPECT_EQ(start.sequence, 70U);
  EXPECT_EQ(start.decoder.size(), 3U);
  EXPECT_TRUE(start.is_whole);
}

TEST(StateRecord, ReadsEveryKindOfJournalEntry) {
  using Kind = JournalEntry::Kind;
  for (const Kind kind : {Kind::lineage_began, Kind::configuration, Kind::gap}) {
    const StateRecord record{
        .content =
            JournalEntry{.kind = kind, .input_offset = 3, .gap_end = 9, .configuration = "c"}};
    const auto read = StateRecord::decode(record.encode());
    ASSERT_TRUE(read) << read.error().message;
    const auto& entry = std::get<JournalEntry>(read->content);
    EXPECT_EQ(entry.kind, kind);
    EXPECT_EQ(entry.gap_end, 9);
  }
}

TEST(StateRecord, RefusesWhatItCannotRead) {
  EXPECT_FALSE(StateRecord::decode("not protobuf at all"));
  EXPECT_FALSE(StateRecord::decode("")) << "no format, no content";
  std::string later = StateRecord{.content = SnapshotEnd{}}.encode();
  ASSERT_EQ(later.substr(0, 2), std::string("\x08\x01", 2)) << "the format stands first";
  later[1] = 2;
  const auto read = StateRecord::decode(later);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "a state record has format 2, this program reads 1");
}

}  // namespace
}  // namespace tocsin
