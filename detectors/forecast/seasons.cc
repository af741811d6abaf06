#include "detectors/forecast/seasons.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

#include "detectors/floor_divide.h"

namespace tocsin {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kDayBinMs = kDayMs / static_cast<std::int64_t>(Seasons::kDayBins);
constexpr std::size_t kBinsAnHour = Seasons::kDayBins / Seasons::kHours;
/// A bin forgets: the newest visit weighs at least one in so many.
constexpr double kMemoryVisits = 8;
constexpr unsigned kCountMost = 15;
/// A visit moves a bin by no more scales than that.
constexpr double kClip = 6;
constexpr float kLargestOffset = 1e30F;

float widened(std::uint16_t half) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16U);
}

/// To nearest, ties to even. Needs a finite number below 1e38.
std::uint16_t halved(double number) {
  const float narrow = std::clamp(static_cast<float>(std::clamp(number, -1e30, 1e30)),
                                  -kLargestOffset, kLargestOffset);
  const auto bits = std::bit_cast<std::uint32_t>(narrow);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16U & 1U)) >> 16U);
}

unsigned count_of(std::span<const std::uint8_t> counts, std::size_t bin) {
  return counts[bin / 2] >> (bin % 2 * 4) & 0xFU;
}

unsigned count_up(std::span<std::uint8_t> counts, std::size_t bin) {
  const unsigned count = std::min(count_of(counts, bin) + 1, kCountMost);
  const unsigned shift = bin % 2 * 4;
  counts[bin / 2] =
      static_cast<std::uint8_t>((counts[bin / 2] & (0xF0U >> shift)) | count << shift);
  return count;
}

/// Where between the middles of two bins a moment lies.
struct Between {
  std::size_t own, other;
  double share;  // of the other
};

Between between(double position, std::size_t bins) {
  const auto own = std::min(static_cast<std::size_t>(position), bins - 1);
  const double beyond = position - static_cast<double>(own) - .5;
  const std::size_t other = beyond < 0 ? (own + bins - 1) % bins : (own + 1) % bins;
  return {own, other, std::fabs(beyond)};
}

std::int64_t ms_of_day(const Moment& moment) { return floor_modulo(moment.local_ms, kDayMs); }

double mixed(double own, double other, double share) { return own + share * (other - own); }

/// What a day's profile says of a whole hour.
double mean_of_hour(const Seasons& seasons, std::size_t hour) {
  double sum = 0;
  double count = 0;
  for (std::size_t bin = hour * kBinsAnHour; bin < (hour + 1) * kBinsAnHour; ++bin) {
    if (count_of(seasons.day_visits, bin) == 0) continue;
    sum += static_cast<double>(widened(seasons.day[bin]));
    count += 1;
  }
  return count > 0 ? sum / count : 0;
}

/// The mean of an hour over the days of its kind.
struct HourMean {
  double mean = 0;
  unsigned visits = 0;
};
HourMean over_days(const Seasons& seasons, std::size_t hour, bool is_weekend) {
  HourMean found;
  double sum = 0;
  double weight = 0;
  for (std::size_t day = is_weekend ? 5 : 0; day < (is_weekend ? 7U : 5U); ++day) {
    const std::size_t bin = day * Seasons::kHours + hour;
    const unsigned visits = count_of(seasons.week_visits, bin);
    if (visits == 0) continue;
    const double share = std::min<double>(visits, 4);
    sum += share * static_cast<double>(widened(seasons.week[bin]));
    weight += share;
    found.visits += visits;
  }
  if (weight > 0) found.mean = sum / weight;
  return found;
}

/// Learns a visit that has ended.
void end_visit(std::span<std::uint16_t> bins, std::span<std::uint8_t> counts,
               const Seasons::Visit& visit, double most) {
  const auto bin = static_cast<std::size_t>(visit.bin);
  const unsigned count = count_up(counts, bin);
  const auto before = static_cast<double>(widened(bins[bin]));
  const double mean = static_cast<double>(visit.sum) / static_cast<double>(visit.weight);
  const double rate = std::max(1.0 / count, 1 / kMemoryVisits) *
                      std::min(1.0, static_cast<double>(visit.weight) * 2);
  double change = mean - before;
  if (count > 2) change = std::clamp(change, -most, most);
  bins[bin] = halved(before + rate * change);
}

void end_hour(Seasons& seasons) {
  const Seasons::Visit& visit = seasons.week_visit;
  std::uint16_t& kept = seasons.size[static_cast<std::size_t>(visit.bin) % Seasons::kHours];
  const double mean = static_cast<double>(seasons.size_sum) / static_cast<double>(visit.weight);
  if (kept == 0) {
    kept = halved(std::clamp((1 + mean) / 2, .05, 20.0));
    return;
  }
  const auto before = static_cast<double>(widened(kept));
  const double rate = .12 * std::min(1.0, static_cast<double>(visit.weight));
  kept = halved(std::clamp(before + rate * (std::min(mean, 4 * before) - before), .05, 20.0));
}

void begin_visit(Seasons::Visit& visit, std::int64_t slot, std::size_t bin) {
  visit = {.slot = static_cast<std::int32_t>(slot),
           .bin = static_cast<std::int32_t>(bin),
           .weight = 0,
           .sum = 0};
}

void join_visit(Seasons::Visit& visit, double offset, double weight) {
  visit.sum += static_cast<float>(weight * offset);
  visit.weight += static_cast<float>(weight);
}

}  // namespace

Moment Moment::utc(std::int64_t time_ms) {
  const std::int64_t day = floor_divide(time_ms, kDayMs);
  const std::int64_t weekday = floor_modulo(day + 3, 7);  // 1970 began on a Thursday
  return {.time_ms = time_ms, .local_ms = time_ms, .weekday = static_cast<int>(weekday)};
}

SeasonalOffsets seasonal_offsets(const Seasons& seasons, const Moment& moment) {
  using Season = SeasonalOffsets::Season;
  SeasonalOffsets found;
  const auto now = static_cast<double>(ms_of_day(moment));
  const Between bin = between(now / static_cast<double>(kDayBinMs), Seasons::kDayBins);
  const unsigned visits = count_of(seasons.day_visits, bin.own);
  const double hour_now = now / static_cast<double>(kHourMs);
  const Between hour = between(hour_now, Seasons::kHours);
  if (const std::uint16_t size = seasons.size[hour.own]; size != 0) {
    found.size = static_cast<double>(widened(size));
    if (const std::uint16_t other = seasons.size[hour.other]; other != 0) {
      found.size = mixed(found.size, static_cast<double>(widened(other)), hour.share);
    }
  }
  if (visits < 2) return found;

  double day = static_cast<double>(widened(seasons.day[bin.own]));
  if (count_of(seasons.day_visits, bin.other) > 0) {
    day = mixed(day, static_cast<double>(widened(seasons.day[bin.other])), bin.share);
  }
  found.is_known[Season::day] = true;
  found.offset[Season::day] = day * seasons.unit;

  const double fine =
      day - mixed(mean_of_hour(seasons, hour.own), mean_of_hour(seasons, hour.other), hour.share);
  const bool is_weekend = moment.weekday >= 5;
  if (const HourMean own = over_days(seasons, hour.own, is_weekend); own.visits >= 2) {
    const HourMean other = over_days(seasons, hour.other, is_weekend);
    found.is_known[Season::day_by_weekend] = true;
    found.offset[Season::day_by_weekend] =
        (other.visits > 0 ? mixed(own.mean, other.mean, hour.share) + fine : own.mean) *
        seasons.unit;
  }
  const Between week =
      between(static_cast<double>(moment.weekday) * static_cast<double>(Seasons::kHours) + hour_now,
              Seasons::kWeekBins);
  if (count_of(seasons.week_visits, week.own) < 3) return found;
  const auto own = static_cast<double>(widened(seasons.week[week.own]));
  const bool is_between = count_of(seasons.week_visits, week.other) > 0;
  found.is_known[Season::week] = true;
  found.offset[Season::week] =
      (is_between
           ? mixed(own, static_cast<double>(widened(seasons.week[week.other])), week.share) + fine
           : own) *
      seasons.unit;
  return found;
}

void learn_season(Seasons& seasons, const Moment& moment, const SeasonalEvent& event) {
  const double most = kClip * event.scale / seasons.unit;
  const std::int64_t day_slot = floor_divide(moment.local_ms, kDayBinMs);
  const std::int64_t hour_slot = floor_divide(moment.local_ms, kHourMs);
  Seasons::Visit& day = seasons.day_visit;
  Seasons::Visit& week = seasons.week_visit;
  if (day.slot != static_cast<std::int32_t>(day_slot) || !(day.weight > 0)) {
    if (day.weight > 0) end_visit(seasons.day, seasons.day_visits, day, most);
    begin_visit(day, day_slot, static_cast<std::size_t>(ms_of_day(moment) / kDayBinMs));
  }
  if (week.slot != static_cast<std::int32_t>(hour_slot) || !(week.weight > 0)) {
    if (week.weight > 0) {
      end_visit(seasons.week, seasons.week_visits, week, most);
      end_hour(seasons);
    }
    const auto hour = static_cast<std::size_t>(ms_of_day(moment) / kHourMs);
    begin_visit(week, hour_slot, static_cast<std::size_t>(moment.weekday) * Seasons::kHours + hour);
    seasons.size_sum = 0;
  }
  const double offset = std::clamp(event.offset / seasons.unit, -1e30, 1e30);
  join_visit(day, offset, event.weight);
  join_visit(week, offset, event.weight);
  seasons.size_sum += static_cast<float>(event.weight * std::min(event.size, 1e6));
}

}  // namespace tocsin
