#include "pipeline/output/cloud_event.h"

#include <algorithm>
#include <array>

#include "pipeline/output/json_format.h"
#include "pipeline/output/timestamp.h"

namespace tocsin {
namespace {

constexpr std::string_view kVersion = "1.0";

std::string_view content_type(Encoding encoding) {
  return encoding == Encoding::json ? "application/json" : "application/protobuf";
}

/// Whether `text`, which is not empty, begins with a control character.
bool begins_with_control(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first == 0xC2) return text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xA0;
  return first < 0x20 || first == 0x7F;
}

/// Whether it begins with a code point that is no character: U+FDD0 to U+FDEF, and the last two of
/// each plane.
bool begins_with_noncharacter(std::string_view text) {
  const auto at = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  if (at(0) < 0xEF) return false;
  if (at(0) >= 0xF0) return (at(1) & 0x0FU) == 0x0F && at(2) == 0xBF && at(3) >= 0xBE;
  if (at(1) == 0xB7) return at(2) >= 0x90 && at(2) <= 0xAF;
  return at(1) == 0xBF && at(2) >= 0xBE;
}

/// Whether an attribute may have this value: CloudEvents 1.0, section "Type System", forbids
/// control characters and code points that are no characters.
bool is_attribute(std::string_view text) {
  for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(1)) {
    if (begins_with_control(rest) || begins_with_noncharacter(rest)) return false;
  }
  return !text.empty();
}

void add_percent_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  for (const char byte : text) {
    if (kUnreserved.find(byte) != std::string_view::npos) {
      out.push_back(byte);
      continue;
    }
    const auto code = static_cast<unsigned char>(byte);
    out.push_back('%');
    out.push_back(kHex[code >> 4U]);
    out.push_back(kHex[code & 15U]);
  }
}

void add_member(ByteWriter& out, std::string_view key, std::string_view value) {
  out.add(key);
  add_json_string(out, value);
}

void begin_attributes(ByteWriter& out, const CloudEvent& event) {
  add_member(out, "{\"id\":", event.id);
  add_member(out, ",\"specversion\":", kVersion);
  add_member(out, ",\"type\":", event.type);
  add_member(out, ",\"source\":", event.source);
  if (is_attribute(event.subject)) add_member(out, ",\"subject\":", event.subject);
  std::array<char, kTimestampLength> time{};
  write_timestamp(time.data(), event.time_ms);
  add_member(out, ",\"time\":", {time.data(), time.size()});
  add_member(out, ",\"datacontenttype\":", content_type(event.encoding));
  if (is_attribute(event.traceparent)) add_member(out, ",\"traceparent\":", event.traceparent);
}

}  // namespace

std::string cloud_event_source(std::string_view app, std::string_view stream) {
  std::string source = "/tocsin";
  for (const std::string_view part : {app, stream}) {
    if (part.empty()) continue;
    source.push_back('/');
    add_percent_encoded(source, part);
  }
  return source;
}

std::span<const HeaderView> event_headers(const CloudEvent& event, CloudEvents mode,
                                          OutputArena& arena) {
  if (mode == CloudEvents::off && event.traceparent.empty()) return {};
  std::array<HeaderView, 8> headers;
  std::size_t count = 0;
  const auto add = [&](std::string_view name, std::string_view value) {
    headers[count++] = {.name = name, .value = value};
  };
  if (mode == CloudEvents::binary) {
    std::array<char, kTimestampLength> time{};
    write_timestamp(time.data(), event.time_ms);
    add("ce_specversion", kVersion);
    add("ce_id", arena.keep(event.id));
    add("ce_type", event.type);
    add("ce_source", arena.keep(event.source));
    if (is_attribute(event.subject)) add("ce_subject", arena.keep(event.subject));
    add("ce_time", arena.keep({time.data(), time.size()}));
    add(kContentTypeHeader, content_type(event.encoding));
  } else if (mode == CloudEvents::structured) {
    add(kContentTypeHeader, kEnvelopeContentType);
  }
  if (!event.traceparent.empty()) add("traceparent", arena.keep(event.traceparent));
  const std::span<HeaderView> kept = arena.make_headers(count);
  for (std::size_t i = 0; i < count; ++i) kept[i] = headers[i];
  return kept;
}

void begin_envelope(ByteWriter& out, const CloudEvent& event) {
  begin_attributes(out, event);
  out.add(kEnvelopeData);
}

void end_envelope(ByteWriter& out) { out.add('}'); }

void write_envelope(ByteWriter& out, const CloudEvent& event, std::string_view record) {
  begin_attributes(out, event);
  out.add(kEnvelopeBase64);
  add_base64(out, record);
  end_envelope(out);
}

void add_base64(ByteWriter& out, std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  out.add('"');
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8U | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (unsigned j = 0; j < 4; ++j)
      out.add(j <= count ? kDigits[group >> (18U - 6 * j) & 63U] : '=');
  }
  out.add('"');
}

}  // namespace tocsin
