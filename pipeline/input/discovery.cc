#include "pipeline/input/discovery.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include "pipeline/input/field_names.h"
#include "pipeline/input/json_number.h"
#include "pipeline/input/json_text.h"

namespace tocsin {

namespace {

constexpr std::size_t kRefusedMax = 1024;
constexpr std::size_t kPathMaxBytes = 1024;
constexpr std::int64_t kExactMax = 1LL << 53;
constexpr double kNearMs = 400.0 * 86'400'000;

/// Whether `value` is a moment near `time_ms` in one of the usual units. Small integers are no
/// moments, though events of 1970 would be near them.
bool is_moment(std::int64_t value, std::int64_t time_ms) {
  constexpr std::array<double, 4> kUnitsMs{1e3, 1.0, 1e-3, 1e-6};
  if (value < 100'000'000) return false;
  return std::ranges::any_of(kUnitsMs, [value, time_ms](double unit_ms) {
    const double apart = static_cast<double>(value) * unit_ms - static_cast<double>(time_ms);
    return apart >= -kNearMs && apart <= kNearMs;
  });
}

/// Whether a number is an id or a time by its value.
bool is_id_or_time(std::string_view text, std::int64_t time_ms) {
  if (!is_written_as_integer(text)) return false;
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc()) return true;
  return value > kExactMax || value < -kExactMax || is_moment(value, time_ms);
}

}  // namespace

void Discovery::begin_document() {
  candidates_.clear();
  new_columns_.clear();
  unknown_here_ = 0;
}

NumberSink::Interest Discovery::number(std::string_view place, std::string_view key,
                                       std::string_view text) {
  if (names_id_or_time(key) || place.size() + key.size() > kPathMaxBytes) return Interest::never;
  path_.assign(place);
  append_pointer_step(path_, key);
  if (is_refused(path_)) return Interest::never;
  if (is_open() && columns_.size() < columns_max_) {
    candidates_.push_back({.path = path_, .text = text});
  } else {
    ++unknown_here_;
  }
  return Interest::again;
}

std::span<const Discovery::NewColumn> Discovery::end_event(ExtractionPlan& plan,
                                                           std::int64_t time_ms) {
  unknown_fields_ += unknown_here_;
  if (!is_open()) return {};
  const bool is_first = events_++ == 0;
  std::ranges::sort(candidates_, {}, &Candidate::path);
  for (const Candidate& candidate : candidates_) {
    if (is_id_or_time(candidate.text, time_ms)) {
      refuse(candidate.path);
    } else if (columns_.size() < columns_max_ && to_double(candidate.text)) {
      new_columns_.push_back(
          {.column = columns_.size(), .token = {.text = candidate.text, .kind = JsonKind::number}});
      columns_.push_back({.path = candidate.path,
                          .slot = plan.want(candidate.path),
                          .is_counter = is_first,
                          .last = 0});
    }
  }
  return new_columns_;
}

void Discovery::observe(std::size_t column, std::optional<double> value, bool is_integer) {
  Column& observed = columns_[column];
  const bool is_first = events_ == 1;
  const bool has_grown = value && is_integer && (is_first || *value > observed.last);
  observed.is_counter = observed.is_counter && has_grown;
  observed.last = value.value_or(observed.last);
}

std::optional<std::uint64_t> Discovery::end_record() {
  if (!is_open() || ++records_ < kRecords) return std::nullopt;
  const auto counters = std::ranges::count_if(columns_, &Column::is_counter);
  if (events_ < kEventsMin || static_cast<std::size_t>(counters) == columns_.size()) return 0;
  std::uint64_t dropped = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    columns_[i].is_dropped = columns_[i].is_counter;
    if (columns_[i].is_dropped) dropped |= 1ULL << i;
  }
  return dropped;
}

bool Discovery::is_refused(std::string_view path) const {
  return std::ranges::binary_search(refused_, path, std::less<>());
}

void Discovery::refuse(const std::string& path) {
  if (refused_.size() == kRefusedMax) return;
  refused_.insert(std::ranges::lower_bound(refused_, path), path);
}

void Discovery::save(std::string& out) const {
  append_number(out, records_);
  append_number(out, events_);
  append_number(out, unknown_fields_);
  append_number(out, columns_.size());
  for (const Column& column : columns_) {
    append_text(out, column.path);
    append_number(out, (column.is_dropped ? 1U : 0U) | (column.is_counter ? 2U : 0U));
    append_number(out, std::bit_cast<std::uint64_t>(column.last));
  }
  append_number(out, refused_.size());
  for (const std::string& path : refused_) append_text(out, path);
}

bool Discovery::restore(FlatBytes& bytes, ExtractionPlan& plan) {
  const std::optional<std::uint64_t> records = bytes.number();
  const std::optional<std::uint64_t> events = bytes.number();
  const std::optional<std::uint64_t> unknown = bytes.number();
  if (!unknown) return false;
  records_ = *records;
  events_ = *events;
  unknown_fields_ = *unknown;
  return restore_columns(bytes, plan) && restore_refused(bytes);
}

bool Discovery::restore_columns(FlatBytes& bytes, ExtractionPlan& plan) {
  const std::optional<std::uint64_t> count = bytes.number();
  if (!count || *count > columns_max_) return false;
  columns_.clear();
  for (std::uint64_t i = 0; i < *count; ++i) {
    const std::optional<std::string_view> path = bytes.text();
    const std::optional<std::uint64_t> flags = bytes.number();
    const std::optional<std::uint64_t> last = bytes.number();
    if (!last) return false;
    columns_.push_back({.path = std::string(*path),
                        .slot = plan.want(*path),
                        .is_dropped = (*flags & 1U) != 0,
                        .is_counter = (*flags & 2U) != 0,
                        .last = std::bit_cast<double>(*last)});
  }
  return true;
}

bool Discovery::restore_refused(FlatBytes& bytes) {
  const std::optional<std::uint64_t> count = bytes.number();
  if (!count || *count > kRefusedMax) return false;
  refused_.clear();
  for (std::uint64_t i = 0; i < *count; ++i) {
    const std::optional<std::string_view> path = bytes.text();
    if (!path) return false;
    refused_.emplace_back(*path);
  }
  return true;
}

}  // namespace tocsin
