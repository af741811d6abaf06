#include "pipeline/input/event_time.h"

#include <algorithm>
#include <cstddef>

#include "detectors/gregorian_date.h"
#include "pipeline/input/json_number.h"

namespace tocsin {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kFirstMs = -62'135'596'800'000;  // 0001-01-01
constexpr std::int64_t kEndMs = 253'402'300'800'000;    // 10000-01-01

std::optional<std::int64_t> in_range(std::int64_t ms) {
  if (ms < kFirstMs || ms >= kEndMs) return std::nullopt;
  return ms;
}

/// Takes fixed forms from the front of a text; once something does not fit, all has failed.
class Form {
 public:
  explicit Form(std::string_view text) : rest_(text) {}

  int digits(std::size_t count, int min, int max) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const char c = i < rest_.size() ? rest_[i] : ' ';
      if (c < '0' || c > '9') return fail();
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value >= min && value <= max ? value : fail();
  }
  void sign(std::string_view allowed) {
    if (!take(allowed)) fail();
  }
  bool take(std::string_view allowed) {
    if (rest_.empty() || allowed.find(rest_[0]) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  char front() const { return rest_.empty() ? '\0' : rest_[0]; }
  bool is_at_end() const { return rest_.empty(); }
  bool has_failed() const { return has_failed_; }

 private:
  int fail() {
    has_failed_ = true;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool has_failed_ = false;
};

/// Milliseconds of a fraction of a second, any number of digits.
std::int64_t fraction_ms(Form& form) {
  std::int64_t ms = 0;
  std::int64_t scale = 100;
  do {
    ms += form.digits(1, 0, 9) * scale;
    scale /= 10;
  } while (form.front() >= '0' && form.front() <= '9');
  return ms;
}

std::int64_t offset_minutes(Form& form) {
  if (form.is_at_end() || form.take("Zz")) return 0;
  const bool is_behind = form.front() == '-';
  form.sign("+-");
  const int hours = form.digits(2, 0, 23);
  form.take(":");
  const int minutes = hours * 60 + form.digits(2, 0, 59);
  return is_behind ? -minutes : minutes;
}

/// A number as written: `digits` times ten to the power of `exponent`.
struct Decimal {
  std::int64_t digits = 0;
  std::int64_t exponent = 0;
};

constexpr std::int64_t kDigitsMax = 1'000'000'000'000'000'000;

/// The digits of a number without sign, fraction and exponent, if it has at most 18.
std::optional<std::int64_t> plain_digits(std::string_view number) {
  if (number.size() > 18) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : number) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// A number's exponent, from its letter on; what is huge stays huge.
std::int64_t to_exponent(std::string_view text) {
  std::int64_t exponent = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9' && exponent < 1'000'000) exponent = exponent * 10 + (c - '0');
  }
  return text.find('-') != std::string_view::npos ? -exponent : exponent;
}

/// Appends further digits to a number; beyond 18 they only count by their place, which rounds
/// down. Returns whether one of those was not zero.
bool append_digits(Decimal& decimal, std::string_view digits) {
  bool has_rest = false;
  for (const char c : digits) {
    if (decimal.digits < kDigitsMax / 10) {
      decimal.digits = decimal.digits * 10 + (c - '0');
    } else {
      has_rest = has_rest || c != '0';
      ++decimal.exponent;
    }
  }
  return has_rest;
}

Decimal to_decimal(std::string_view number) {
  const bool is_negative = number[0] == '-';
  if (is_negative) number.remove_prefix(1);
  const std::size_t end = std::min(number.find_first_of("eE"), number.size());
  const std::string_view digits = number.substr(0, end);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::string_view fraction = digits.substr(std::min(point + 1, digits.size()));
  Decimal decimal{.digits = 0, .exponent = to_exponent(number.substr(end))};
  const bool whole_has_rest = append_digits(decimal, digits.substr(0, point));
  const bool fraction_has_rest = append_digits(decimal, fraction);
  decimal.exponent -= static_cast<std::int64_t>(fraction.size());
  if (!is_negative) return decimal;
  decimal.digits = -decimal.digits - (whole_has_rest || fraction_has_rest ? 1 : 0);
  return decimal;
}

/// The whole part, rounded down, of a decimal; empty beyond 1e18.
std::optional<std::int64_t> round_down(Decimal decimal) {
  while (decimal.exponent > 0 && decimal.digits != 0) {
    if (decimal.digits > kDigitsMax / 10 || decimal.digits < -kDigitsMax / 10) return std::nullopt;
    decimal.digits *= 10;
    --decimal.exponent;
  }
  const bool is_negative = decimal.digits < 0;
  bool has_rest = false;
  for (; decimal.exponent < 0 && decimal.digits != 0; ++decimal.exponent) {
    has_rest = has_rest || decimal.digits % 10 != 0;
    decimal.digits /= 10;
  }
  return is_negative && has_rest ? decimal.digits - 1 : decimal.digits;
}

/// The unit of a number of seconds or less since 1970, by its magnitude.
TimeUnit unit_of(Decimal time) {
  if (time.digits < 0) time.digits = -time.digits;
  const std::optional<std::int64_t> magnitude = round_down(time);
  if (!magnitude || *magnitude >= 100'000'000'000'000'000) return TimeUnit::ns;
  if (*magnitude >= 100'000'000'000'000) return TimeUnit::us;
  return *magnitude >= 100'000'000'000 ? TimeUnit::ms : TimeUnit::s;
}

std::optional<std::int64_t> number_to_time_ms(std::string_view number, TimeUnit unit) {
  if (unit == TimeUnit::text) return std::nullopt;
  const std::optional<std::int64_t> plain = plain_digits(number);
  Decimal time = plain ? Decimal{.digits = *plain} : to_decimal(number);
  if (unit == TimeUnit::automatic) unit = unit_of(time);
  if (unit == TimeUnit::s) time.exponent += 3;
  if (unit == TimeUnit::us) time.exponent -= 3;
  if (unit == TimeUnit::ns) time.exponent -= 6;
  const std::optional<std::int64_t> ms = round_down(time);
  return ms ? in_range(*ms) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> text_to_time_ms(std::string_view text) {
  Form form(text);
  const int year = form.digits(4, 1, 9999);
  form.sign("-");
  const int month = form.digits(2, 1, 12);
  form.sign("-");
  const int day = form.digits(2, 1, 31);
  if (form.has_failed() || day > days_in_month(year, month)) return std::nullopt;
  const std::int64_t date_ms = days_since_1970({.year = year, .month = month, .day = day}) * kDayMs;
  if (form.is_at_end()) return date_ms;
  form.sign("Tt ");
  const std::int64_t hour = form.digits(2, 0, 23);
  form.sign(":");
  const std::int64_t minute = form.digits(2, 0, 59);
  form.sign(":");
  const std::int64_t second = form.digits(2, 0, 60);
  const std::int64_t fraction = form.take(".") ? fraction_ms(form) : 0;
  const std::int64_t minute_ms = date_ms + (hour * 60 + minute - offset_minutes(form)) * kMinuteMs;
  if (form.has_failed() || !form.is_at_end()) return std::nullopt;
  const bool ends_day = (minute_ms - kFirstMs) % kDayMs == kDayMs - kMinuteMs;
  if (second == 60 && !ends_day) return std::nullopt;
  return in_range(minute_ms + second * 1000 + fraction);
}

std::optional<std::int64_t> to_time_ms(const JsonToken& token, TimeUnit unit) {
  if (token.kind == JsonKind::number) return number_to_time_ms(token.text, unit);
  if (token.kind != JsonKind::string) return std::nullopt;
  if (is_json_number(token.text)) return number_to_time_ms(token.text, unit);
  if (unit != TimeUnit::automatic && unit != TimeUnit::text) return std::nullopt;
  return text_to_time_ms(token.text);
}

}  // namespace tocsin
