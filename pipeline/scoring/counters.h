// What one worker counts of one stream.

#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "pipeline/counter.h"
#include "pipeline/input/reject_reason.h"
#include "pipeline/scoring/outcome.h"

namespace tocsin {

/// Threads: written by the worker that owns the partitions, read by the metrics endpoint.
struct StreamCounters {
  explicit StreamCounters(std::size_t detectors)
      : detector_seconds(std::make_unique<DurationCounter[]>(detectors)) {}

  // Outcomes: every record read is in exactly one of these.
  Counter scored;
  Counter warming_up;
  Counter tombstones;
  std::array<Counter, kRejectReasonNames.size()> rejected;

  std::array<Counter, kSeverityNames.size()> anomalies;  ///< By severity.
  /// By state and severity.
  std::array<std::array<Counter, kSeverityNames.size()>, kAlertStateNames.size()> alerts;
  Counter promised_alarms_millionths;  ///< Sum of the promised false-alarm probability, 1e-6.

  // Levels, sums over the worker's partitions.
  Counter entities;
  Counter entities_warm;  ///< Whose calibration is past its warm-up.
  Counter incidents_open;
  Counter models;  ///< Blocks of scope `stream` and `group`.
  Counter state_bytes;

  Counter evictions;
  Counter refits;
  Counter refit_waits;  ///< The adoption count came before the job was done.
  DurationCounter refit_seconds;
  Counter unknown_fields;  ///< Numeric fields seen after discovery had ended.
  std::unique_ptr<DurationCounter[]> detector_seconds;  ///< [detectors] per event, sampled.
};

}  // namespace tocsin
