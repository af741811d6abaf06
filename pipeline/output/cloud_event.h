// CloudEvents 1.0 around a record, and the headers that records carry.
//
// Source: CloudEvents specification 1.0.2, its Kafka protocol binding (sections 3.2 and 3.3) and
// JSON event format. The key stays the entity, as the binding asks for.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/log/log.h"
#include "pipeline/output/byte_writer.h"
#include "pipeline/output/output_arena.h"
#include "pipeline/settings.h"

namespace tocsin {

/// A `traceparent` longer than this is not passed on in alerts: it is none (the longest of today
/// has 55), and could make an alert too large to be written.
inline constexpr std::size_t kTraceparentMaxBytes = 256;

/// The attributes of one event.
struct CloudEvent {
  std::string_view id;
  std::string_view type;
  std::string_view source;   ///< A URI reference.
  std::string_view subject;  ///< Empty, or not fit for an attribute: left out.
  std::int64_t time_ms = 0;
  Encoding encoding = Encoding::json;  ///< Of the record within.
  std::string_view traceparent;        ///< Empty: none.
};

inline constexpr std::string_view kScoredEventType = "io.tocsin.scored.v1";
inline constexpr std::string_view kAlertEventType = "io.tocsin.alert.v1";

/// The `source` of what `app` finds in `stream`: `/tocsin/app/stream`, percent-encoded.
std::string cloud_event_source(std::string_view app, std::string_view stream);

/// The headers of a record: in binary mode the attributes, in structured mode the content type,
/// and always `traceparent` where there is one. In `arena`, as are their values.
std::span<const HeaderView> event_headers(const CloudEvent& event, CloudEvents mode,
                                          OutputArena& arena);

/// Writes an envelope up to where the record as JSON follows, and what stands after it.
void begin_envelope(ByteWriter& out, const CloudEvent& event);
void end_envelope(ByteWriter& out);

/// Writes a whole envelope around a record that is not JSON.
void write_envelope(ByteWriter& out, const CloudEvent& event, std::string_view record);

// Where the record begins in an envelope; neither can occur within a JSON string.
inline constexpr std::string_view kEnvelopeData = ",\"data\":";
inline constexpr std::string_view kEnvelopeBase64 = ",\"data_base64\":";

inline constexpr std::string_view kContentTypeHeader = "content-type";
inline constexpr std::string_view kEnvelopeContentType = "application/cloudevents+json";

/// Appends `bytes` in base 64, quoted.
void add_base64(ByteWriter& out, std::string_view bytes);

}  // namespace tocsin
