// The rejected rows of a replay: as lines of a file, and the first of each reason for people.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "pipeline/log/memory_log.h"

namespace tocsin {

/// A dead letter as a line of JSON: where the row was, why, and its own bytes (in base64 where
/// they are not text). `detail` stands for its own.
std::string rejection_line(const StoredRecord& dead_letter, std::string_view detail);

/// Threads: one.
class Rejections {
 public:
  /// The row at `offset` is no row of its file's columns, which nobody can tell from its bytes.
  void note(std::int64_t offset, std::string why) { troubles_.emplace(offset, std::move(why)); }

  /// A row was rejected; in the order of rows. Returns what was wrong with it, for people.
  std::string take(const StoredRecord& dead_letter);

  /// `row 7: /load is "fast", but must be a number.` Empty: there was none for `reason`.
  std::string_view first(std::string_view reason) const;

 private:
  std::map<std::int64_t, std::string> troubles_;  // Of rows whose dead letters have not come yet.
  std::map<std::string, std::string, std::less<>> first_;  // By reason.
};

}  // namespace tocsin
