#include "pipeline/output/readable.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace tocsin {
namespace {

constexpr std::size_t kNameMaxBytes = 80;
constexpr char kStandIn = '?';

bool continues_a_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80; }

/// Length of the disturbing character that `text` begins with; 0: it is harmless.
std::size_t disturbing_length(std::string_view text) {
  const auto at = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  if (at(0) < 0x20 || at(0) == 0x7F) return 1;
  if (at(0) == 0xC2 && at(1) >= 0x80 && at(1) < 0xA0) return 2;  // U+0080 to U+009F, controls.
  if (at(0) != 0xE2) return 0;
  // U+2028 to U+202E: line ends and directions. U+2066 to U+2069: directions.
  if (at(1) == 0x80 && at(2) >= 0xA8 && at(2) <= 0xAE) return 3;
  if (at(1) == 0x81 && at(2) >= 0xA6 && at(2) <= 0xA9) return 3;
  return 0;
}

/// Makes what `out` holds from `begin` on fit to be shown: shortened, and nothing disturbing in it.
void tame(std::string& out, std::size_t begin) {
  constexpr std::string_view kCut = "…";
  const bool is_cut = out.size() - begin > kNameMaxBytes;
  if (is_cut) {
    std::size_t end = begin + kNameMaxBytes;
    while (end > begin && continues_a_character(out[end])) --end;
    out.resize(end);
  }
  std::size_t to = begin;
  for (std::size_t from = begin; from < out.size();) {
    const std::size_t disturbing = disturbing_length(std::string_view(out).substr(from));
    out[to++] = disturbing == 0 ? out[from] : kStandIn;
    from += std::max<std::size_t>(disturbing, 1);
  }
  out.resize(to);
  if (is_cut) out.append(kCut);
}

/// Moves past one JSON string, whose opening quote has been read, and appends its content;
/// false where it is not closed.
bool add_json_text(std::string& out, std::string_view& rest) {
  while (!rest.empty()) {
    char byte = rest.front();
    rest.remove_prefix(1);
    if (byte == '"') return true;
    if (byte == '\\' && !rest.empty()) {
      byte = rest.front();
      rest.remove_prefix(1);
      // What else needs escaping in a name is a control character.
      if (byte == 'u') rest.remove_prefix(std::min<std::size_t>(4, rest.size()));
      if (byte != '"' && byte != '\\' && byte != '/') byte = kStandIn;
    }
    out.push_back(byte);
  }
  return false;
}

/// Moves past one scalar in JSON and appends it; false where there is none.
bool add_scalar(std::string& out, std::string_view& rest) {
  if (rest.front() == '"') {
    rest.remove_prefix(1);
    return add_json_text(out, rest);
  }
  const std::size_t end = rest.find_first_of(",]");
  if (end == std::string_view::npos || end == 0) return false;
  out.append(rest.substr(0, end));
  rest.remove_prefix(end);
  return true;
}

/// Appends the scalars of a canonical JSON array, with spaces between them; false where it is
/// not one.
bool add_parts(std::string& out, std::string_view array) {
  std::string_view rest = array;
  rest.remove_prefix(1);
  while (!rest.empty()) {
    if (!add_scalar(out, rest)) return false;
    if (rest == "]") return true;
    if (rest.empty() || rest.front() != ',') return false;
    rest.remove_prefix(1);
    out.push_back(' ');
  }
  return false;
}

void add_count(std::string& out, std::int64_t count, std::string_view unit) {
  out.append(ReadableNumber(static_cast<double>(count)).text()).append(unit);
}

}  // namespace

ReadableNumber::ReadableNumber(double value, int digits) {
  if (value == 0) {
    add('0');
    return;
  }
  char scientific[40];
  const char* end = std::to_chars(scientific, scientific + sizeof scientific, value,
                                  std::chars_format::scientific, digits - 1)
                        .ptr;
  const std::string_view text(scientific, static_cast<std::size_t>(end - scientific));
  const std::size_t e = text.find('e');
  if (e == std::string_view::npos) {  // Not finite: no number of ours.
    add(kStandIn);
    return;
  }
  char mantissa[24] = {};
  std::size_t length = 0;
  for (const char byte : text.substr(0, e)) {
    if (byte == '-') add('-');
    if (byte >= '0' && byte <= '9') mantissa[length++] = byte;
  }
  while (length > 1 && mantissa[length - 1] == '0') --length;
  const std::size_t sign = text[e + 1] == '+' ? 2 : 1;  // from_chars takes no plus.
  int exponent = 0;
  std::from_chars(text.data() + e + sign, end, exponent);
  if (exponent >= -4 && exponent <= 14) {
    add_plain({mantissa, length}, exponent);
  } else {
    add_scientific({mantissa, length}, exponent);
  }
}

void ReadableNumber::add_plain(std::string_view mantissa, int exponent) {
  if (exponent < 0) {
    add('0');
    add('.');
    for (int i = -1; i > exponent; --i) add('0');
    for (const char digit : mantissa) add(digit);
    return;
  }
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  for (std::size_t i = 0; i < std::max(whole, mantissa.size()); ++i) {
    if (i == whole) add('.');
    // Thousands are parted where there are at least five digits.
    if (i > 0 && i < whole && whole > 4 && (whole - i) % 3 == 0) add(',');
    add(i < mantissa.size() ? mantissa[i] : '0');
  }
}

void ReadableNumber::add_scientific(std::string_view mantissa, int exponent) {
  add(mantissa.front());
  if (mantissa.size() > 1) add('.');
  for (const char digit : mantissa.substr(1)) add(digit);
  add('e');
  char digits[8] = {};
  const char* end = std::to_chars(digits, digits + sizeof digits, exponent).ptr;
  for (const char* at = digits; at != end; ++at) add(*at);
}

int digits_that_tell_apart(std::span<const double> values) {
  constexpr int kFewest = 3;
  constexpr int kAll = 17;  // Enough for any two doubles.
  for (int digits = kFewest; digits < kAll; ++digits) {
    bool confused = false;
    for (std::size_t i = 0; i < values.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        confused =
            confused || (values[i] != values[j] && ReadableNumber(values[i], digits).text() ==
                                                       ReadableNumber(values[j], digits).text());
      }
    }
    if (!confused) return digits;
  }
  return kAll;
}

void add_duration(std::string& out, std::int64_t ms) {
  constexpr std::int64_t kSecond = 1000;
  constexpr std::int64_t kMinute = 60 * kSecond;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  if (ms < kSecond) return add_count(out, std::max<std::int64_t>(ms, 0), " ms");
  if (ms < 2 * kMinute) return add_count(out, ms / kSecond, " s");
  if (ms < 2 * kHour) return add_count(out, ms / kMinute, " min");
  if (ms >= 2 * kDay) return add_count(out, ms / kDay, " days");
  add_count(out, ms / kHour, " h");
  if (ms % kHour < kMinute) return;
  add_count(out.append(" "), ms % kHour / kMinute, " min");
}

void add_frequency(std::string& out, double probability) {
  constexpr int kDigits = 2;
  struct Scale {
    double from;
    double divisor;
    std::string_view word;
  };
  constexpr Scale kScales[] = {{1e9, 1e9, " billion"}, {1e6, 1e6, " million"}, {0, 1, ""}};
  if (!(probability > kSmallestFrequency)) {
    out.append("fewer than 1 in a trillion");
    return;
  }
  const double one_in = 1 / std::min(probability, 1.0);
  for (const Scale& scale : kScales) {
    if (one_in < scale.from) continue;
    out.append("1 in ").append(ReadableNumber(one_in / scale.divisor, kDigits).text());
    out.append(scale.word);
    return;
  }
}

void add_name(std::string& out, std::string_view name) {
  const std::size_t begin = out.size();
  out.append(name);
  tame(out, begin);
}

void add_entity(std::string& out, std::string_view entity) {
  const std::size_t begin = out.size();
  if (entity.size() < 2 || entity.front() != '[' || !add_parts(out, entity)) {
    out.resize(begin);
    out.append(entity);
  }
  tame(out, begin);
}

}  // namespace tocsin
