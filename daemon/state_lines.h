// What `tocsin state` prints: a line a partition, a record or an entity, as a table or as JSON.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/plans.h"
#include "daemon/state_digest.h"
#include "daemon/state_survey.h"
#include "pipeline/scoring/partition.h"
#include "pipeline/snapshot/partition_mark.h"

namespace tocsin {

/// A partition of `tocsin state list`.
struct StateLine {
  std::string stream;
  SurveyedPartition place;
  std::optional<PartitionMark> mark;
  std::uint64_t records = 0;  ///< In the state topic, committed.
  std::uint64_t bytes = 0;
  std::uint64_t journal = 0;
  std::size_t snapshots = 0;
  std::optional<SnapshotDigest> named;
  std::size_t chunks = 0;
  bool is_same_definition = true;  ///< As the configuration's.
  std::string note;                ///< What is unusual; empty: nothing.
};

StateLine state_line(const StreamPlanRef& plan, const SurveyedPartition& place,
                     const StateDigest& digest);

/// `now_ms` is for ages.
std::string state_lines_table(std::span<const StateLine> lines, std::int64_t now_ms);
/// One object, a line.
std::string state_lines_json(const std::string& app, std::span<const StateLine> lines,
                             std::int64_t now_ms);

// The lines of `tocsin state export`, without an end of line.

std::string partition_line(std::string_view stream, const SurveyedPartition& place,
                           const std::optional<PartitionMark>& mark);
/// With the record's own bytes, so that nothing is lost.
std::string record_line(const SurveyedPartition& place, std::int64_t offset,
                        std::string_view bytes);
std::string entity_line(std::string_view stream, const SurveyedPartition& place,
                        const Partition::EntityView& entity);

/// `45 s`, `12 min`, `3 h`, `9 d`.
std::string age_text(std::int64_t age_ms);

}  // namespace tocsin
