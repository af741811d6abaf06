// What became of one record: the plain values that the encoders write.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "pipeline/input/batch.h"
#include "pipeline/input/reject_reason.h"

namespace tocsin {

enum class Severity : std::uint8_t { none, info, warning, critical };
inline constexpr std::array<std::string_view, 4> kSeverityNames{"none", "info", "warning",
                                                                "critical"};

/// What the learning policy did with the event.
enum class Learning : std::uint8_t {
  learned,   ///< In full.
  weighted,  ///< With less weight: it may be an anomaly.
  frozen,    ///< Not at all.
  adopted,   ///< It is the new normal.
};
inline constexpr std::array<std::string_view, 4> kLearningNames{"learned", "weighted", "frozen",
                                                                "adopted"};

/// Where a result comes from.
struct Source {
  std::string_view stream;
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

/// One feature of an event, as seen and as expected.
struct FeatureReading {
  std::string_view name;
  std::optional<double> value;  ///< Empty: absent from the event.
  std::optional<double> expected, lower, upper;
  double share = 0;  ///< Of the strangeness; shares sum to 1 (or are all 0 while warming up).
};

/// One detector's opinion.
struct DetectorReading {
  std::string_view type;
  double score = 0;    ///< The detector's own scale.
  double p_value = 1;  ///< Calibrated tail probability.
};

/// What makes most of an event's alert score.
enum class Ground : std::uint8_t {
  rarity,    ///< How rare it is.
  news,      ///< How far it exceeds all that was seen of the entity.
  evidence,  ///< What it says together with the events before it.
};

/// A scored event, whole. Views are valid during the sink's call.
struct ScoredEvent {
  Source source;
  std::string_view entity;
  std::int64_t time_ms = 0;
  bool warming_up = true;
  double p_value = 1;      ///< Of the combined statistic; meaningless while warming up.
  double score = 0;        ///< -log10 p_value.
  double alert_score = 0;  ///< What the event adds to what is already known.
  double alarm_score = 0;  ///< An alert opens from this alert score on.
  Ground ground = Ground::rarity;
  bool is_anomaly = false;
  Severity severity = Severity::none;
  double confidence = 0;  ///< 0..1: how much evidence the calibration rests on.
  Learning learning = Learning::learned;
  std::span<const FeatureReading> features;    ///< Only if `has_details`.
  std::span<const DetectorReading> detectors;  ///< Only if `has_details`.
  bool has_details = false;
  std::string_view event;        ///< The original JSON, where events are included; else empty.
  std::string_view traceparent;  ///< Empty: none.

  /// Whether it is told in full, and may open an incident.
  bool is_alarm() const { return is_anomaly || alert_score >= alarm_score; }
};

enum class AlertState : std::uint8_t { open, update, close };
inline constexpr std::array<std::string_view, 3> kAlertStateNames{"open", "update", "close"};

/// Why an incident ended.
enum class CloseReason : std::uint8_t { none, recovered, quiet, evicted, adopted };
inline constexpr std::array<std::string_view, 5> kCloseReasonNames{"none", "recovered", "quiet",
                                                                   "evicted", "adopted"};

/// A record about an incident. `event` is the event that caused it: for `open` and `update` an
/// anomaly of the same entity, for `close` whatever event of the partition ended it.
struct Alert {
  AlertState state = AlertState::open;
  CloseReason close_reason = CloseReason::none;
  std::uint32_t ordinal = 0;         ///< Among the alerts caused by the same event.
  std::string_view entity;           ///< The incident's entity.
  std::int64_t incident_offset = 0;  ///< Offset of the event that opened it.
  std::int64_t opened_ms = 0;        ///< Event times.
  std::int64_t closed_ms = 0;        ///< Only for `close`.
  std::int64_t worst_offset = 0;
  std::uint32_t count = 0;  ///< Anomalous events so far.
  double worst_score = 0;
  Severity severity = Severity::none;  ///< The worst so far.
  std::string_view kind;               ///< spike, drop, range, multivariate, …
  std::string_view feature;  ///< The one with the largest share, when it opened or got worse.
  FeatureReading lead;       ///< That feature's reading at the worst event.
  std::span<const std::string_view> related;  ///< Entities that alert in the same minute.
};

/// Receives outcomes in the order of events. Implemented by the encoders.
class OutcomeSink {
 public:
  virtual ~OutcomeSink() = default;
  virtual void scored(const ScoredEvent& event) = 0;
  virtual void alert(const Alert& alert, const ScoredEvent& cause) = 0;
  /// `row` of `batch` is rejected.
  virtual void rejected(const Source& source, const Batch& batch, std::size_t row) = 0;
};

}  // namespace tocsin
