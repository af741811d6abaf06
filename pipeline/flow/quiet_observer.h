// For engines whose rare events nobody needs to hear of.

#pragma once

#include "pipeline/flow/flow_observer.h"

namespace tocsin {

/// Hears everything, counts what nothing else shows, and says nothing.
class QuietObserver final : public FlowObserver {
 public:
  int began = 0;  ///< Partitions.
  int kept = 0;

  void partition_began(const Began&) override { ++began; }
  void partition_kept(std::string_view, std::int32_t) override { ++kept; }
  void partition_live(std::string_view, std::int32_t) override {}
  void partitions_revoked(std::size_t, bool) override {}
  void records_missing(std::string_view, std::int32_t, std::int64_t, std::int64_t) override {}
  void producer_opened() override {}
  void transaction_trouble(std::string_view, std::string_view) override {}
  void record_refused(std::string_view) override {}
  void waiting(std::string_view) override {}
};

}  // namespace tocsin
