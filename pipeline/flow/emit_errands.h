// What the emit stage needs from the log and only the ingest stage's thread can ask for.

#pragma once

#include <cstdint>
#include <map>

#include "pipeline/flow/emit_links.h"
#include "pipeline/flow/flow_observer.h"
#include "pipeline/flow/flow_settings.h"
#include "pipeline/flow/input_partition.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// What errands are run with; everything outlives it.
struct ErrandContext {
  EmitLinks& emit;
  LogReader& reader;
  StateLog* states = nullptr;  ///< Null: nothing is kept.
  const FlowSettings& settings;
  FlowObserver& observer;
};

/// Asks whether a commit of unknown outcome happened, and whether this is still a member of its
/// group; has state deleted that no restore needs any more.
/// Threads: the ingest stage's.
class EmitErrands {
 public:
  explicit EmitErrands(ErrandContext context) : context_(context) {}

  void run(const std::map<PartitionHandle, InputPartition>& inputs, std::int64_t now_ns);
  /// The group was asked a moment ago, and does not count this instance among its members.
  bool is_no_member() const { return is_no_member_; }

 private:
  void settle(const std::map<PartitionHandle, InputPartition>& inputs);
  void prove_membership(std::int64_t now_ns);
  void trim();

  ErrandContext context_;
  std::int64_t prove_after_ns_ = 0;  // The group is not asked again before.
  bool is_no_member_ = false;
};

}  // namespace tocsin
