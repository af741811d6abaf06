// The input topics of one run: their history, what is done to them, and what people do about it.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/log/memory_log.h"
#include "pipeline/snapshot/partition_mark.h"
#include "tests/simulation/schedule.h"
#include "tests/simulation/sequential_run.h"
#include "tests/simulation/tally.h"
#include "tests/simulation/workload.h"

namespace tocsin::simulation {

/// Appends events, lets them expire, loses state and offsets, and knows what must come of it: a
/// daemon refuses to start, and then an operator resets the partition to where its results end. Or
/// it goes on over a gap, where the operator has said so; from what it commits is seen how.
class InputTopics {
 public:
  /// `log` and `tally` outlive this.
  InputTopics(const Schedule& schedule, MemoryLog& log, Tally& tally);

  void append_event();
  void add_partition(const std::string& topic);
  /// One of the actions from `expire_input` on; those from `lose_state` on while no daemon lives.
  void perform(const Action& action);

  /// What has been committed since: to be called after every step.
  void note_commits();
  void note_missing(std::string_view topic, std::int32_t partition, std::int64_t from,
                    std::int64_t to);
  /// Whether a daemon may end with these words, because of what was done to a partition.
  bool justifies(const std::string& failure);
  /// A refusal waits for an operator; and here is one. No daemon lives.
  bool needs_operator() const { return !refused_.empty(); }
  void reset_refused();

  const Widths& widths() const { return widths_; }
  /// In the order in which they began; a recreated topic's partitions come twice.
  const std::vector<Input>& inputs() const { return inputs_; }
  bool is_everything_committed() const;
  std::string progress() const;

 private:
  struct Condition {
    std::set<std::string> hazards;          // What should make the next start refuse.
    std::deque<CommittedOffset> committed;  // The last few, the newest last.
    /// Where its results end, while the group's offset says something else.
    std::optional<std::int64_t> results_end;
    /// Nobody writes to it before its daemon has refused it; and what is longer than the old one
    /// was cannot be told from it.
    bool is_recreated = false;
    std::optional<CommittedOffset> before;  // Of the old one, where its daemon proceeds.
  };
  /// The last snapshot that was named, and where it is of.
  struct Saved {
    std::optional<NamedSnapshot> snapshot;
    SavedState state;
  };

  Input& input(const std::string& topic, std::int32_t partition);
  void expire(const std::string& topic, std::int32_t partition, const Action& action);
  void compact(const std::string& topic, std::int32_t partition, int percent);
  bool is_tampered(const std::string& topic, std::int32_t partition);
  void lose_state(const std::string& topic, std::int32_t partition, int percent);
  void lose_offset(const std::string& topic, std::int32_t partition);
  void set_back_offset(const std::string& topic, std::int32_t partition, int percent);
  void recreate(const std::string& topic);
  void note_commit(Input& input);
  void note_turn(Input& input, const CommittedOffset& before, const CommittedOffset& now);
  void note_recreation(Input& input, Condition& condition, const CommittedOffset& now);
  std::optional<SavedState> saved_state(const Input& input, const PartitionMark& mark);
  void note_snapshot(const Input& input, const PartitionMark& mark);
  bool takes_an_event(const Input& history);
  std::int64_t committed(const std::string& topic, std::int32_t partition) const;

  const std::uint64_t seed_;
  const OnGap on_gap_;
  MemoryLog& log_;
  Tally& tally_;
  Widths widths_;
  std::vector<Input> inputs_;
  std::map<Source, std::size_t> current_;  // Index into `inputs_`.
  std::map<Source, Condition> conditions_;
  std::map<Source, Saved> saved_;
  std::set<Source> refused_;
  std::uint64_t events_ = 0;
  bool has_expired_ = false;
};

}  // namespace tocsin::simulation
