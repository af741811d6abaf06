// All detectors of one partition: where their blocks are, what they say, what they learn.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/detector.h"
#include "pipeline/scoring/combination.h"
#include "pipeline/scoring/counters.h"
#include "pipeline/scoring/model_refits.h"
#include "pipeline/scoring/stream_plan.h"
#include "pipeline/state/slot_table.h"

namespace tocsin {

/// One event, as detectors see it.
struct SightedEvent {
  Point point;    ///< All features, transformed.
  State payload;  ///< The entity's.
  const Batch* batch = nullptr;
  std::size_t row = 0;
  std::uint64_t sequence = 0;  ///< Of the record in its partition.
  bool calibrates = true;      ///< Its scores teach the calibrations.
};

/// What all detectors together say of an event.
struct Verdict {
  bool has_p = false;  ///< Some detector is past its warm-up, and so is the calibration.
  double p = 1;
  double score = 0;        ///< -log10 p
  double confidence = 0;   ///< 0..1
  std::size_t leader = 0;  ///< The detector with the largest surprise.
  double surprise = 0;     ///< Of those who judge by this event alone, as far as they say anything.
  double excess = 0;       ///< News as theory has it, whatever others' news were.
  double news = 0;         ///< The largest of any detector; also while p is warming up.
  std::size_t herald = 0;  ///< The detector whose news it is.
};

/// `judge` and then `learn` for each event, in order.
///
/// Threads: one.
class Ensemble {
 public:
  /// `shared` is the partition's shared block. All arguments outlive this.
  Ensemble(const StreamPlan::Inside& plan, State shared, RefitRunner& refits);

  /// Makes new blocks of scope `stream`.
  void start();
  /// Makes a new entity's payload, which is zero, one that has seen nothing.
  void start_entity(State payload) const;

  void count_into(StreamCounters& counters) { counters_ = &counters; }
  /// Times this event's detectors, if not null.
  void time_with(Stopwatch stopwatch) { stopwatch_ = stopwatch; }

  /// Every detector scores the event; its scores teach the calibrations, if it does. What the
  /// limits of the features rule out is in what they learn, and not in the verdict.
  Verdict judge(const SightedEvent& event);
  /// The event just judged teaches: an entity's own detectors with `weight`, shared ones in full,
  /// those who count events at least as an anomaly would.
  void learn(double weight);

  // Of the event just judged, before it is learned:
  std::span<const Opinion> opinions() const { return opinions_; }
  /// Writes the leader's shares; [dimensions] of the stream.
  void explain(std::size_t leader, std::span<double> shares);
  /// What was forecast of a column of the point; where nothing was, what a detector expected.
  std::optional<Expectation> expectation(const Point& point, std::size_t column) const;
  /// What the first detector that can tell expected of a column.
  std::optional<Expectation> expectation(std::size_t column) const;

  std::size_t models() const;  ///< Blocks of scope `stream` and `group`.
  std::size_t group_bytes() const;
  /// The models of groups, a table for each detector of that scope.
  std::span<const std::unique_ptr<SlotTable>> groups() const { return groups_; }

 private:
  /// One detector's part in the event at hand.
  struct Part {
    State block;  // Empty: takes no part.
    Point point;
    Point judged;  // Of the point, what is judged at present.
  };
  /// Judging remembers what it has seen; a rehearsal does not.
  enum class Pass : std::uint8_t { rehearsal, real };

  State block_of(std::size_t index, const SightedEvent& event);
  State group_block(std::size_t index, const SightedEvent& event);
  void settle(std::size_t index, std::size_t model, State block);
  void settle_own(const Detector& detector, State block);
  template <class Work>
  void timed(std::size_t index, Work work);
  void seat(std::size_t index, const SightedEvent& event);
  Point narrowed(std::size_t index, const Point& point);
  std::uint64_t narrowed(std::size_t index, std::uint64_t columns) const;
  std::uint64_t admitted(const SightedEvent& event) const;
  Verdict judge_columns(const SightedEvent& event, std::uint64_t columns, Pass pass);
  void judge_one(std::size_t index, const SightedEvent& event, Pass pass);
  Verdict verdict(const SightedEvent& event, Pass pass);
  double rarity_of(double news, std::uint32_t events, bool learns);
  Verdict combined(const SightedEvent& event, Verdict verdict, Pass pass);

  const StreamPlan::Inside& plan_;
  State shared_;
  StreamCounters* counters_ = nullptr;
  Stopwatch stopwatch_ = nullptr;
  std::vector<ModelRefits> refits_;                 // [detectors]
  std::vector<std::unique_ptr<SlotTable>> groups_;  // [group tables]
  std::vector<Opinion> opinions_;                   // [detectors]
  std::vector<Opinion> rehearsed_;                  // [detectors]
  std::vector<Part> parts_;                         // [detectors]
  std::vector<std::vector<double>> narrowed_;       // [detectors][its features]
  std::vector<std::vector<Forecast>> foreseen_;     // [detectors][its features]
  std::vector<double> narrow_shares_;               // [dimensions]
  std::vector<std::uint64_t> nanoseconds_;          // [detectors] of the event at hand
};

}  // namespace tocsin
