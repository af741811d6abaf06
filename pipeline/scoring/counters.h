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
      : detector_seconds(std::make_unique<DurationCounter[]>(detectors)),
        incidents_opened(std::make_unique<Counter[]>(leads(detectors))) {}

  /// How many leads an incident may have: of each detector above and below, and an unknown one.
  static constexpr std::size_t leads(std::size_t detectors) { return 2 * detectors + 1; }

  // Outcomes: every record read is in exactly one of these.
  Counter scored;
  Counter warming_up;
  Counter tombstones;
  std::array<Counter, kRejectReasonNames.size()> rejected;

  std::array<Counter, kSeverityNames.size()> anomalies;  ///< By severity.
  /// By state and severity.
  std::array<std::array<Counter, kSeverityNames.size()>, kAlertStateNames.size()> alerts;
  /// Sums over the events scored, in millionths: of the probability at which a normal one is an
  /// anomaly, and of that at which it may open an incident, as the sensitivity says.
  Counter promised_anomalies_millionths;
  Counter promised_incidents_millionths;

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
  /// By what led the event that opened it: [2 * detector], one more where the value is below.
  std::unique_ptr<Counter[]> incidents_opened;
};

}  // namespace tocsin
