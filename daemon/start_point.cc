#include "daemon/start_point.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>

#include "pipeline/input/event_time.h"
#include "pipeline/output/timestamp.h"

namespace tocsin {
namespace {

std::optional<std::int64_t> milliseconds_in(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

template <class T>
FirstStart unanswered(const Asked<T>& asked) {
  return {
      .verdict = asked.is_forbidden ? FirstStart::Verdict::refused : FirstStart::Verdict::try_again,
      .reason = asked.reason,
      .offsets = {}};
}

}  // namespace

Result<StartPoint> parse_start_point(std::string_view text) {
  if (text == "earliest") return StartPoint{.kind = StartPoint::Kind::earliest};
  if (text == "latest") return StartPoint{.kind = StartPoint::Kind::latest};
  const auto number = milliseconds_in(text);
  const auto time_ms = number ? number : text_to_time_ms(text);
  if (time_ms && *time_ms >= 0 && *time_ms <= kTimestampMaxMs)
    return StartPoint{.kind = StartPoint::Kind::time, .time_ms = *time_ms};
  return Error{"`" + std::string(text) +
               "` is neither earliest nor latest, nor a time since 1970 such as "
               "2026-11-21T08:30:00Z or 1795249800000 (milliseconds)"};
}

std::string text_of(const StartPoint& point) {
  if (point.kind == StartPoint::Kind::earliest) return "earliest";
  if (point.kind == StartPoint::Kind::latest) return "latest";
  std::string text(kTimestampLength, ' ');
  write_timestamp(text.data(), point.time_ms);
  return text;
}

std::vector<TopicPartition> partitions_of(const ClusterView& cluster) {
  std::vector<TopicPartition> partitions;
  for (const TopicView& topic : cluster.topics) {
    for (std::int32_t p = 0; p < topic.partitions; ++p) partitions.push_back({topic.name, p});
  }
  return partitions;
}

FirstStart find_first_start(const KafkaSettings& settings, KafkaAdmin& admin, KafkaGroup& group,
                            const StartPoint& point, std::chrono::milliseconds patience) {
  const auto cluster = admin.look(settings.topics, patience);
  if (!cluster) {
    return {.verdict = FirstStart::Verdict::try_again,
            .reason = cluster.error().message,
            .offsets = {}};
  }
  const std::vector<TopicPartition> partitions = partitions_of(*cluster);
  const auto committed = group.committed(partitions, patience);
  if (!committed.answer) return unanswered(committed);
  for (std::size_t p = 0; p < partitions.size(); ++p) {
    const auto& offset = (*committed.answer)[p];
    if (!offset) continue;
    return {.verdict = FirstStart::Verdict::refused,
            .reason = fmt::format(
                "--from is for a group that has committed nothing, but {} has come to offset {} of "
                "{}/{}; `tocsin state reset --from` sets it elsewhere while nobody is in it",
                settings.app, offset->offset, partitions[p].topic, partitions[p].partition),
            .offsets = {}};
  }
  const auto offsets = group.offsets_at(partitions, point, patience);
  if (!offsets.answer) return unanswered(offsets);
  FirstStart start;
  for (std::size_t p = 0; p < partitions.size(); ++p)
    start.offsets[{partitions[p].topic, partitions[p].partition}] = (*offsets.answer)[p];
  return start;
}

}  // namespace tocsin
