// What is said of an event's features and detectors, beside its score.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "pipeline/scoring/ensemble.h"
#include "pipeline/scoring/outcome.h"
#include "pipeline/scoring/stream_plan.h"

namespace tocsin {

/// Fills the readings of one event at a time, in memory that is kept.
///
/// A feature is told in the event's own units where its transforms lead back (log1p does); else
/// value and expectation are the transformed ones, so that they can be compared.
class EventDetails {
 public:
  explicit EventDetails(const StreamPlan::Inside& plan);

  struct Event {
    std::span<const double> values;  ///< As in the record. [dimensions]
    std::uint64_t present = 0;
    const Point& point;  ///< Transformed.
    State shared;        ///< The partition's shared block: names of discovered features.
  };
  /// Shares are the leader's; all 0 where there is none.
  void fill(Ensemble& ensemble, const Event& event, std::optional<std::size_t> leader);

  std::span<const FeatureReading> features() const { return features_; }
  std::span<const DetectorReading> detectors() const { return detectors_; }

  /// The column with the largest share of what the leader saw in the event just judged.
  std::size_t leading_column(Ensemble& ensemble, std::size_t leader);
  /// The feature with the largest share of those that have a value, and its reading.
  Incidents::Lead lead(std::size_t leader) const;
  /// The same as a reading, for an alert.
  static FeatureReading reading(const Incidents::Lead& lead, std::string_view name);

  std::string_view name_of(State shared, std::size_t column) const;

 private:
  bool is_shown(State shared, std::size_t column) const;
  /// Whether what is expected is what was forecast; else a detector says.
  enum class ByForecast : std::uint8_t { no, yes };
  static std::optional<Expectation> expectation(const Ensemble& ensemble, const Point& point,
                                                std::size_t column, ByForecast heeds);
  FeatureReading read(const Ensemble& ensemble, const Event& event, std::size_t column,
                      ByForecast heeds) const;

  const StreamPlan::Inside& plan_;
  std::vector<FeatureReading> features_;  // Of columns that have a name
  std::vector<std::size_t> columns_;      // [features_]
  std::vector<DetectorReading> detectors_;
  std::vector<double> shares_;  // [dimensions]
};

}  // namespace tocsin
