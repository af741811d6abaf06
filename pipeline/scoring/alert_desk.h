// From events to alerts: what opens, updates and closes incidents, and how it is told.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/scoring/counters.h"
#include "pipeline/scoring/event_details.h"
#include "pipeline/scoring/incidents.h"
#include "pipeline/scoring/learning_policy.h"
#include "pipeline/scoring/outcome.h"
#include "pipeline/scoring/related_alerts.h"
#include "pipeline/scoring/stream_plan.h"
#include "pipeline/state/slot_table.h"

namespace tocsin {

/// Applies the rules of `Incidents` to one event after another, and writes the alerts.
///
/// The alerts of one event come in this order: entities evicted by it, incidents that its time
/// has made quiet, its own entity.
class AlertDesk final : public EvictionListener {
 public:
  /// `shared` is the partition's shared block. All arguments outlive this.
  AlertDesk(const StreamPlan::Inside& plan, State shared, SlotTable& entities,
            EventDetails& details);

  void count_into(StreamCounters& counters) { counters_ = &counters; }

  /// An entity with an open incident is leaving: that is told with the event at hand.
  void evicting(std::string_view key, ConstState payload) override;

  struct Occasion {
    const ScoredEvent& event;
    OutcomeSink& sink;
    SlotIndex slot = 0;      ///< The entity's.
    std::size_t leader = 0;  ///< Of the detectors; for anomalies.
    std::int64_t clock_ms = 0;
    std::int64_t known_since_ms = 0;  ///< From then on no input is missing.
    LearningPolicy::Step step = LearningPolicy::Step::none;
  };
  /// Tells all that follows from the event, which has been told itself.
  void follow_up(const Occasion& occasion);

  std::size_t open_incidents() const { return incidents_.size(); }

 private:
  struct Departed {
    Incidents::Incident incident{};
    std::string entity;
  };

  void close_departed(const Occasion& occasion);
  void close_quiet(const Occasion& occasion);
  void forget_outdated(std::int64_t clock_ms);
  void forget_parked(std::uint16_t number);
  void add_anomaly(const Occasion& occasion);
  void add_normal(const Occasion& occasion);
  void begin(const Occasion& occasion, const Incidents::Anomaly& anomaly);
  void open(const Occasion& occasion, const Incidents::Anomaly& anomaly);
  void close(const Occasion& occasion, std::uint16_t number, CloseReason reason);
  void tell(const Occasion& occasion, AlertState state, const Incidents::Incident& incident,
            std::string_view entity, CloseReason reason = CloseReason::none);
  std::string_view kind_of(const Incidents::Lead& lead) const;
  std::size_t index_of(const Incidents::Lead& lead) const;  ///< Into `incidents_opened`.
  static void forget(EntityBlock& entity);
  EntityBlock& entity_block(SlotIndex slot);

  const StreamPlan::Inside& plan_;
  State shared_;
  SlotTable& entities_;
  EventDetails& details_;
  StreamCounters* counters_ = nullptr;
  Incidents incidents_;
  RelatedAlerts related_;
  std::vector<Departed> departed_;
  std::size_t departed_count_ = 0;  // Of departed_, whose strings are kept.
  std::uint32_t ordinal_ = 0;       // Of the next alert of the event at hand.
};

}  // namespace tocsin
