// What the ingest thread hands to a worker: up to 512 decoded events of one partition, in
// columns, with the bytes they refer to; or one word of control between them.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/input/reject_reason.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// A piece of a batch's text.
struct TextRange {
  std::uint32_t begin = 0;
  std::uint32_t length = 0;
};

/// What became of one record in decoding.
enum class RowKind : std::uint8_t {
  event,      ///< Entity, time and values are there.
  tombstone,  ///< No value: counted, nothing else.
  rejected,   ///< `reject` says why; the original key, value and headers are kept.
};

/// A field that discovery found: from row `row` on, `column` holds it.
struct DiscoveredField {
  std::uint32_t row = 0;
  std::uint32_t column = 0;
  std::string path;  ///< JSON pointer.
};

/// One event's fixed part.
struct Row {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;  ///< The record's own; -1: none.
  std::int64_t time_ms = 0;        ///< Event time.
  std::uint64_t entity_hash = 0;   ///< XXH3 of the entity.
  std::uint64_t present = 0;       ///< Bit i: column i has a value.
  TextRange entity;                ///< Canonical, at most `kEntityMaxBytes`, UTF-8.
  TextRange key;                   ///< Original; where `has_key`. Rejected rows only.
  TextRange value;                 ///< Original; rejected rows, and all if events are included.
  TextRange headers;               ///< Packed (`Batch::headers`); rejected rows only.
  TextRange traceparent;           ///< The input's `traceparent` header; empty: none.
  TextRange detail;                ///< Rejected rows: what exactly was wrong, a sentence.
  RowKind kind = RowKind::event;
  RejectReason reject = RejectReason::none;
  bool has_key = false;
  bool has_value = false;
};

/// An entity's name is never longer; what is longer is shortened, with a hash (entity.h).
inline constexpr std::size_t kEntityMaxBytes = 128;

/// Rows of one partition, in offset order.
///
/// Recycled through a return ring: clearing keeps the memory, so that steady state allocates
/// nothing. Threads: one at a time; the rings hand it over.
class Batch {
 public:
  static constexpr std::size_t kRowsMax = 512;
  /// Text beyond this makes a batch full, though the row that crosses it is kept whole.
  static constexpr std::size_t kTextSoftMaxBytes = 1U << 20U;

  enum class Kind : std::uint8_t {
    rows,
    open,     ///< The partition begins: `topic`, `number`, `stream`.
    piece,    ///< A piece of its saved state: `text`, `piece`, `raw_bytes`.
    gap,      ///< The partition's saved state is there; records that should come now are gone.
    live,     ///< What follows is new, from `start_offset` on; `text` is the offset's metadata.
    cut,      ///< A snapshot begins here: `text` is what the decoder knows.
    keep,     ///< The partition is nobody's for now: no epoch speaks of it until `rebind`.
    rebind,   ///< The partition's state is kept; from now on it is `partition`, not `previous`.
    close,    ///< The partition ends: its state is dropped.
    barrier,  ///< Epoch `epoch` ends here.
  };
  /// What a piece of saved state is of.
  enum class Piece : std::uint8_t { head, chunks, older_chunks };

  /// Empties it for `partition`, whose rows have `width` values and `group_width` group fields.
  void reset(Kind kind, PartitionHandle partition, std::size_t width, std::size_t group_width);

  bool full() const { return rows.size() >= kRowsMax || text.size() >= kTextSoftMaxBytes; }

  /// Appends a row with `width` absent values and returns its index.
  std::size_t add_row();
  TextRange add_text(std::string_view bytes);
  /// Keeps headers for a dead letter.
  TextRange add_headers(std::span<const HeaderView> headers);

  std::string_view view(TextRange range) const {
    return std::string_view(text).substr(range.begin, range.length);
  }
  std::span<double> values_of(std::size_t row) {
    return std::span(values).subspan(row * width, width);
  }
  std::span<const double> values_of(std::size_t row) const {
    return std::span(values).subspan(row * width, width);
  }
  std::span<TextRange> groups_of(std::size_t row) {
    return std::span(groups).subspan(row * group_width, group_width);
  }
  std::span<const TextRange> groups_of(std::size_t row) const {
    return std::span(groups).subspan(row * group_width, group_width);
  }
  /// Appends the headers kept for `row` to `out`; views into this batch.
  void headers_of(std::size_t row, std::vector<HeaderView>& out) const;

  Kind kind = Kind::rows;
  PartitionHandle partition = 0;
  std::uint64_t epoch = 0;
  bool is_silent = false;  ///< Rebuilds state: outcomes are neither written nor counted.
  std::size_t width = 0;
  std::size_t group_width = 0;

  std::uint64_t unknown_fields = 0;  ///< Numeric fields without a column, since the last batch.

  std::vector<Row> rows;
  std::vector<double> values;     // [rows x width], 0 where absent
  std::vector<TextRange> groups;  // [rows x group_width], by detector of scope `group`
  std::vector<DiscoveredField> discovered;
  /// Discovery ended with this row: columns that turned out to be no numbers, as a bit mask.
  struct Frozen {
    std::uint32_t row = 0;
    std::uint64_t dropped = 0;
  };
  std::optional<Frozen> frozen;
  std::string text;

  // Words of control only.
  std::string topic;
  std::int32_t number = 0;  ///< The partition's number in its topic.
  std::size_t stream = 0;   ///< Index of its stream.
  std::int64_t start_offset = 0;
  std::int64_t resumed_at = -1;   ///< Input since the saved state was gone up to here; -1: none.
  std::int64_t missing = 0;       ///< Of that, records that nobody has missed before.
  bool is_recreated = false;      ///< And the topic is another than before.
  std::int64_t state_offset = 0;  ///< Where the state topic ended before a new lineage.
  PartitionHandle previous = 0;
  Piece piece = Piece::head;
  std::uint32_t raw_bytes = 0;
};

}  // namespace tocsin
