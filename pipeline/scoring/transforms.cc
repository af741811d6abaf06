#include "pipeline/scoring/transforms.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "detectors/elementary.h"

namespace tocsin {

namespace {

/// What `diff` and `rate` remember; `diff` has no time.
struct LastValue {
  std::uint64_t is_known;
  double value;
  std::int64_t time_ms;
};
constexpr std::size_t kDiffBytes = offsetof(LastValue, time_ms);
constexpr std::size_t kRateBytes = sizeof(LastValue);

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

double hour_of(std::int64_t time_ms) {
  const std::int64_t in_day = ((time_ms % kDayMs) + kDayMs) % kDayMs;
  return static_cast<double>(in_day) / 3.6e6;
}

/// Milliseconds since 1970 of an epoch in s, ms, us or ns: 1e11 is the year 5138 in seconds and
/// 1973 in milliseconds.
std::optional<std::int64_t> milliseconds_of(double epoch) {
  const double size = std::abs(epoch);
  if (!(size < 1e20)) return std::nullopt;
  double ms = epoch;
  if (size < 1e11) {
    ms = epoch * 1e3;
  } else if (size >= 1e17) {
    ms = epoch / 1e6;
  } else if (size >= 1e14) {
    ms = epoch / 1e3;
  }
  return static_cast<std::int64_t>(std::floor(ms));
}

std::optional<double> diff(State memory, double value) {
  std::uint64_t is_known = 0;
  double last = 0;
  std::memcpy(&is_known, memory.data(), sizeof is_known);
  std::memcpy(&last, memory.data() + offsetof(LastValue, value), sizeof last);
  const std::uint64_t known = 1;
  std::memcpy(memory.data(), &known, sizeof known);
  std::memcpy(memory.data() + offsetof(LastValue, value), &value, sizeof value);
  if (is_known == 0) return std::nullopt;
  return value - last;
}

void forget_diff(State memory) { std::memset(memory.data(), 0, kDiffBytes); }

std::optional<double> rate(State memory, double value, std::int64_t time_ms) {
  LastValue last{};
  std::memcpy(&last, memory.data(), sizeof last);
  const bool is_late = last.is_known != 0 && time_ms <= last.time_ms;
  if (!is_late) {
    const LastValue now{.is_known = 1, .value = value, .time_ms = time_ms};
    std::memcpy(memory.data(), &now, sizeof now);
  }
  if (last.is_known == 0 || is_late || value < last.value) return std::nullopt;
  return (value - last.value) / (static_cast<double>(time_ms - last.time_ms) / 1e3);
}

std::optional<double> hour_of_epoch(double value) {
  const std::optional<std::int64_t> ms = milliseconds_of(value);
  if (!ms) return std::nullopt;
  return hour_of(*ms);
}

std::optional<double> step(Transform transform, State memory, double value, std::int64_t time_ms) {
  switch (transform) {
    case Transform::log1p:
      return natural_log1p(value);
    case Transform::diff:
      return diff(memory, value);
    case Transform::rate:
      return rate(memory, value, time_ms);
    case Transform::abs:
      return std::abs(value);
    case Transform::hour_of_day:
      return hour_of_epoch(value);
  }
  return std::nullopt;
}

}  // namespace

Transforms::Transforms(const StreamSettings& settings) {
  chains_.resize(static_cast<std::size_t>(settings.dimensions()));
  for (std::size_t i = 0; i < settings.features.size(); ++i) {
    const FeatureSettings& feature = settings.features[i];
    Chain& chain = chains_[i];
    chain.begin = steps_.size();
    chain.memory.offset = state_bytes_;
    for (const Transform transform : feature.transforms) {
      steps_.push_back({.transform = transform, .memory = state_bytes_});
      if (transform == Transform::diff) state_bytes_ += kDiffBytes;
      if (transform == Transform::rate) state_bytes_ += kRateBytes;
      chain.is_invertible = chain.is_invertible && transform == Transform::log1p;
    }
    chain.end = steps_.size();
    chain.memory.bytes = state_bytes_ - chain.memory.offset;
    chain.reads_event_time = feature.field.empty();
  }
}

std::uint64_t Transforms::apply(State memory, const Event& event, std::span<double> out) const {
  std::uint64_t present = 0;
  for (std::size_t i = 0; i < chains_.size(); ++i) {
    const Chain& chain = chains_[i];
    std::optional<double> value;
    std::size_t next = chain.begin;
    if (chain.reads_event_time && chain.begin < chain.end) {
      value = hour_of(event.time_ms);
      ++next;
    } else if ((event.present >> i & 1U) != 0) {
      value = event.values[i];
    }
    for (; value && next < chain.end; ++next) {
      const Step& now = steps_[next];
      value = step(now.transform, memory.subspan(now.memory), *value, event.time_ms);
      if (value && !std::isfinite(*value)) value.reset();
    }
    out[i] = value.value_or(0);
    if (value) present |= 1ULL << i;
  }
  return present;
}

void Transforms::interrupt(State memory) const {
  for (const Step& step : steps_) {
    if (step.transform == Transform::diff) forget_diff(memory.subspan(step.memory));
  }
}

double Transforms::shown(std::size_t feature, double transformed) const {
  const Chain& chain = chains_[feature];
  if (!chain.is_invertible) return transformed;
  for (std::size_t i = chain.begin; i < chain.end; ++i) transformed = natural_expm1(transformed);
  return transformed;
}

}  // namespace tocsin
