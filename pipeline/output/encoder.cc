#include "pipeline/output/encoder.h"

#include <xxhash.h>

#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "pipeline/output/byte_writer.h"
#include "pipeline/output/json_format.h"
#include "pipeline/output/wire_format.h"

namespace tocsin {
namespace {

void add_number(std::string& out, std::int64_t number) {
  char digits[24];
  const char* end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

/// The hashes below this are a share of all hashes.
std::uint64_t hashes_below(double share) {
  if (!(share < 1)) return std::numeric_limits<std::uint64_t>::max();
  return static_cast<std::uint64_t>(std::ldexp(std::fmax(share, 0), 64));
}

}  // namespace

Encoder::Encoder(const OutputSettings& settings, OutputIdentity identity)
    : settings_(settings),
      identity_(std::move(identity)),
      sample_below_(hashes_below(settings.sample_share)),
      dead_letters_(identity_.config_hash) {}

void Encoder::scored(const ScoredEvent& event) {
  if (settings_.scores.topic.empty()) return;
  go_to(event.source);
  id_.clear();
  add_place(id_, event.source.offset);
  if (!is_emitted(event)) return;
  write(settings_.scores,
        {.type = kScoredEventType, .subject = event.entity, .time_ms = event.time_ms},
        [&](auto& format) { write_scored(format, event, context(event.source)); });
}

void Encoder::alert(const Alert& alert, const ScoredEvent& cause) {
  if (settings_.alerts.topic.empty()) return;
  const bool is_close = alert.state == AlertState::close;
  go_to(cause.source);
  id_.clear();
  add_place(id_, cause.source.offset);
  id_.append("/alert/");
  add_number(id_, alert.ordinal);
  incident_.clear();
  add_place(incident_, alert.incident_offset);
  worst_id_.clear();
  add_place(worst_id_, alert.worst_offset);
  alert_text_.describe(alert, cause);
  const AlertWords words{.incident = incident_,
                         .worst_id = worst_id_,
                         .title = alert_text_.title(),
                         .suggestion = alert_text_.suggestion(),
                         .explanation = alert_text_.explanation()};
  const bool has_trace = cause.traceparent.size() <= kTraceparentMaxBytes &&
                         !(is_close && cause.entity != alert.entity);
  write(settings_.alerts,
        {.type = kAlertEventType,
         .subject = alert.entity,
         .time_ms = is_close ? alert.closed_ms : cause.time_ms,
         .traceparent = has_trace ? cause.traceparent : std::string_view()},
        [&](auto& format) { write_alert(format, alert, cause, context(cause.source), words); });
}

void Encoder::rejected(const Source& source, const Batch& batch, std::size_t row) {
  if (settings_.dead_letters.empty()) return;
  assert(arena_ != nullptr);
  arena_->add(dead_letters_.write(source, batch, row, *arena_));
}

bool Encoder::is_emitted(const ScoredEvent& event) const {
  if (settings_.emit == Emit::all || event.is_anomaly) return true;
  if (settings_.emit == Emit::anomalies) return false;
  return XXH3_64bits(id_.data(), id_.size()) < sample_below_;
}

void Encoder::go_to(const Source& source) {
  if (source.partition == partition_ && source.topic == topic_ && source.stream == stream_) return;
  stream_ = source.stream;
  topic_ = source.topic;
  partition_ = source.partition;
  prefix_.assign(stream_).append("/").append(topic_).append("/");
  add_number(prefix_, partition_);
  prefix_.push_back('/');
  event_source_ = cloud_event_source(identity_.app, stream_);
}

void Encoder::add_place(std::string& out, std::int64_t offset) const {
  out.append(prefix_);
  add_number(out, offset);
}

RecordContext Encoder::context(const Source& source) const {
  return {.id = id_,
          .identity = &identity_,
          .include_event = settings_.include_event,
          .lacks_input = source.offset < gap_until_};
}

template <class Content>
void Encoder::write(const TopicSettings& topic, CloudEvent event, const Content& content) {
  assert(arena_ != nullptr);
  event.id = id_;
  event.source = event_source_;
  event.encoding = topic.encoding;
  const OutputTopic to = &topic == &settings_.scores ? OutputTopic::scores : OutputTopic::alerts;
  arena_->add({.topic = index_of(to),
               .key = arena_->keep(event.subject),
               .value = write_value(topic, event, content),
               .headers = event_headers(event, topic.cloudevents, *arena_)});
}

template <class Content>
std::string_view Encoder::write_value(const TopicSettings& topic, const CloudEvent& event,
                                      const Content& content) {
  const bool is_structured = topic.cloudevents == CloudEvents::structured;
  ByteWriter out(*arena_);
  if (topic.encoding == Encoding::json) {
    JsonFormat format(out);
    if (is_structured) begin_envelope(out, event);
    content(format);
    if (is_structured) end_envelope(out);
    return out.finish();
  }
  WireFormat format(out);
  content(format);
  const std::string_view record = out.finish();
  if (!is_structured) return record;
  ByteWriter enveloped(*arena_);
  write_envelope(enveloped, event, record);
  return enveloped.finish();
}

}  // namespace tocsin
