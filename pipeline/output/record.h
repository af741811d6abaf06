// What records consist of, said once for every encoding.
//
// A format is JsonFormat or WireFormat: they have the same members, so what is written here has
// the same content in JSON and in protobuf. proto/README.md says what the fields mean.

#pragma once

#include <cstddef>
#include <string_view>

#include "detectors/elementary.h"
#include "pipeline/output/output_identity.h"
#include "pipeline/output/record_fields.h"
#include "pipeline/output/rounding.h"
#include "pipeline/scoring/outcome.h"

namespace tocsin {

/// What is known beside the event.
struct RecordContext {
  std::string_view id;
  const OutputIdentity* identity = nullptr;
  bool include_event = false;
  bool lacks_input = false;  ///< The state has not seen all input that it should.
};

/// What an alert says beside the numbers.
struct AlertWords {
  std::string_view incident;  ///< Its id.
  std::string_view worst_id;  ///< The id of the worst event.
  std::string_view title;
  std::string_view suggestion;
  std::string_view explanation;
};

template <class Format>
void write_head(Format& out, std::string_view id, const Source& source, std::string_view entity) {
  out.text(record_field::kId, id);
  out.count(record_field::kRevision, 0);
  out.text(record_field::kStream, source.stream);
  out.text(record_field::kEntity, entity);
}

template <class Format>
void write_severity(Format& out, Severity severity) {
  const auto number = static_cast<std::size_t>(severity);
  out.word(record_field::kSeverity, kSeverityNames[number], static_cast<int>(number));
}

/// Status, score and probability; `severity` is the event's, or the incident's.
template <class Format>
void write_judgement(Format& out, const ScoredEvent& event, const RecordContext& context,
                     Severity severity) {
  if (event.warming_up) {
    out.word(record_field::kStatus, "warming_up", 2);
  } else {
    out.word(record_field::kStatus, context.lacks_input ? "gap" : "scored",
             context.lacks_input ? 3 : 1);
    out.rounded(record_field::kScore, event.score, kScoreDecimals);
    out.probability(record_field::kPValue, event.p_value);
    out.rounded(record_field::kAlertScore, event.alert_score, kAlertScoreDecimals);
  }
  out.flag(record_field::kIsAnomaly, event.is_anomaly);
  write_severity(out, severity);
  out.rounded(record_field::kConfidence, event.confidence, kConfidenceDecimals);
}

template <class Format>
void write_feature(Format& out, const FeatureReading& reading) {
  const auto mark = out.begin_item(record_field::kFeatures);
  out.text(feature_field::kName, reading.name);
  out.exact(feature_field::kValue, reading.value);
  out.exact(feature_field::kExpected, reading.expected);
  out.exact(feature_field::kLower, reading.lower);
  out.exact(feature_field::kUpper, reading.upper);
  out.rounded(feature_field::kShare, reading.share, kShareDecimals);
  out.end_item(mark);
}

template <class Format>
void write_details(Format& out, const ScoredEvent& event) {
  out.begin_list(record_field::kFeatures);
  for (const FeatureReading& reading : event.features) write_feature(out, reading);
  out.end_list();
  out.begin_list(record_field::kDetectors);
  for (const DetectorReading& reading : event.detectors) {
    const auto mark = out.begin_item(record_field::kDetectors);
    out.text(detector_field::kType, reading.type);
    out.exact(detector_field::kScore, reading.score);
    out.probability(detector_field::kPValue, reading.p_value);
    out.end_item(mark);
  }
  out.end_list();
}

template <class Format>
void write_learning(Format& out, Learning learning) {
  const auto index = static_cast<std::size_t>(learning);
  out.word(record_field::kLearning, kLearningNames[index], static_cast<int>(index) + 1);
}

/// By what it was judged, and where it came from.
template <class Format>
void write_origin(Format& out, const OutputIdentity& identity, const Source& source) {
  const auto model = out.begin_message(record_field::kModel);
  out.text(model_field::kConfig, identity.config_hash);
  out.text(model_field::kVersion, identity.program_version);
  out.end_message(model);
  const auto place = out.begin_message(record_field::kSource);
  out.text(source_field::kTopic, source.topic);
  out.integer(source_field::kPartition, source.partition);
  out.integer(source_field::kOffset, source.offset);
  out.end_message(place);
}

template <class Format>
void write_scored(Format& out, const ScoredEvent& event, const RecordContext& context) {
  const auto mark = out.begin_record();
  write_head(out, context.id, event.source, event.entity);
  out.time(record_field::kTime, event.time_ms);
  write_judgement(out, event, context, event.severity);
  if (event.has_details) {
    write_details(out, event);
    write_learning(out, event.learning);
    write_origin(out, *context.identity, event.source);
  } else if (event.learning != Learning::learned) {
    write_learning(out, event.learning);
  }
  if (context.include_event && !event.event.empty()) out.event(record_field::kEvent, event.event);
  out.end_record(mark);
}

/// What an alert says of the incident.
template <class Format>
void write_incident(Format& out, const Alert& alert, const AlertWords& words) {
  const auto state = static_cast<std::size_t>(alert.state);
  out.word(alert_field::kState, kAlertStateNames[state], static_cast<int>(state) + 1);
  out.text(alert_field::kTitle, words.title);
  out.text(alert_field::kKind, alert.kind);
  out.text(alert_field::kIncident, words.incident);
  out.time(alert_field::kOpened, alert.opened_ms);
  if (alert.state == AlertState::close) {
    out.time(alert_field::kClosed, alert.closed_ms);
    const auto reason = static_cast<std::size_t>(alert.close_reason);
    if (reason != 0) {
      out.word(alert_field::kCloseReason, kCloseReasonNames[reason], static_cast<int>(reason));
    }
  }
  out.count(alert_field::kCount, alert.count);
  out.rounded(alert_field::kWorstScore, alert.worst_score, kScoreDecimals);
  out.text(alert_field::kWorstId, words.worst_id);
  out.text(alert_field::kExplanation, words.explanation);
  out.text(alert_field::kSuggestion, words.suggestion);
  out.begin_list(alert_field::kRelated);
  for (const std::string_view entity : alert.related) {
    out.text_item(alert_field::kRelated, entity);
  }
  out.end_list();
}

/// An alert that closes an incident may be caused by another entity's event: it has what the
/// incident remembers of its worst event, and of the cause nothing but its place.
template <class Format>
void write_ending(Format& out, const Alert& alert) {
  out.word(record_field::kStatus, "scored", 1);
  out.rounded(record_field::kScore, alert.worst_score, kScoreDecimals);
  out.probability(record_field::kPValue, power(10, -alert.worst_score));
  out.flag(record_field::kIsAnomaly, true);
  write_severity(out, alert.severity);
  out.begin_list(record_field::kFeatures);
  if (!alert.lead.name.empty()) write_feature(out, alert.lead);
  out.end_list();
}

template <class Format>
void write_alert(Format& out, const Alert& alert, const ScoredEvent& cause,
                 const RecordContext& context, const AlertWords& words) {
  const bool is_close = alert.state == AlertState::close;
  const auto mark = out.begin_record();
  write_head(out, context.id, cause.source, alert.entity);
  out.time(record_field::kTime, is_close ? alert.closed_ms : cause.time_ms);
  write_incident(out, alert, words);
  if (is_close) {
    write_ending(out, alert);
  } else {
    write_judgement(out, cause, context, alert.severity);
    write_details(out, cause);
    write_learning(out, cause.learning);
  }
  write_origin(out, *context.identity, cause.source);
  if (context.include_event && !is_close && !cause.event.empty()) {
    out.event(record_field::kEvent, cause.event);
  }
  out.end_record(mark);
}

}  // namespace tocsin
