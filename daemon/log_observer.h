// The stages' rare events, as lines of the log.

#pragma once

#include "daemon/health.h"
#include "daemon/log.h"
#include "pipeline/flow/flow_observer.h"

namespace tocsin {

/// Writes what the stages tell into the log, and what concerns readiness into the checks.
class LogObserver final : public FlowObserver {
 public:
  /// Both outlive it.
  LogObserver(Log& log, Health& health) : log_(log), health_(health) {}

  void partition_began(const Began& began) override;
  void partition_live(std::string_view topic, std::int32_t partition) override;
  void partition_kept(std::string_view topic, std::int32_t partition) override;
  void partition_restored(const Restored& restored) override;
  void snapshot_named(std::string_view topic, std::int32_t partition,
                      const SnapshotEnd& sum) override;
  void state_left_unsaved() override;
  void partitions_revoked(std::size_t count, bool are_lost) override;
  void state_has_gap(const Gap& gap) override;
  void input_recreated(std::string_view topic, std::int32_t partition, std::int64_t committed,
                       std::int64_t from) override;
  void records_missing(std::string_view topic, std::int32_t partition, std::int64_t from,
                       std::int64_t to) override;
  void producer_opened() override;
  void transaction_trouble(std::string_view what, std::string_view reason) override;
  void record_refused(std::string_view reason) override;
  /// Samples: the log holds back what repeats. Reason and place only, never what was in it.
  void record_rejected(const Rejected& rejected) override;
  void waiting(std::string_view reason) override;

 private:
  Log& log_;
  Health& health_;
};

}  // namespace tocsin
