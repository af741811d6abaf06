#include "pipeline/output/dead_letter.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/output/encoder.h"
#include "pipeline/output/sample_outcomes.h"

namespace tocsin {
namespace {

using Headers = std::vector<std::pair<std::string, std::optional<std::string>>>;

Headers headers_of(const WriteRecord& record) {
  Headers headers;
  for (const HeaderView& header : record.headers) headers.emplace_back(header.name, header.value);
  return headers;
}

/// A batch with one rejected row.
Batch rejected_batch(std::optional<std::string_view> key, std::string_view value,
                     std::span<const HeaderView> headers) {
  Batch batch;
  batch.reset(Batch::Kind::rows, 1, 1, 0);
  Row& row = batch.rows[batch.add_row()];
  row.kind = RowKind::rejected;
  row.reject = RejectReason::undecodable;
  row.offset = sample::kSource.offset;
  row.has_key = key.has_value();
  row.key = batch.add_text(key.value_or(""));
  row.has_value = true;
  row.value = batch.add_text(value);
  row.headers = batch.add_headers(headers);
  return batch;
}

OutputSettings settings_for(std::string topic) {
  OutputSettings settings;
  settings.dead_letters = std::move(topic);
  return settings;
}

TEST(DeadLetter, KeepsKeyBytesAndHeadersAndAddsWhy) {
  constexpr std::string_view kBytes("\0\xFF{\"a\":\n", 7);
  const std::vector<HeaderView> originals{{.name = "traceparent", .value = "00-ab"},
                                          {.name = "empty", .value = ""},
                                          {.name = "none", .value = std::nullopt},
                                          {.name = "tocsin.reason", .value = "an older one"}};
  Batch batch = rejected_batch(std::string_view("k\0y", 3), kBytes, originals);
  batch.rows[0].detail = batch.add_text("byte 1 is not UTF-8");
  batch.rows[0].timestamp_ms = 1'795'250'400'000;
  Encoder encoder(settings_for("dead-letters"), sample::kIdentity);
  OutputArena arena;
  encoder.write_to(arena);

  encoder.rejected(sample::kSource, batch, 0);
  batch.reset(Batch::Kind::rows, 1, 1, 0);
  batch.text.assign(100, '?');  // Nothing of the letter may still lie there.

  ASSERT_EQ(arena.records().size(), 1U);
  const WriteRecord& letter = arena.records()[0];
  EXPECT_EQ(letter.topic, index_of(OutputTopic::dead_letters));
  EXPECT_EQ(letter.partition, WriteRecord::kByKey);
  EXPECT_EQ(letter.key, std::string_view("k\0y", 3));
  EXPECT_EQ(letter.value, kBytes);
  EXPECT_EQ(headers_of(letter), (Headers{{"traceparent", "00-ab"},
                                         {"empty", ""},
                                         {"none", std::nullopt},
                                         {"tocsin.reason", "an older one"},
                                         {"tocsin.reason", "undecodable"},
                                         {"tocsin.detail", "byte 1 is not UTF-8"},
                                         {"tocsin.stream", "api"},
                                         {"tocsin.topic", "api-metrics"},
                                         {"tocsin.partition", "3"},
                                         {"tocsin.offset", "1234567"},
                                         {"tocsin.timestamp", "1795250400000"},
                                         {"tocsin.config", "0123456789abcdef"}}));
}

TEST(DeadLetter, HasNoKeyWhereTheRecordHadNone) {
  const Batch batch = rejected_batch(std::nullopt, "", {});
  Encoder encoder(settings_for("dead-letters"), sample::kIdentity);
  OutputArena arena;
  encoder.write_to(arena);

  encoder.rejected(sample::kSource, batch, 0);

  EXPECT_EQ(arena.records()[0].key, std::nullopt);
  EXPECT_EQ(arena.records()[0].value, "");
  EXPECT_EQ(arena.records()[0].headers.size(), 6U);  // No detail, no timestamp.
}

TEST(DeadLetter, IsNotWrittenWithoutATopic) {
  const Batch batch = rejected_batch("key", "value", {});
  Encoder encoder(settings_for(""), sample::kIdentity);
  OutputArena arena;
  encoder.write_to(arena);

  encoder.rejected(sample::kSource, batch, 0);

  EXPECT_TRUE(arena.records().empty());
}

}  // namespace
}  // namespace tocsin
