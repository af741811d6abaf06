// What the ingest stage and the emit stage tell each other.

#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "pipeline/flow/doorbell.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// An epoch as ingest cut it.
struct EpochOrder {
  std::uint64_t epoch = 0;
  GenerationRef generation;   ///< Under which its records were read.
  std::int64_t begun_ns = 0;  ///< When its first record was read.
};

/// An offset whose commit is uncertain, to be compared with what the log says.
struct SettlementQuestion {
  PartitionHandle partition = 0;
  std::int64_t next_offset = 0;
  std::string metadata;  ///< Tells epochs of state alone apart, which move no offset.
};

/// State that no restore needs any more.
struct TrimOrder {
  std::string topic;  ///< The input's.
  std::int32_t partition = 0;
  std::int64_t before = 0;
};

/// What ingest and emit tell each other.
class EmitLinks {
 public:
  void order(EpochOrder order);
  std::optional<EpochOrder> take_order();

  /// Epochs up to this one are over: committed, empty or discarded.
  std::atomic<std::uint64_t> finished_epoch{0};
  /// Epochs up to this one must not be committed any more: their partitions are lost.
  std::atomic<std::uint64_t> discard_through{0};

  // A commit whose outcome is unknown is settled by the committed offset, which only the
  // reader, and so the ingest stage, can ask for.
  void ask(SettlementQuestion question);
  std::optional<SettlementQuestion> question() const;
  void answer(bool is_committed);
  std::optional<bool> take_answer();

  /// The last epoch of which the log has said that its generation has passed. It waits, aborted,
  /// to be discarded.
  std::atomic<std::uint64_t> passed_epoch{0};
  /// A writer is opened again by a member of the group only: who has lost its place there to
  /// another instance must not fence that one. Emit sets it; ingest, once the group has said so,
  /// takes it back.
  std::atomic<bool> wants_proof_of_membership{false};

  void trim(TrimOrder order);
  std::optional<TrimOrder> take_trim();

  Doorbell ingest_bell;
  Doorbell emit_bell;

 private:
  mutable std::mutex mutex_;  ///< Guards all below.
  std::deque<EpochOrder> orders_;
  std::optional<SettlementQuestion> question_;
  std::optional<bool> answer_;
  std::deque<TrimOrder> trims_;
};

}  // namespace tocsin
