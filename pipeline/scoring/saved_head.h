// The head of a cut: all of a partition's state that does not lie in chunks.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "detectors/detector.h"
#include "detectors/result.h"
#include "pipeline/scoring/state_layout.h"
#include "pipeline/state/slot_table.h"

namespace tocsin {

/// A line with the format's number; then, each after its length: the definition hash, the layout,
/// the shared block, the entities' header and that of each table of groups; then a seal.
struct SavedHead {
  std::string_view definition;
  StateLayout layout;
  std::string_view shared;  ///< As long as the layout says.
  TableHeader entities;
  std::vector<TableHeader> groups;  ///< [layout.tables]

  /// Views stay valid as long as `bytes`.
  static Result<SavedHead> read(std::string_view bytes);
};

/// Writes heads: `layout` and `definition` are the plan's.
class HeadWriter {
 public:
  HeadWriter(std::string_view definition, std::string_view layout, ConstState shared);
  void add(const TableHeader& table);
  std::string finish();

 private:
  std::string head_;
};

}  // namespace tocsin
