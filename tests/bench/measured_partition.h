// A partition that is fed event by event: what the measurements of scoring need.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/scoring/inline_refits.h"
#include "pipeline/scoring/partition.h"

namespace tocsin::bench {

/// A stream with the feature `value`, and everything else by default; with one detector where
/// `detector` names it.
StreamSettings one_value_stream(std::string name, std::string_view detector = "");

/// Takes events of entities whose names are their numbers, and tells `sink` what becomes of them.
class MeasuredPartition {
 public:
  MeasuredPartition(const StreamSettings& settings, OutcomeSink& sink);

  /// A value for each feature.
  void add(std::size_t entity, std::int64_t time_ms, std::span<const double> values);
  void add(std::size_t entity, std::int64_t time_ms, double value) {
    add(entity, time_ms, std::span(&value, 1));
  }
  /// Handles what has been added and not yet handled.
  void finish();

  static std::size_t entity_of(std::string_view name);

 private:
  std::shared_ptr<const StreamPlan> plan_;
  InlineRefits refits_;
  StreamCounters counters_;
  Partition partition_;
  OutcomeSink& sink_;
  Batch batch_;
  std::int64_t offset_ = 0;
};

}  // namespace tocsin::bench
