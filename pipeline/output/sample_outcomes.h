// Outcomes for tests and benchmarks of this folder: one normal event, one anomaly, its incident.

#pragma once

#include <array>
#include <string_view>

#include "pipeline/output/output_identity.h"
#include "pipeline/scoring/outcome.h"

namespace tocsin::sample {

inline constexpr std::int64_t kTimeMs = 1'795'250'400'125;  // 2026-11-21T08:40:00.125Z

inline const Source kSource{
    .stream = "api", .topic = "api-metrics", .partition = 3, .offset = 1'234'567};

inline const OutputIdentity kIdentity{
    .config_hash = "0123456789abcdef", .program_version = "0.1.0", .app = "api-watch"};

inline constexpr std::array<FeatureReading, 2> kFeatures{
    FeatureReading{.name = "duration",
                   .value = 912,
                   .expected = 131.25,
                   .lower = 96.4827,
                   .upper = 181.0049,
                   .share = 0.83217},
    FeatureReading{.name = "error", .value = 1, .share = 0.16783}};

inline constexpr std::array<DetectorReading, 2> kDetectors{
    DetectorReading{.type = "half_space_trees", .score = 0.7312345678, .p_value = 0.0031234},
    DetectorReading{.type = "spike", .score = 17.25, .p_value = 8.1234567e-5}};

inline ScoredEvent normal_event() {
  return {.source = kSource,
          .entity = "checkout",
          .time_ms = kTimeMs,
          .warming_up = false,
          .p_value = 0.49785312,
          .score = 0.30289877,
          .alert_score = 0.15144938,
          .confidence = 0.987654,
          .learning = Learning::learned};
}

inline ScoredEvent warming_event() {
  ScoredEvent event = normal_event();
  event.warming_up = true;
  event.confidence = 0;
  return event;
}

inline ScoredEvent anomaly() {
  ScoredEvent event = normal_event();
  event.p_value = 0.000098765;
  event.score = 4.005397;
  event.alert_score = 3.75;
  event.is_anomaly = true;
  event.severity = Severity::warning;
  event.learning = Learning::weighted;
  event.features = kFeatures;
  event.detectors = kDetectors;
  event.has_details = true;
  event.event = R"({"service":"checkout","duration_ms":912,"status":500})";
  event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  return event;
}

inline constexpr std::array<std::string_view, 2> kRelated{"basket", "payment"};

inline Alert opening() {
  return {.state = AlertState::open,
          .entity = "checkout",
          .incident_offset = 1'234'567,
          .opened_ms = kTimeMs,
          .worst_offset = 1'234'567,
          .count = 1,
          .worst_score = 4.005397,
          .severity = Severity::warning,
          .kind = "spike",
          .feature = "duration",
          .lead = kFeatures[0],
          .related = kRelated};
}

inline Alert worsening() {
  Alert alert = opening();
  alert.state = AlertState::update;
  alert.incident_offset = 1'234'000;
  alert.opened_ms = kTimeMs - 300'000;
  alert.count = 12;
  alert.severity = Severity::critical;
  return alert;
}

inline Alert ending() {
  Alert alert = worsening();
  alert.state = AlertState::close;
  alert.close_reason = CloseReason::recovered;
  alert.ordinal = 1;
  alert.closed_ms = kTimeMs;
  alert.worst_offset = 1'234'321;
  alert.worst_score = 6.25;
  alert.related = {};
  return alert;
}

}  // namespace tocsin::sample
