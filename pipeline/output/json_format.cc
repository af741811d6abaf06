#include "pipeline/output/json_format.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "pipeline/output/rounding.h"
#include "pipeline/output/timestamp.h"
#include "pipeline/output/two_digits.h"

namespace tocsin {
namespace {

constexpr std::size_t kNumberMaxLength = 32;  // -1.7976931348623157e+308 and 20 digits both fit.
constexpr std::size_t kWord = sizeof(std::uint64_t);

constexpr std::uint64_t repeated(unsigned char byte) { return 0x0101010101010101U * byte; }

/// Whether one of eight bytes is `"`, `\` or below 0x20 (or, rarely, merely looks like it).
bool may_need_escape(std::uint64_t bytes) {
  constexpr std::uint64_t kHighBits = repeated(0x80);
  const std::uint64_t control = bytes - repeated(0x20);
  const std::uint64_t quote = (bytes ^ repeated('"')) - repeated(1);
  const std::uint64_t backslash = (bytes ^ repeated('\\')) - repeated(1);
  return ((control | quote | backslash) & ~bytes & kHighBits) != 0;
}

/// Writes one byte, escaped where JSON wants it: at most 6 bytes.
char* add_escaped(char* to, char byte) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(byte);
  if (code >= 0x20 && byte != '"' && byte != '\\') {
    *to = byte;
    return to + 1;
  }
  *to++ = '\\';
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  if (const std::size_t at = kShort.find(byte); at != std::string_view::npos) {
    *to = kLetters[at];
    return to + 1;
  }
  to[0] = 'u';
  to[1] = to[2] = '0';
  to[3] = kHex[code >> 4U];
  to[4] = kHex[code & 15U];
  return to + 5;
}

/// The `size` bytes at `from`, at most eight, followed by spaces.
std::uint64_t load_padded(const char* from, std::size_t size) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t bytes = 0;
  if (size == kWord) {
    std::memcpy(&bytes, from, kWord);
    return bytes;
  }
  for (std::size_t i = size; i > 0; --i) {
    bytes = bytes << 8U | static_cast<unsigned char>(from[i - 1]);
  }
  return bytes | repeated(' ') << 8U * size;
}

/// Copies `size` bytes, at most eight, escaped; writes eight or more, and returns the end.
char* add_word_escaped(char* to, const char* from, std::size_t size) {
  const std::uint64_t bytes = load_padded(from, size);
  if (!may_need_escape(bytes)) {
    std::memcpy(to, &bytes, kWord);
    return to + size;
  }
  for (std::size_t i = 0; i < size; ++i) to = add_escaped(to, from[i]);
  return to;
}

template <class Integer>
void add_integer(ByteWriter& out, Integer value) {
  char* begin = out.room(kNumberMaxLength);
  const auto written = std::to_chars(begin, begin + kNumberMaxLength, value);
  out.advance(static_cast<std::size_t>(written.ptr - begin));
}

void add_double(ByteWriter& out, double value) {
  char* begin = out.room(kNumberMaxLength);
  const auto written = std::to_chars(begin, begin + kNumberMaxLength, value);
  out.advance(static_cast<std::size_t>(written.ptr - begin));
}

/// Without trailing zeros: `0.3029`, `17`.
void add_decimal(ByteWriter& out, Decimal decimal) {
  // Brought to six places, so that every divisor is a constant; below 10^15, as `units` is.
  constexpr std::array<std::uint64_t, 7> kToSix{1'000'000, 100'000, 10'000, 1000, 100, 10, 1};
  constexpr std::size_t kPlaces = 6;
  const std::uint64_t millionths = decimal.units * kToSix[decimal.decimals];
  const auto fraction = static_cast<std::uint32_t>(millionths % 1'000'000);
  char* begin = out.room(kNumberMaxLength);
  char* to = std::to_chars(begin, begin + kNumberMaxLength, millionths / 1'000'000).ptr;
  if (fraction != 0) {
    *to = '.';
    write_two_digits(to + 1, fraction / 10'000);
    write_two_digits(to + 3, fraction / 100 % 100);
    write_two_digits(to + 5, fraction % 100);
    to += kPlaces + 1;
    while (to[-1] == '0') --to;
  }
  out.advance(static_cast<std::size_t>(to - begin));
}

}  // namespace

void add_json_string(ByteWriter& out, std::string_view text) {
  // Every byte may become six, and the last eight are copied whole, however few they are.
  char* const begin = out.room(6 * text.size() + 2 + kWord);
  char* to = begin;
  *to++ = '"';
  std::size_t i = 0;
  for (; i + kWord <= text.size(); i += kWord) to = add_word_escaped(to, text.data() + i, kWord);
  to = add_word_escaped(to, text.data() + i, text.size() - i);
  *to++ = '"';
  out.advance(static_cast<std::size_t>(to - begin));
}

void JsonFormat::count(const RecordField& field, std::uint64_t value) {
  out_->add(field.key);
  add_integer(*out_, value);
}

void JsonFormat::integer(const RecordField& field, std::int64_t value) {
  out_->add(field.key);
  add_integer(*out_, value);
}

void JsonFormat::exact(const RecordField& field, std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return;
  out_->add(field.key);
  add_double(*out_, *value);
}

void JsonFormat::rounded(const RecordField& field, double value, unsigned decimals) {
  if (!std::isfinite(value)) return;
  out_->add(field.key);
  if (const std::optional<Decimal> decimal = to_decimal(value, decimals)) {
    add_decimal(*out_, *decimal);
  } else {
    add_double(*out_, value);
  }
}

void JsonFormat::probability(const RecordField& field, double value) {
  if (!std::isfinite(value)) return;
  out_->add(field.key);
  if (const std::optional<Decimal> decimal = probability_decimal(value)) {
    add_decimal(*out_, *decimal);
  } else {
    add_double(*out_, rounded_probability(value));
  }
}

void JsonFormat::time(const RecordField& field, std::int64_t time_ms) {
  out_->add(field.key);
  char* to = out_->room(kTimestampLength + 2);
  to[0] = '"';
  write_timestamp(to + 1, time_ms);
  to[kTimestampLength + 1] = '"';
  out_->advance(kTimestampLength + 2);
}

void JsonFormat::event(const RecordField& field, std::string_view json) {
  out_->add(field.key);
  const std::size_t begin = out_->size();
  out_->add(json);
  // JSON has raw line ends only between its tokens, so a space means the same.
  for (std::size_t i = begin; i < out_->size(); ++i) {
    if ((*out_)[i] == '\n' || (*out_)[i] == '\r') (*out_)[i] = ' ';
  }
}

void JsonFormat::end_list() {
  if ((*out_)[out_->size() - 1] == ',') {
    (*out_)[out_->size() - 1] = ']';
  } else {
    out_->add(']');
  }
}

void JsonFormat::add_word(std::string_view name) {
  char* to = out_->room(name.size() + 2);
  *to = '"';
  std::memcpy(to + 1, name.data(), name.size());
  to[name.size() + 1] = '"';
  out_->advance(name.size() + 2);
}

}  // namespace tocsin
