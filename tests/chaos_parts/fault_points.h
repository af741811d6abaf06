// Named places in the life of a daemon, and the faults that strike there when told to.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

enum class FaultPoint : std::uint8_t {
  before_flush,
  after_flush,
  before_offsets,
  after_offsets,
  before_commit,
  after_commit,
  commit_answer,  ///< Of a commit: it may be lost on its way.
  before_reopen,  ///< The outcome of a commit is unknown, and the producer is not yet made anew.
  mid_snapshot,   ///< Some of a snapshot's pieces are committed, others not.
  mid_restore,    ///< Saved state is being read.
  mid_replay,     ///< Saved state is in place, and the input since is not.
  mid_revoke,     ///< Partitions were revoked, and not yet released.
};
inline constexpr std::array<std::string_view, 12> kFaultPointNames{
    "before_flush",  "after_flush",  "before_offsets", "after_offsets",
    "before_commit", "after_commit", "commit_answer",  "before_reopen",
    "mid_snapshot",  "mid_restore",  "mid_replay",     "mid_revoke"};

enum class FaultAction : std::uint8_t {
  kill,  ///< SIGKILL to ourselves.
  stop,  ///< SIGSTOP to ourselves; whoever armed it wakes us.
  lose,  ///< Of a commit: it is carried out, and its answer is lost.
  drop,  ///< Of a commit: it is not carried out, and nobody says so.
};
inline constexpr std::array<std::string_view, 4> kFaultActionNames{"kill", "stop", "lose", "drop"};

/// Waits for faults to be armed, and strikes.
///
/// An order is a line, `arm POINT PASSES ACTION`: when the point has been passed so many times from
/// now on, the action happens, once. A later order for the same point replaces an earlier one;
/// `disarm` forgets all of them. Each fault is announced by a line, `hit POINT ACTION`, before it
/// happens.
///
/// Threads: any.
class FaultPoints {
 public:
  using Announce = std::function<void(std::string_view line)>;
  /// Does what `kill` and `stop` mean.
  using Strike = std::function<void(FaultAction action)>;

  FaultPoints(Announce announce, Strike strike)
      : announce_(std::move(announce)), strike_(std::move(strike)) {}

  /// Follows an order; false: it makes no sense.
  bool obey(std::string_view order);

  /// The point is passed. `kill` and `stop` have happened when it returns; the others are returned
  /// for the caller to carry out.
  std::optional<FaultAction> pass(FaultPoint point);

 private:
  struct Armed {
    std::uint64_t passes = 0;  ///< Until it happens; 0: not armed.
    FaultAction action = FaultAction::kill;
  };

  Announce announce_;
  Strike strike_;
  std::mutex mutex_;  ///< Guards armed_.
  std::array<Armed, kFaultPointNames.size()> armed_;
};

}  // namespace tocsin
