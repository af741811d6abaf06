// What a compiled stream is made of: where every block lies.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "detectors/catalog.h"
#include "detectors/detector.h"
#include "pipeline/scoring/alarm_levels.h"
#include "pipeline/scoring/alert_memory.h"
#include "pipeline/scoring/entity_calibrator.h"
#include "pipeline/scoring/event_rate.h"
#include "pipeline/scoring/feature_limits.h"
#include "pipeline/scoring/feature_scale.h"
#include "pipeline/scoring/forecasts.h"
#include "pipeline/scoring/incidents.h"
#include "pipeline/scoring/input_gap.h"
#include "pipeline/scoring/learning_policy.h"
#include "pipeline/scoring/partition.h"
#include "pipeline/scoring/pooled_calibrator.h"
#include "pipeline/scoring/record_memory.h"
#include "pipeline/scoring/transforms.h"
#include "pipeline/settings.h"

namespace tocsin {

/// The beginning of an entity's payload. Flat; zero bytes are an entity that has seen nothing.
struct EntityBlock {
  AlertMemory::Block memory;
  Incidents::Mark incident;
  std::uint8_t is_warm;  ///< Counted among the warm entities.
  std::uint8_t reserved;
  std::uint32_t events;  ///< Seen, at most the largest number.
  float evidence;        ///< See `Evidence`.
  EventRate::Block rate;
};
static_assert(sizeof(EntityBlock) == 40, "no padding: equal histories are equal bytes");

/// The beginning of a partition's shared block.
struct PartitionHeader {
  std::uint64_t sequence;
  std::int64_t next_offset;
  std::int64_t clock_ms;  ///< The largest event time.
  std::uint64_t entities_warm;
};

/// How often events come in a partition, and what is rare among sums of evidence.
struct AlarmBlock {
  std::uint64_t seen;       ///< Events, ever.
  EventRate::Block events;  ///< On the partition's clock.
  EventRate::Block entity;  ///< Intervals between events of one entity, of all of them.
  PooledCalibrator::Block evidence;
};

/// Of ages, each from so many events on, the one of an entity.
template <std::size_t N>
std::size_t age_of(const std::array<std::uint32_t, N>& from, std::uint32_t events) {
  std::size_t age = N - 1;
  while (events < from[age]) --age;
  return age;
}

/// How the combined statistic of a partition is calibrated.
struct CombinedPools {
  /// Events seen before. Until the last its detectors begin to speak one after the other, and what
  /// they say together is another number.
  static constexpr std::array<std::uint32_t, 3> kFrom{0, 100, 200};
  using ByAge = std::array<PooledCalibrator::Block, kFrom.size()>;
  ByAge statistic;
  /// The entities' own probabilities, calibrated once more, so that the promise holds for all of
  /// an age together.
  ByAge last;
};

/// How rare news are in a partition, by the age of the entity.
struct NewsPools {
  static constexpr std::array<std::uint32_t, 4> kFrom{0, 100, 200, 1000};
  std::array<PooledCalibrator::Block, kFrom.size()> by_age;
};

/// What an entity's payload holds for each detector, beside its block.
struct DetectorMemory {
  EntityCalibrator::Block calibrator;
  RecordMemory::Block records;
};
static_assert(sizeof(DetectorMemory) == 56, "no padding: equal histories are equal bytes");

/// One detector of a stream, built, and where its blocks lie.
struct DetectorPlan {
  const DetectorKind* kind = nullptr;
  std::unique_ptr<Detector> detector;
  Scope scope = Scope::entity;
  bool sees_all_features = true;
  std::vector<std::size_t> features;  ///< Columns; where it does not see all.
  std::size_t block_offset = 0;       ///< In an entity's payload, or in the shared block.
  std::size_t group = 0;              ///< Column of `Batch::groups` and table, for scope `group`.
  std::size_t pool_offset = 0;        ///< Of `calibration_bytes`, in the shared block.
  std::size_t memory_offset = 0;      ///< Of a `DetectorMemory`, in an entity's payload.

  /// Whether its features are made commensurate.
  bool is_scaled() const { return kind->feature_by_feature && detector->dimensions() > 1; }
  /// Of its features' scales, in the shared block: behind its pool.
  std::size_t scales_offset() const { return pool_offset + PooledCalibrator::block_bytes(); }
  std::size_t calibration_bytes() const {
    const auto scales = is_scaled() ? static_cast<std::size_t>(detector->dimensions()) : 0;
    return PooledCalibrator::block_bytes() + scales * sizeof(FeatureScale::Block);
  }

  /// The column of the stream that this detector knows as `dimension`.
  std::size_t column_of(std::size_t dimension) const {
    return sees_all_features ? dimension : features[dimension];
  }
};

struct StreamPlan::Inside {
  /// Models of a detector of scope `group`, per partition; beyond, groups are evicted.
  static constexpr std::size_t kGroupsMax = 16;
  /// Open incidents of a partition; beyond, the quietest is closed.
  static constexpr std::size_t kIncidentsMax = 1024;

  Inside(StreamSettings stream, Detail detail_wanted)
      : settings(std::move(stream)),
        detail(detail_wanted),
        transforms(settings),
        limits(settings),
        alarms(settings) {}

  StreamSettings settings;
  Detail detail;
  Transforms transforms;
  FeatureLimits limits;
  AlarmLevels alarms;
  bool has_forecasts = false;
  Calendar calendar;
  std::vector<DetectorPlan> detectors;

  // An entity's payload: EntityBlock, learning policy, calibrators, transforms, forecasts,
  // detectors.
  std::size_t learning_offset = 0;  ///< Of `LearningPolicy::Block`, beside the `EntityBlock`.
  std::size_t combined_calibrator_offset = 0;
  std::size_t transforms_offset = 0;
  std::size_t forecasts_offset = 0;  ///< Where features are forecast.
  std::size_t payload_bytes = 0;

  // The shared block: PartitionHeader, gap, features, pools, related alerts, incidents, models.
  std::size_t gap_offset = 0;  ///< Of `InputGap::Block`.
  std::size_t features_offset = 0;
  std::size_t alarm_offset = 0;           ///< Of `AlarmBlock`.
  std::size_t news_offset = 0;            ///< Of `NewsPools`.
  std::size_t combined_pools_offset = 0;  ///< Of `CombinedPools`.
  std::size_t related_offset = 0;
  std::size_t incidents_offset = 0;
  std::size_t incidents_max = 0;
  std::size_t shared_bytes = 0;

  struct GroupTable {
    std::size_t payload_bytes = 0;
    std::size_t bytes_max = 0;
    std::size_t models_max = 0;
  };
  std::vector<GroupTable> group_tables;

  std::vector<LedgerRow> entity_ledger;
  std::vector<LedgerRow> partition_ledger;
  std::size_t entity_bytes = 0;
  std::size_t entities_max = 0;
  std::size_t partition_bytes = 0;
  std::string layout;  ///< `StateLayout`, flat.
  std::string definition_hash;
  std::string input_definition_hash;

  /// One detector's probability is calibrated already; several are combined and calibrated anew.
  bool is_combined() const { return detectors.size() > 1; }
  /// Events of an entity may be missing: what counts them in a row, or one against the last, begins
  /// anew.
  void interrupt(State payload) const;
  std::size_t dimensions() const { return static_cast<std::size_t>(settings.dimensions()); }
};

}  // namespace tocsin
