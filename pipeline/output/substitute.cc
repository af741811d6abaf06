#include "pipeline/output/substitute.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>

#include "pipeline/output/byte_writer.h"
#include "pipeline/output/cloud_event.h"
#include "pipeline/output/dead_letter.h"
#include "pipeline/output/json_format.h"
#include "pipeline/output/output_topic.h"
#include "pipeline/output/record_fields.h"
#include "pipeline/output/record_id.h"
#include "pipeline/output/wire_format.h"

namespace tocsin {
namespace {

constexpr std::size_t kTextMaxBytes = 512;  // Of the reason, the key, and each header.

/// Why, how long and which: what stands for the bytes refused.
struct Summary {
  std::string_view id;
  std::string_view reason;
  std::size_t length = 0;
  std::string sha256;
};

std::string sha256_hex(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    return {};
  }
  std::string hex;
  for (const unsigned char byte : std::span(digest).first(length)) {
    hex.push_back(kHex[byte >> 4U]);
    hex.push_back(kHex[byte & 15U]);
  }
  return hex;
}

/// At most kTextMaxBytes of `text`, in printable ASCII: what a client library says may be neither
/// short nor UTF-8.
std::string bounded(std::string_view text) {
  std::string plain(text.substr(0, kTextMaxBytes));
  std::replace_if(
      plain.begin(), plain.end(), [](char byte) { return byte < 0x20 || byte > 0x7E; }, '?');
  return plain;
}

template <class Format>
void add_summary(Format& out, const Summary& summary) {
  const auto mark = out.begin_message(record_field::kSubstitute);
  out.text(substitute_field::kReason, summary.reason);
  out.count(substitute_field::kLength, summary.length);
  out.text(substitute_field::kSha256, summary.sha256);
  out.end_message(mark);
}

std::string_view json_record(const Summary& summary, std::string_view before,
                             std::string_view after, OutputArena& arena) {
  ByteWriter out(arena);
  out.add(before);
  JsonFormat format(out);
  const auto mark = format.begin_record();
  out.add(record_field::kId.key);  // The id is escaped already.
  out.add('"');
  out.add(summary.id);
  out.add('"');
  add_summary(format, summary);
  format.end_record(mark);
  out.add(after);
  return out.finish();
}

std::string_view wire_record(const Summary& summary, OutputArena& arena) {
  ByteWriter out(arena);
  WireFormat format(out);
  format.text(record_field::kId, summary.id);
  add_summary(format, summary);
  return out.finish();
}

bool is_envelope(const WriteRecord& record) {
  return std::any_of(record.headers.begin(), record.headers.end(), [](const HeaderView& header) {
    return header.name == kContentTypeHeader && header.value == kEnvelopeContentType;
  });
}

/// The same envelope around a summary. Its data cannot be mistaken: within a JSON string the
/// quotes would be escaped.
std::string_view envelope(const WriteRecord& refused, Summary summary, OutputArena& arena) {
  summary.id = json_id(refused.value);
  if (const std::size_t at = refused.value.find(kEnvelopeData); at != std::string_view::npos) {
    return json_record(summary, refused.value.substr(0, at + kEnvelopeData.size()), "}", arena);
  }
  const std::size_t at = refused.value.find(kEnvelopeBase64);
  const std::string_view record = wire_record(summary, arena);
  ByteWriter out(arena);
  out.add(refused.value.substr(0, at + kEnvelopeBase64.size()));
  add_base64(out, record);
  end_envelope(out);
  return out.finish();
}

/// A dead letter's headers that are ours, bounded, and the summary.
std::span<const HeaderView> letter_headers(const WriteRecord& refused, const Summary& summary,
                                           OutputArena& arena) {
  // A letter that came from a dead-letter topic has older ones among the original headers; ours
  // are at the end.
  std::size_t first = refused.headers.size();
  while (first > 0 && refused.headers[first - 1].name.starts_with(dead_letter_header::kPrefix)) {
    --first;
    if (refused.headers[first].name == dead_letter_header::kReason) break;
  }
  const std::span<const HeaderView> ours = refused.headers.subspan(first);
  const std::span<HeaderView> headers = arena.make_headers(ours.size() + 3);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    headers[i] = {.name = ours[i].name,
                  .value = ours[i].value.value_or("").substr(0, kTextMaxBytes)};
  }
  headers[ours.size()] = {.name = dead_letter_header::kRefused,
                          .value = arena.keep(summary.reason)};
  headers[ours.size() + 1] = {.name = dead_letter_header::kLength,
                              .value = arena.keep(std::to_string(summary.length))};
  headers[ours.size() + 2] = {.name = dead_letter_header::kSha256,
                              .value = arena.keep(summary.sha256)};
  return headers;
}

}  // namespace

WriteRecord make_substitute(const WriteRecord& refused, std::string_view reason,
                            OutputArena& arena) {
  const std::string plain_reason = bounded(reason);
  Summary summary{
      .reason = plain_reason, .length = refused.value.size(), .sha256 = sha256_hex(refused.value)};
  WriteRecord substitute = refused;
  if (refused.topic == index_of(OutputTopic::dead_letters)) {
    // The key of an input record may itself be what is too large.
    if (refused.key && refused.key->size() > kTextMaxBytes) substitute.key.reset();
    substitute.value = "";
    substitute.headers = letter_headers(refused, summary, arena);
  } else if (is_envelope(refused)) {
    substitute.value = envelope(refused, summary, arena);
  } else if (refused.value.starts_with('{')) {
    summary.id = json_id(refused.value);
    substitute.value = json_record(summary, "", "", arena);
  } else {
    summary.id = wire_id(refused.value);
    substitute.value = wire_record(summary, arena);
  }
  return substitute;
}

}  // namespace tocsin
