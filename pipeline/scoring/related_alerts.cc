#include "pipeline/scoring/related_alerts.h"

#include <algorithm>

namespace tocsin {

namespace {

std::int64_t minute_of(std::int64_t time_ms) {
  constexpr std::int64_t kMinuteMs = 60'000;
  return time_ms >= 0 ? time_ms / kMinuteMs : -((-time_ms + kMinuteMs - 1) / kMinuteMs);
}

std::string_view entity_of(const RelatedAlerts::Entry& entry) {
  return {entry.entity.data(), entry.length};
}

}  // namespace

RelatedAlerts::Found RelatedAlerts::others(std::string_view entity, std::int64_t time_ms) const {
  Found found;
  const std::int64_t minute = minute_of(time_ms);
  for (std::size_t back = 1; back <= kRemembered && found.count < kRelatedMax; ++back) {
    const Entry& entry = block_.entries[(block_.next + kRemembered - back) % kRemembered];
    if (entry.is_used == 0 || entry.minute != minute || entity_of(entry) == entity) continue;
    found.entities[found.count++] = entity_of(entry);
  }
  return found;
}

void RelatedAlerts::note(std::string_view entity, std::int64_t time_ms) {
  const std::int64_t minute = minute_of(time_ms);
  if (knows(entity, minute)) return;
  Entry& entry = block_.entries[block_.next % kRemembered];
  entry = {.minute = minute, .length = 0, .is_used = 1, .entity = {}};
  entry.length = static_cast<std::uint32_t>(std::min(entity.size(), entry.entity.size()));
  entity.copy(entry.entity.data(), entry.length);
  block_.next = (block_.next + 1) % kRemembered;
}

bool RelatedAlerts::knows(std::string_view entity, std::int64_t minute) const {
  return std::any_of(block_.entries.begin(), block_.entries.end(), [&](const Entry& entry) {
    return entry.is_used != 0 && entry.minute == minute && entity_of(entry) == entity;
  });
}

}  // namespace tocsin
