#include "pipeline/scoring/alert_desk.h"

#include "pipeline/scoring/block_view.h"
#include "pipeline/scoring/combination.h"

namespace tocsin {

AlertDesk::AlertDesk(const StreamPlan::Inside& plan, State shared, SlotTable& entities,
                     EventDetails& details)
    : plan_(plan),
      shared_(shared),
      entities_(entities),
      details_(details),
      incidents_(shared.subspan(plan.incidents_offset)),
      related_(view<RelatedAlerts::Block>(shared, plan.related_offset)) {}

void AlertDesk::evicting(std::string_view key, ConstState payload) {
  const auto& entity = view<EntityBlock>(payload);
  if (entity.is_warm != 0) --view<PartitionHeader>(shared_).entities_warm;
  if (entity.incident.parked != 0) incidents_.close(entity.incident.parked);
  if (entity.incident.number == 0) return;
  if (departed_count_ == departed_.size()) departed_.emplace_back();
  Departed& departed = departed_[departed_count_++];
  departed.incident = incidents_.close(entity.incident.number);
  departed.entity.assign(key);
}

void AlertDesk::follow_up(const Occasion& occasion) {
  using Step = LearningPolicy::Step;
  ordinal_ = 0;
  if (departed_count_ != 0) close_departed(occasion);
  close_quiet(occasion);
  forget_outdated(occasion.clock_ms);
  if (occasion.event.warming_up) return;
  if (occasion.step == Step::known) return add_normal(occasion);
  // What has opened an incident may be rarer than what keeps it open.
  const bool goes_on =
      entity_block(occasion.slot).incident.number != 0 &&
      (occasion.event.p_value <= Incidents::kGoesOn || occasion.step != Step::none);
  if (occasion.event.is_alarm() || goes_on) return add_anomaly(occasion);
  add_normal(occasion);
}

void AlertDesk::close_departed(const Occasion& occasion) {
  for (std::size_t i = 0; i < departed_count_; ++i) {
    tell(occasion, AlertState::close, departed_[i].incident, departed_[i].entity,
         CloseReason::evicted);
  }
  departed_count_ = 0;
}

void AlertDesk::close_quiet(const Occasion& occasion) {
  while (const std::uint16_t number =
             incidents_.quiet(occasion.clock_ms, occasion.known_since_ms)) {
    forget(entity_block(incidents_.incident(number).slot));
    close(occasion, number, CloseReason::quiet);
  }
}

/// What was parked for too long.
void AlertDesk::forget_outdated(std::int64_t clock_ms) {
  while (const std::uint16_t number = incidents_.outdated(clock_ms)) forget_parked(number);
}

void AlertDesk::forget_parked(std::uint16_t number) {
  entity_block(incidents_.incident(number).slot).incident.parked = 0;
  incidents_.close(number);
}

void AlertDesk::add_normal(const Occasion& occasion) {
  EntityBlock& entity = entity_block(occasion.slot);
  if (!Incidents::calms(entity.incident)) return;
  close(occasion, entity.incident.number, CloseReason::recovered);
  forget(entity);
}

void AlertDesk::add_anomaly(const Occasion& occasion) {
  Incidents::Mark& mark = entity_block(occasion.slot).incident;
  const bool is_adopted = occasion.step == LearningPolicy::Step::adopted;
  const double strength = std::max(occasion.event.score, occasion.event.alert_score);
  const Incidents::Anomaly anomaly{
      .offset = occasion.event.source.offset,
      .time_ms = occasion.event.time_ms,
      .score = strength,
      .severity = std::max(severity_of(strength, occasion.event.alarm_score), Severity::info),
      .slot = occasion.slot};
  if (mark.number == 0) {
    if (!is_adopted && occasion.event.alert_score >= occasion.event.alarm_score)
      begin(occasion, anomaly);
    return;
  }
  const bool is_worst = incidents_.is_worst(mark, anomaly.score) && occasion.event.has_details;
  const bool is_reported = incidents_.add(mark, anomaly, occasion.clock_ms);
  if (is_worst) incidents_.set_lead(mark, details_.lead(occasion.leader));
  if (is_reported) {
    tell(occasion, AlertState::update, incidents_.incident(mark.number), occasion.event.entity);
  }
  if (is_adopted) close(occasion, mark.number, CloseReason::adopted);
}

/// An incident that was adopted goes on; any other opens.
void AlertDesk::begin(const Occasion& occasion, const Incidents::Anomaly& anomaly) {
  Incidents::Mark& mark = entity_block(occasion.slot).incident;
  if (occasion.step != LearningPolicy::Step::returned || mark.parked == 0) {
    open(occasion, anomaly);
    return;
  }
  const bool is_worst = anomaly.score > incidents_.incident(mark.parked).worst_score;
  incidents_.reopen(mark, anomaly, occasion.clock_ms);
  if (is_worst) incidents_.set_lead(mark, details_.lead(occasion.leader));
  tell(occasion, AlertState::update, incidents_.incident(mark.number), occasion.event.entity);
}

void AlertDesk::open(const Occasion& occasion, const Incidents::Anomaly& anomaly) {
  if (incidents_.is_full()) {
    const std::uint16_t parked = incidents_.parked_longest();
    if (parked != 0) {
      forget_parked(parked);
    } else {
      close(occasion, incidents_.quietest(), CloseReason::quiet);
      // It may have been parked.
      if (incidents_.is_full()) forget_parked(incidents_.parked_longest());
    }
  }
  Incidents::Mark& mark = entity_block(occasion.slot).incident;
  incidents_.open(mark, anomaly, details_.lead(occasion.leader), occasion.clock_ms);
  tell(occasion, AlertState::open, incidents_.incident(mark.number), occasion.event.entity);
}

void AlertDesk::close(const Occasion& occasion, std::uint16_t number, CloseReason reason) {
  Incidents::Mark& mark = entity_block(incidents_.incident(number).slot).incident;
  const bool is_kept =
      reason == CloseReason::adopted || incidents_.incident(number).is_adopted != 0;
  if (is_kept && mark.parked != 0) forget_parked(mark.parked);
  const Incidents::Incident incident =
      is_kept ? incidents_.park(mark, occasion.clock_ms) : incidents_.close(number);
  mark.number = 0;
  mark.calm = 0;
  tell(occasion, AlertState::close, incident, entities_.key(incident.slot), reason);
}

void AlertDesk::tell(const Occasion& occasion, AlertState state,
                     const Incidents::Incident& incident, std::string_view entity,
                     CloseReason reason) {
  const Incidents::Lead& lead = incident.lead;
  const std::string_view feature =
      lead.feature == Incidents::kUnknown ? "" : details_.name_of(shared_, lead.feature);
  RelatedAlerts::Found related;
  if (state != AlertState::close) related = related_.others(entity, occasion.event.time_ms);
  const Alert alert{
      .state = state,
      .close_reason = reason,
      .ordinal = ordinal_++,
      .entity = entity,
      .incident_offset = incident.opened_offset,
      .opened_ms = incident.opened_ms,
      .closed_ms = state == AlertState::close ? occasion.event.time_ms : 0,
      .worst_offset = incident.worst_offset,
      .count = incident.count,
      .worst_score = incident.worst_score,
      .severity = static_cast<Severity>(incident.severity),
      .kind = kind_of(lead),
      .feature = feature,
      .lead = EventDetails::reading(lead, feature),
      .related = std::span(related.entities).first(related.count),
  };
  counters_->alerts[static_cast<std::size_t>(state)][incident.severity].add();
  if (state == AlertState::open) counters_->incidents_opened[index_of(lead)].add();
  occasion.sink.alert(alert, occasion.event);
  if (state != AlertState::close) related_.note(entity, occasion.event.time_ms);
}

std::string_view AlertDesk::kind_of(const Incidents::Lead& lead) const {
  if (lead.detector == Incidents::kUnknown) return "anomaly";
  const DetectorKind& kind = *plan_.detectors[lead.detector].kind;
  return lead.is_below != 0 ? kind.kind_below : kind.kind_above;
}

std::size_t AlertDesk::index_of(const Incidents::Lead& lead) const {
  if (lead.detector == Incidents::kUnknown) return 2 * plan_.detectors.size();
  return 2 * std::size_t{lead.detector} + (lead.is_below != 0 ? 1 : 0);
}

/// What comes after the incident is news again.
void AlertDesk::forget(EntityBlock& entity) {
  AlertMemory::clear(entity.memory);
  entity.evidence = 0;
}

EntityBlock& AlertDesk::entity_block(SlotIndex slot) {
  return view<EntityBlock>(entities_.write(slot));
}

}  // namespace tocsin
