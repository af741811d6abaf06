#include "pipeline/output/wire_format.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "pipeline/output/rounding.h"
#include "pipeline/output/timestamp.h"

namespace tocsin {
namespace {

constexpr std::size_t kVarintMaxLength = 10;

/// Protobuf's wire types.
enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2 };

std::size_t write_varint(char* to, std::uint64_t value) {
  std::size_t length = 0;
  for (; value >= 0x80; value >>= 7U) to[length++] = static_cast<char>(value | 0x80U);
  to[length++] = static_cast<char>(value);
  return length;
}

void add_varint(ByteWriter& out, std::uint64_t value) {
  out.advance(write_varint(out.room(kVarintMaxLength), value));
}

void add_tag(ByteWriter& out, std::uint32_t number, WireType type) {
  add_varint(out, number << 3U | static_cast<std::uint32_t>(type));
}

void add_double(ByteWriter& out, const RecordField& field, double value) {
  if (!std::isfinite(value)) return;
  add_tag(out, field.number, WireType::fixed64);
  const auto bits = std::bit_cast<std::uint64_t>(value);
  char* to = out.room(sizeof bits);
  for (unsigned i = 0; i < sizeof bits; ++i) to[i] = static_cast<char>(bits >> 8U * i);
  out.advance(sizeof bits);
}

}  // namespace

void WireFormat::count(const RecordField& field, std::uint64_t value) {
  if (value == 0) return;
  add_tag(*out_, field.number, WireType::varint);
  add_varint(*out_, value);
}

void WireFormat::flag(const RecordField& field, bool value) {
  add_tag(*out_, field.number, WireType::varint);
  add_varint(*out_, value ? 1 : 0);
}

void WireFormat::exact(const RecordField& field, std::optional<double> value) {
  if (value) add_double(*out_, field, *value);
}

void WireFormat::rounded(const RecordField& field, double value, unsigned decimals) {
  add_double(*out_, field, tocsin::rounded(value, decimals));
}

void WireFormat::probability(const RecordField& field, double value) {
  add_double(*out_, field, rounded_probability(value));
}

void WireFormat::time(const RecordField& field, std::int64_t time_ms) {
  // google.protobuf.Timestamp: seconds, rounded down, and the nanoseconds since.
  constexpr RecordField kSeconds{1, ""};
  constexpr RecordField kNanos{2, ""};
  const std::int64_t since_first = within_timestamps(time_ms) - kTimestampMinMs;
  const Mark mark = begin_message(field);
  integer(kSeconds, since_first / 1000 + kTimestampMinMs / 1000);
  integer(kNanos, since_first % 1000 * 1'000'000);
  end_message(mark);
}

WireFormat::Mark WireFormat::begin_message(const RecordField& field) {
  add_tag(*out_, field.number, WireType::bytes);
  out_->add('\0');  // The length, once it is known; most take one byte.
  return out_->size();
}

void WireFormat::end_message(Mark mark) {
  const std::size_t length = out_->size() - mark;
  char encoded[kVarintMaxLength];
  const std::size_t extra = write_varint(encoded, length) - 1;
  if (extra > 0) {
    out_->room(extra);
    std::memmove(out_->data() + mark + extra, out_->data() + mark, length);
    out_->advance(extra);
  }
  std::memcpy(out_->data() + mark - 1, encoded, extra + 1);
}

void WireFormat::text_item(const RecordField& field, std::string_view value) {
  add_tag(*out_, field.number, WireType::bytes);
  add_varint(*out_, value.size());
  out_->add(value);
}

}  // namespace tocsin
