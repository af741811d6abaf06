#include "detectors/forecast/time_zone.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "detectors/floor_divide.h"
#include "detectors/gregorian_date.h"

namespace tocsin {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
/// Beyond these years there is no summer time: arithmetic stays exact.
constexpr std::int64_t kFarthestSeconds = 1LL << 40;

struct Named {
  std::string_view name, rule;
};
/// Today's rules of the IANA time zone database.
constexpr std::array kNamed{
    Named{"Africa/Johannesburg", "SAST-2"},
    Named{"Africa/Lagos", "WAT-1"},
    Named{"America/Chicago", "CST6CDT,M3.2.0,M11.1.0"},
    Named{"America/Denver", "MST7MDT,M3.2.0,M11.1.0"},
    Named{"America/Los_Angeles", "PST8PDT,M3.2.0,M11.1.0"},
    Named{"America/New_York", "EST5EDT,M3.2.0,M11.1.0"},
    Named{"America/Sao_Paulo", "BRT3"},
    Named{"America/Toronto", "EST5EDT,M3.2.0,M11.1.0"},
    Named{"Asia/Dubai", "GST-4"},
    Named{"Asia/Hong_Kong", "HKT-8"},
    Named{"Asia/Kolkata", "IST-5:30"},
    Named{"Asia/Seoul", "KST-9"},
    Named{"Asia/Shanghai", "CST-8"},
    Named{"Asia/Singapore", "SGT-8"},
    Named{"Asia/Tokyo", "JST-9"},
    Named{"Australia/Sydney", "AEST-10AEDT,M10.1.0,M4.1.0/3"},
    Named{"Europe/Amsterdam", "CET-1CEST,M3.5.0,M10.5.0/3"},
    Named{"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"},
    Named{"Europe/Helsinki", "EET-2EEST,M3.5.0/3,M10.5.0/4"},
    Named{"Europe/Istanbul", "TRT-3"},
    Named{"Europe/London", "GMT0BST,M3.5.0/1,M10.5.0"},
    Named{"Europe/Madrid", "CET-1CEST,M3.5.0,M10.5.0/3"},
    Named{"Europe/Paris", "CET-1CEST,M3.5.0,M10.5.0/3"},
    Named{"Europe/Rome", "CET-1CEST,M3.5.0,M10.5.0/3"},
    Named{"Europe/Stockholm", "CET-1CEST,M3.5.0,M10.5.0/3"},
    Named{"Europe/Vienna", "CET-1CEST,M3.5.0,M10.5.0/3"},
    Named{"Europe/Warsaw", "CET-1CEST,M3.5.0,M10.5.0/3"},
    Named{"Europe/Zurich", "CET-1CEST,M3.5.0,M10.5.0/3"},
};

/// Of a change, in seconds of the local clock since 1970.
std::int64_t local_second(const TimeZone::Change& change, int year) {
  const std::int64_t first = days_since_1970({.year = year, .month = change.month, .day = 1});
  const std::int64_t weekday = floor_modulo(first + 4, 7);  // 0 is Sunday
  std::int64_t day = first + (change.weekday - weekday + 7) % 7 + 7 * (change.week - 1);
  while (day >= first + days_in_month(year, change.month)) day -= 7;
  return day * kDaySeconds + change.second;
}

/// Takes a rule apart from its beginning.
class Rule {
 public:
  explicit Rule(std::string_view text) : rest_(text) {}

  bool is_at_end() const { return rest_.empty(); }
  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<int> number(int most) {
    int value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || value < 0 || value > most) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  /// Three letters or more, or anything in <>.
  bool name() {
    if (take('<')) {
      const std::size_t end = rest_.find('>');
      if (end == std::string_view::npos) return false;
      rest_.remove_prefix(end + 1);
      return true;
    }
    std::size_t length = 0;
    while (length < rest_.size() && is_letter(rest_[length])) ++length;
    rest_.remove_prefix(length);
    return length >= 3;
  }
  /// [+-]hh[:mm[:ss]] in seconds.
  std::optional<int> time() {
    const bool is_negative = take('-');
    if (!is_negative) take('+');
    const auto hours = number(167);
    if (!hours) return std::nullopt;
    int seconds = *hours * 3600;
    for (const int unit : {60, 1}) {
      if (!take(':')) break;
      const auto part = number(59);
      if (!part) return std::nullopt;
      seconds += *part * unit;
    }
    return is_negative ? -seconds : seconds;
  }
  std::optional<TimeZone::Change> change() {
    if (!take(',') || !take('M')) return std::nullopt;
    TimeZone::Change change;
    const auto month = number(12);
    if (!month || *month == 0 || !take('.')) return std::nullopt;
    const auto week = number(5);
    if (!week || *week == 0 || !take('.')) return std::nullopt;
    const auto weekday = number(6);
    if (!weekday) return std::nullopt;
    change = {.month = *month, .week = *week, .weekday = *weekday};
    if (take('/')) {
      const auto second = time();
      if (!second) return std::nullopt;
      change.second = *second;
    }
    return change;
  }

 private:
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  std::string_view rest_;
};

Error not_a_zone(std::string_view text) {
  return Error{"`" + std::string(text) +
               "` is no time zone: write `UTC`, an offset such as `+05:30`, a name such as "
               "`Europe/Berlin`, or a rule of POSIX such as `CET-1CEST,M3.5.0,M10.5.0/3`"};
}

}  // namespace

Result<TimeZone> TimeZone::parse(std::string_view text) {
  TimeZone zone;
  if (text == "UTC" || text == "Z") return zone;
  for (const Named& named : kNamed) {
    if (named.name == text) return parse(named.rule);
  }
  Rule rule(text);
  constexpr int kMostSeconds = 24 * 3600;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    const auto east = rule.time();
    if (!east || !rule.is_at_end() || std::abs(*east) > kMostSeconds) return not_a_zone(text);
    zone.standard_s_ = *east;
    return zone;
  }
  // In POSIX `UTC+2` is west of Greenwich, which hardly anybody who writes it means.
  if (text.starts_with("UTC") || text.starts_with("GMT+") || text.starts_with("GMT-")) {
    return not_a_zone(text);
  }
  if (!rule.name()) return not_a_zone(text);
  const auto west = rule.time();
  if (!west || std::abs(*west) > kMostSeconds) return not_a_zone(text);
  zone.standard_s_ = -*west;
  if (rule.is_at_end()) return zone;
  if (!rule.name()) return not_a_zone(text);
  zone.summer_s_ = zone.standard_s_ + 3600;
  Rule ahead = rule;
  if (!ahead.take(',')) {
    const auto summer_west = rule.time();
    if (!summer_west || std::abs(*summer_west) > kMostSeconds) return not_a_zone(text);
    zone.summer_s_ = -*summer_west;
  }
  const auto begin = rule.change();
  const auto end = begin ? rule.change() : std::nullopt;
  if (!end || !rule.is_at_end()) return not_a_zone(text);
  zone.begin_ = *begin;
  zone.end_ = *end;
  return zone;
}

std::int64_t TimeZone::offset_ms(std::int64_t time_ms) const {
  const std::int64_t standard = static_cast<std::int64_t>(standard_s_) * 1000;
  const std::int64_t now = floor_divide(time_ms, 1000);
  if (begin_.month == 0 || now > kFarthestSeconds || now < -kFarthestSeconds) return standard;
  const int year = date_of(floor_divide(now + standard_s_, kDaySeconds)).year;
  const std::int64_t begin = local_second(begin_, year) - standard_s_;
  const std::int64_t end = local_second(end_, year) - summer_s_;
  // In the south, summer lies around the new year.
  const bool is_summer = begin < end ? now >= begin && now < end : now >= begin || now < end;
  return is_summer ? static_cast<std::int64_t>(summer_s_) * 1000 : standard;
}

Calendar::Calendar(const TimeZone& zone, std::vector<std::int64_t> holidays)
    : zone_(zone), holidays_(std::move(holidays)) {
  std::sort(holidays_.begin(), holidays_.end());
}

Moment Calendar::at(std::int64_t time_ms) const {
  // Far beyond all calendars, hours mean nothing; nothing overflows, either.
  constexpr std::int64_t kFarthestMs = 1LL << 60;
  const std::int64_t near = std::clamp(time_ms, -kFarthestMs, kFarthestMs);
  Moment moment = Moment::utc(near + zone_.offset_ms(near));
  moment.time_ms = near;
  if (!holidays_.empty()) {
    const std::int64_t day = floor_divide(moment.local_ms, kDaySeconds * 1000);
    if (std::binary_search(holidays_.begin(), holidays_.end(), day)) moment.weekday = 6;
  }
  return moment;
}

Result<std::int64_t> parse_day(std::string_view text) {
  const Error error{"`" + std::string(text) + "` is no day: write it as in `2026-12-25`"};
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return error;
  Rule rule(text);
  const auto year = rule.number(9999);
  if (!year || !rule.take('-')) return error;
  const auto month = rule.number(12);
  if (!month || *month == 0 || !rule.take('-')) return error;
  const auto day = rule.number(31);
  if (!day || *day == 0 || !rule.is_at_end()) return error;
  if (*day > days_in_month(*year, *month)) return error;
  return days_since_1970({.year = *year, .month = *month, .day = *day});
}

std::string format_day(std::int64_t day) {
  const GregorianDate date = date_of(day);
  const auto digits = [](int number, std::size_t width) {
    std::string text = std::to_string(number);
    text.insert(0, width > text.size() ? width - text.size() : 0, '0');
    return text;
  };
  return digits(date.year, 4) + '-' + digits(date.month, 2) + '-' + digits(date.day, 2);
}

}  // namespace tocsin
