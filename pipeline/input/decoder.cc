#include "pipeline/input/decoder.h"

#include <algorithm>

#include "pipeline/input/entity.h"
#include "pipeline/input/event_time.h"
#include "pipeline/input/json_diagnosis.h"
#include "pipeline/input/json_number.h"
#include "pipeline/input/reject_detail.h"

namespace tocsin {

namespace {

constexpr std::string_view kKey = "$key";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::uint64_t kSavedFormat = 1;

std::string_view wanted_time(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::automatic:
      return "a time: RFC 3339, or a number since 1970";
    case TimeUnit::text:
      return "a time as text, such as 2014-04-01T00:00:00Z";
    case TimeUnit::s:
      return "a number of seconds since 1970";
    case TimeUnit::ms:
      return "a number of milliseconds since 1970";
    case TimeUnit::us:
      return "a number of microseconds since 1970";
    case TimeUnit::ns:
      return "a number of nanoseconds since 1970";
  }
  return {};
}

}  // namespace

Decoder::Decoder(const StreamSettings& settings, std::int32_t partition_number, JsonReader& reader,
                 KeepEvents keep_events)
    : settings_(settings),
      partition_number_(partition_number),
      reader_(reader),
      keep_events_(keep_events),
      time_guard_(settings.far_future_ms) {
  for (const std::string& part : settings.entity) {
    if (part == kKey) {
      entity_.emplace_back();
    } else {
      entity_.push_back({.pointer = part, .slot = plan_.want(part)});
    }
  }
  if (entity_.empty()) entity_.emplace_back();
  if (!settings.time.field.empty()) time_slot_ = plan_.want(settings.time.field);
  for (const DetectorSettings& detector : settings.detectors) {
    if (detector.scope == Scope::group) group_slots_.push_back(plan_.want(detector.group_by));
  }
  for (const FeatureSettings& feature : settings.features) {
    const bool has_field = !feature.field.empty();
    features_.push_back({.reader = FeatureReader(feature),
                         .pointer = feature.field,
                         .slot = has_field ? plan_.want(feature.field) : ExtractionPlan::kNone});
    has_fields_ = has_fields_ || has_field;
  }
  if (settings.discovers_features()) discovery_.emplace(settings.features_max);
}

void Decoder::decode(const ReadRecord& record, Batch& batch) {
  const Target target{.batch = batch, .row = batch.add_row()};
  Row& row = batch.rows[target.row];
  row.offset = record.offset;
  row.timestamp_ms = record.timestamp_ms;
  row.has_key = record.key.has_value();
  row.has_value = record.value.has_value();
  for (const HeaderView& header : record.headers) {
    if (header.name == "traceparent" && header.value)
      row.traceparent = batch.add_text(*header.value);
  }
  if (!record.value) {
    row.kind = RowKind::tombstone;
  } else {
    row.reject = decode_event(record, target);
    if (row.reject != RejectReason::none) keep_rejected(record, target);
  }
  if (!discovery_) return;
  const std::optional<std::uint64_t> dropped = discovery_->end_record();
  if (dropped) {
    batch.frozen = {.row = static_cast<std::uint32_t>(target.row), .dropped = *dropped};
  }
}

RejectReason Decoder::decode_event(const ReadRecord& record, Target target) {
  std::string_view text = *record.value;
  if (text.size() > settings_.record_max_bytes) {
    detail_.clear();
    append_too_large(detail_, text.size(), settings_.record_max_bytes);
    return RejectReason::too_large;
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  RejectReason reason = read_document(text);
  if (reason == RejectReason::none) reason = read_entity(record, target);
  if (reason == RejectReason::none) reason = read_time(record, target.batch.rows[target.row]);
  if (reason == RejectReason::none) {
    reason = discovery_ ? read_discovered(target) : read_features(target);
  }
  if (reason != RejectReason::none) return reason;
  read_groups(target);
  if (keep_events_ == KeepEvents::yes) {
    target.batch.rows[target.row].value = target.batch.add_text(text);
  }
  return reason;
}

RejectReason Decoder::read_document(std::string_view text) {
  if (discovery_) discovery_->begin_document();
  const JsonVerdict verdict = reader_.read(text, plan_, discovery_ ? &*discovery_ : nullptr);
  if (verdict == JsonVerdict::valid && reader_.root() == JsonKind::object) {
    return RejectReason::none;
  }
  detail_.clear();
  if (verdict == JsonVerdict::broken) {
    const JsonDiagnosis diagnosis = diagnose(text);
    append_diagnosis(detail_, diagnosis);
    return diagnosis.reason;
  }
  if (reader_.root() != JsonKind::object) {
    detail_ = "The value is valid JSON, but not an object.";
    return RejectReason::not_an_object;
  }
  append_duplicate_key(detail_, reader_.duplicate());
  return RejectReason::duplicate_key;
}

RejectReason Decoder::read_entity(const ReadRecord& record, Target target) {
  const bool is_composite = entity_.size() > 1;
  name_.clear();
  for (const EntityPart& part : entity_) {
    if (is_composite) name_.push_back(name_.empty() ? '[' : ',');
    JsonToken token;
    if (part.pointer.empty()) {
      plain_.clear();
      append_key_text(plain_, record.key, partition_number_);
      token = {.text = plain_, .kind = JsonKind::string};
    } else {
      token = plain(reader_.token(part.slot));
    }
    if (!token.is_scalar()) {
      detail_.clear();
      append_unusable(detail_, part.pointer, token, "a string, a number or a boolean");
      return RejectReason::missing_entity;
    }
    if (is_composite) {
      append_scalar_json(name_, token);
    } else {
      name_.append(token.text);
    }
  }
  if (is_composite) name_.push_back(']');
  shorten_entity(name_);
  Row& row = target.batch.rows[target.row];
  row.entity = target.batch.add_text(name_);
  row.entity_hash = entity_hash(name_);
  return RejectReason::none;
}

RejectReason Decoder::read_time(const ReadRecord& record, Row& row) {
  detail_.clear();
  if (!time_slot_) {
    row.time_ms = record.timestamp_ms;
    if (record.timestamp_ms >= 0) return RejectReason::none;
    detail_ = "The record has no timestamp, and no time field is configured.";
    return RejectReason::missing_time;
  }
  const JsonToken token = plain(reader_.token(*time_slot_));
  const std::optional<std::int64_t> time_ms = to_time_ms(token, settings_.time.unit);
  if (!time_ms) {
    append_unusable(detail_, settings_.time.field, token, wanted_time(settings_.time.unit));
    return token.is_missing() ? RejectReason::missing_time : RejectReason::bad_time;
  }
  row.time_ms = *time_ms;
  return check_future(record, *time_ms);
}

RejectReason Decoder::check_future(const ReadRecord& record, std::int64_t time_ms) {
  if (time_guard_.admit(time_ms, record.timestamp_ms)) return RejectReason::none;
  const std::optional<std::int64_t> reference_ms = time_guard_.reference_ms();
  if (!reference_ms) {
    detail_ = "The first event time of the partition lies beyond the year 2099.";
  } else {
    append_far_future(
        detail_, time_ms - *reference_ms,
        record.timestamp_ms >= 0 ? "the record's own timestamp" : "the latest event before it");
  }
  return RejectReason::far_future;
}

RejectReason Decoder::read_features(Target target) {
  Row& row = target.batch.rows[target.row];
  const std::span<double> values = target.batch.values_of(target.row);
  for (std::size_t i = 0; i < features_.size(); ++i) {
    const Feature& feature = features_[i];
    if (feature.slot == ExtractionPlan::kNone) continue;
    const JsonToken token = plain(reader_.token(feature.slot));
    const FieldReading reading = feature.reader.read(token);
    if (reading.kind == FieldReading::Kind::value) {
      values[i] = reading.value;
      row.present |= 1ULL << i;
    } else if (reading.kind != FieldReading::Kind::missing) {
      return not_a_number(feature.pointer, token, reading.kind, feature.reader.wanted());
    }
  }
  if (row.present != 0 || !has_fields_) return RejectReason::none;
  detail_ = "Not one feature has a value.";
  return RejectReason::missing_features;
}

RejectReason Decoder::read_discovered(Target target) {
  const std::size_t known = discovery_->columns().size();
  const std::int64_t time_ms = target.batch.rows[target.row].time_ms;
  const auto found = discovery_->end_event(plan_, time_ms);
  for (const Discovery::NewColumn& column : found) {
    target.batch.discovered.push_back({.row = static_cast<std::uint32_t>(target.row),
                                       .column = static_cast<std::uint32_t>(column.column),
                                       .path = discovery_->columns()[column.column].path});
  }
  RejectReason reason = RejectReason::none;
  for (std::size_t i = 0; i < known; ++i) {
    const RejectReason here = read_column(target, i, reader_.token(discovery_->columns()[i].slot));
    if (reason == RejectReason::none) reason = here;
  }
  for (const Discovery::NewColumn& column : found) read_column(target, column.column, column.token);
  if (reason != RejectReason::none) return reason;
  if (target.batch.rows[target.row].present != 0) return reason;
  detail_ = "It has no number that could be scored.";
  return RejectReason::missing_features;
}

/// Discovered columns are lenient: what is no number is no value.
RejectReason Decoder::read_column(Target target, std::size_t column, const JsonToken& token) {
  const Discovery::Column& discovered = discovery_->columns()[column];
  FieldReading reading;
  if (token.kind == JsonKind::number && !discovered.is_dropped) reading = read_number(token);
  const bool has_value = reading.kind == FieldReading::Kind::value;
  if (discovery_->is_open()) {
    discovery_->observe(column, has_value ? std::optional(reading.value) : std::nullopt,
                        is_written_as_integer(token.text));
  }
  if (has_value) {
    target.batch.values_of(target.row)[column] = reading.value;
    target.batch.rows[target.row].present |= 1ULL << column;
  }
  if (reading.kind != FieldReading::Kind::out_of_range) return RejectReason::none;
  return not_a_number(discovered.path, token, reading.kind, "a number");
}

void Decoder::read_groups(Target target) {
  for (std::size_t i = 0; i < group_slots_.size(); ++i) {
    const JsonToken token = plain(reader_.token(group_slots_[i]));
    if (!token.is_scalar()) continue;
    name_.assign(token.text);
    shorten_entity(name_);
    target.batch.groups_of(target.row)[i] = target.batch.add_text(name_);
  }
}

void Decoder::keep_rejected(const ReadRecord& record, Target target) {
  Batch& batch = target.batch;
  Row& row = batch.rows[target.row];
  row.kind = RowKind::rejected;
  row.present = 0;
  std::ranges::fill(batch.values_of(target.row), 0.0);
  row.detail = batch.add_text(detail_);
  if (record.key) row.key = batch.add_text(*record.key);
  row.value = batch.add_text(*record.value);
  row.headers = batch.add_headers(record.headers);
}

RejectReason Decoder::not_a_number(std::string_view pointer, const JsonToken& token,
                                   FieldReading::Kind kind, std::string_view wanted) {
  detail_.clear();
  if (kind == FieldReading::Kind::out_of_range) {
    append_out_of_range(detail_, pointer, token);
  } else {
    append_unusable(detail_, pointer, token, wanted);
  }
  return RejectReason::not_a_number;
}

JsonToken Decoder::plain(const JsonToken& token) {
  if (!token.has_escapes) return token;
  plain_.clear();
  append_scalar_text(plain_, token);
  return {.text = plain_, .kind = token.kind, .has_escapes = false};
}

void Decoder::save(std::string& out) const {
  append_number(out, kSavedFormat);
  time_guard_.save(out);
  if (discovery_) discovery_->save(out);
}

Result<void> Decoder::restore(std::string_view bytes) {
  FlatBytes flat(bytes);
  const std::optional<std::uint64_t> format = flat.number();
  if (format != kSavedFormat) return Error{"the decoder's saved state has an unknown format"};
  const bool is_whole = time_guard_.restore(flat) &&
                        (!discovery_ || discovery_->restore(flat, plan_)) && flat.is_at_end();
  if (!is_whole) return Error{"the decoder's saved state does not fit the stream's settings"};
  return {};
}

}  // namespace tocsin
