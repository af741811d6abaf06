#include "pipeline/input/time_guard.h"

#include <algorithm>

namespace tocsin {

namespace {

constexpr std::int64_t kYear2100Ms = 4'102'444'800'000;
constexpr std::int64_t kShortJumpMs = 400LL * 86'400'000;
constexpr std::int64_t kStepsAllowed = 8;

void append_optional(std::string& out, const std::optional<std::int64_t>& value) {
  append_number(out, value ? 1 : 0);
  append_number(out, static_cast<std::uint64_t>(value.value_or(0)));
}

bool take_optional(FlatBytes& bytes, std::optional<std::int64_t>& value) {
  const std::optional<std::uint64_t> has_value = bytes.number();
  const std::optional<std::uint64_t> number = bytes.number();
  if (!number) return false;
  value.reset();
  if (*has_value != 0) value = static_cast<std::int64_t>(*number);
  return true;
}

}  // namespace

bool TimeGuard::admit(std::int64_t time_ms, std::int64_t record_timestamp_ms) {
  if (record_timestamp_ms >= 0) {
    reference_ms_ = record_timestamp_ms;
    return time_ms - record_timestamp_ms <= far_future_ms_;
  }
  reference_ms_ = latest_ms_;
  const bool is_near =
      latest_ms_ ? time_ms - *latest_ms_ <= std::max(far_future_ms_, kStepsAllowed * step_max_ms_)
                 : time_ms < kYear2100Ms;
  if (is_near) {
    accept(time_ms, latest_ms_ ? time_ms - *latest_ms_ : 0);
    return true;
  }
  if (refused_ms_ && confirms(time_ms)) {
    accept(time_ms, time_ms - *refused_ms_);
    return true;
  }
  refused_ms_ = time_ms;
  return false;
}

bool TimeGuard::confirms(std::int64_t time_ms) const {
  const std::int64_t behind = time_ms - *refused_ms_;
  if (behind <= far_future_ms_) return -behind <= far_future_ms_;
  const std::int64_t jump = latest_ms_ ? *refused_ms_ - *latest_ms_ : kShortJumpMs;
  return jump < kShortJumpMs && behind <= 2 * jump;
}

void TimeGuard::accept(std::int64_t time_ms, std::int64_t step_ms) {
  latest_ms_ = std::max(latest_ms_.value_or(time_ms), time_ms);
  step_max_ms_ = std::max(step_max_ms_, step_ms);
  refused_ms_.reset();
}

void TimeGuard::save(std::string& out) const {
  append_optional(out, latest_ms_);
  append_optional(out, refused_ms_);
  append_number(out, static_cast<std::uint64_t>(step_max_ms_));
}

bool TimeGuard::restore(FlatBytes& bytes) {
  if (!take_optional(bytes, latest_ms_) || !take_optional(bytes, refused_ms_)) return false;
  const std::optional<std::uint64_t> step = bytes.number();
  if (step) step_max_ms_ = static_cast<std::int64_t>(*step);
  return step.has_value();
}

}  // namespace tocsin
