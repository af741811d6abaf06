#include "pipeline/scoring/partition.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <optional>
#include <utility>

#include "detectors/elementary.h"
#include "pipeline/scoring/alarms.h"
#include "pipeline/scoring/alert_desk.h"
#include "pipeline/scoring/block_view.h"
#include "pipeline/scoring/combination.h"
#include "pipeline/scoring/event_details.h"
#include "pipeline/scoring/feature_list.h"
#include "pipeline/scoring/forecasts.h"
#include "pipeline/scoring/fraction_sum.h"
#include "pipeline/scoring/lessons.h"
#include "pipeline/scoring/level_counters.h"
#include "pipeline/scoring/partition_restore.h"
#include "pipeline/scoring/partition_state.h"

namespace tocsin {

namespace {

/// Detectors are timed in one event of so many.
constexpr std::uint64_t kTimedEvery = 64;
/// How far the cache is asked ahead: the index line first, the slot a few events later.
constexpr std::size_t kIndexAhead = 16;
constexpr std::size_t kSlotAhead = 8;

}  // namespace

class Partition::Inside {
 public:
  Inside(std::shared_ptr<const StreamPlan> plan, Place place, RefitRunner& refits,
         StreamCounters& counters, Stopwatch stopwatch);

  const Place& place() const { return place_; }
  PartitionState& state() { return state_; }
  const PartitionState& state() const { return state_; }
  StreamCounters& counters() const { return *counters_; }

  void count_into(StreamCounters& counters);
  void handle(const Batch& batch, OutcomeSink& sink);
  void note_gap() { gap().note(state_.header().sequence); }
  Result<void> begin_restore(std::string_view head);
  Result<void> put(const CutChunkView& chunk);
  Result<RestoreReport> finish_restore();

 private:
  /// An event on its way.
  struct Passing {
    const Batch& batch;
    std::size_t index;
    const Row& row;
    OutcomeSink& sink;
    SlotIndex slot = 0;
    State payload{};
    std::span<const double> values{};
    std::uint64_t present = 0;
    Point point{};
  };

  void look_ahead(const Batch& batch, std::size_t index) const;
  void follow_discovery(const Batch& batch, std::size_t index);
  void handle_row(const Batch& batch, std::size_t index, OutcomeSink& sink);
  void handle_event(Passing& passing);
  InputGap gap() const {
    return InputGap(view<InputGap::Block>(state_.shared(), plan_.gap_offset));
  }
  void sight(Passing& passing);
  void foresee(Passing& passing);
  State forecasts_of(const Passing& passing) const;
  void add_details(const Passing& passing, std::size_t leader, ScoredEvent& event);
  void decide(const Passing& passing, const Verdict& verdict, ScoredEvent& event);
  std::optional<std::size_t> leading_column(const Verdict& verdict);
  void count(const ScoredEvent& event, EntityBlock& entity);
  void show_levels();
  Source source_of(const Row& row) const;

  std::shared_ptr<const StreamPlan> plan_holder_;
  const StreamPlan::Inside& plan_;
  Place place_;
  RefitRunner& refits_;
  StreamCounters* counters_;
  Stopwatch stopwatch_;
  PartitionState state_;
  EventDetails details_;
  Alarms alarms_;
  Lessons lessons_;
  AlertDesk desk_;
  LevelCounters levels_;
  std::optional<PartitionRestore> restore_;
  std::vector<double> transformed_;  // [dimensions]
  Forecasts forecasts_;
  FractionSum promised_anomalies_;
  FractionSum promised_incidents_;
  std::uint64_t evictions_ = 0;  // Counted
  std::size_t discovered_ = 0;   // Of the batch's discovered fields, taken over
};

Partition::Inside::Inside(std::shared_ptr<const StreamPlan> plan, Place place, RefitRunner& refits,
                          StreamCounters& counters, Stopwatch stopwatch)
    : plan_holder_(std::move(plan)),
      plan_(plan_holder_->inside()),
      place_(std::move(place)),
      refits_(refits),
      counters_(&counters),
      stopwatch_(stopwatch),
      state_(plan_, refits),
      details_(plan_),
      alarms_(plan_, state_.shared()),
      lessons_(plan_, state_.ensemble(), details_),
      desk_(plan_, state_.shared(), state_.entities(), details_),
      levels_(counters),
      transformed_(plan_.dimensions()),
      forecasts_(plan_.calendar, plan_.dimensions()) {
  count_into(counters);
  show_levels();
}

void Partition::Inside::count_into(StreamCounters& counters) {
  counters_ = &counters;
  levels_.move_to(counters);
  state_.ensemble().count_into(counters);
  desk_.count_into(counters);
}

void Partition::Inside::handle(const Batch& batch, OutcomeSink& sink) {
  discovered_ = 0;
  const std::size_t rows = batch.rows.size();
  for (std::size_t i = 0; i < std::min(rows, kIndexAhead); ++i) {
    state_.entities().prefetch_index(batch.rows[i].entity_hash);
  }
  for (std::size_t i = 0; i < std::min(rows, kSlotAhead); ++i) {
    state_.entities().prefetch_slot(batch.rows[i].entity_hash);
  }
  for (std::size_t i = 0; i < rows; ++i) {
    look_ahead(batch, i);
    handle_row(batch, i, sink);
  }
  show_levels();
}

void Partition::Inside::look_ahead(const Batch& batch, std::size_t index) const {
  const auto hash = [&](std::size_t ahead) { return batch.rows[index + ahead].entity_hash; };
  if (index + kIndexAhead < batch.rows.size()) state_.entities().prefetch_index(hash(kIndexAhead));
  if (index + kSlotAhead < batch.rows.size()) state_.entities().prefetch_slot(hash(kSlotAhead));
}

void Partition::Inside::handle_row(const Batch& batch, std::size_t index, OutcomeSink& sink) {
  const Row& row = batch.rows[index];
  PartitionHeader& header = state_.header();
  ++header.sequence;
  header.next_offset = row.offset + 1;
  if (plan_.settings.discovers_features()) follow_discovery(batch, index);
  switch (row.kind) {
    case RowKind::tombstone:
      counters_->tombstones.add();
      return;
    case RowKind::rejected:
      counters_->rejected[static_cast<std::size_t>(row.reject)].add();
      sink.rejected(source_of(row), batch, index);
      return;
    case RowKind::event:
      break;
  }
  Passing passing{.batch = batch, .index = index, .row = row, .sink = sink};
  handle_event(passing);
}

void Partition::Inside::follow_discovery(const Batch& batch, std::size_t index) {
  FeatureList features(state_.shared().subspan(plan_.features_offset));
  while (discovered_ < batch.discovered.size() && batch.discovered[discovered_].row <= index) {
    const DiscoveredField& field = batch.discovered[discovered_++];
    features.discover(field.column, field.path);
  }
  if (batch.frozen && batch.frozen->row == index) features.freeze(batch.frozen->dropped);
}

void Partition::Inside::handle_event(Passing& passing) {
  PartitionHeader& header = state_.header();
  gap().pass(passing.row.time_ms, header.clock_ms);
  header.clock_ms = std::max(header.clock_ms, passing.row.time_ms);
  const std::string_view entity_name = passing.batch.view(passing.row.entity);
  const SlotTable::Touched touched =
      state_.entities().touch(entity_name, passing.row.entity_hash, header.sequence, desk_);
  passing.slot = touched.slot;
  passing.payload = state_.entities().write(touched.slot);
  if (touched.is_new) {
    state_.ensemble().start_entity(passing.payload);
  } else if (gap().is_since(touched.last_seen)) {
    plan_.interrupt(passing.payload);
  }
  sight(passing);
  foresee(passing);

  Ensemble& ensemble = state_.ensemble();
  ensemble.time_with(header.sequence % kTimedEvery == 0 ? stopwatch_ : nullptr);
  const Verdict verdict = ensemble.judge({.point = passing.point,
                                          .payload = passing.payload,
                                          .batch = &passing.batch,
                                          .row = passing.index,
                                          .sequence = header.sequence,
                                          .calibrates = lessons_.calibrates(passing.payload)});
  ScoredEvent event{.source = source_of(passing.row),
                    .entity = entity_name,
                    .time_ms = passing.row.time_ms,
                    .event = passing.batch.view(passing.row.value),
                    .traceparent = passing.batch.view(passing.row.traceparent)};
  auto& entity = view<EntityBlock>(passing.payload);
  alarms_.skip_to(entity, std::min(gap().known_since_ms(), passing.row.time_ms));
  alarms_.see(passing.slot, entity_name, entity, passing.row.time_ms);
  if (entity.events < std::numeric_limits<std::uint32_t>::max()) ++entity.events;
  decide(passing, verdict, event);
  const bool is_news = verdict.news >= event.alarm_score && verdict.news > event.score;
  const std::size_t leader = is_news ? verdict.herald : verdict.leader;
  LearningPolicy::Decision lesson;
  if (!event.warming_up) lesson = lessons_.decide({passing.payload, passing.point, event, leader});
  event.learning = lesson.learning;
  if (event.is_alarm() || plan_.detail == Detail::full) add_details(passing, leader, event);
  count(event, entity);
  passing.sink.scored(event);
  desk_.follow_up({.event = event,
                   .sink = passing.sink,
                   .slot = passing.slot,
                   .leader = leader,
                   .clock_ms = header.clock_ms,
                   .known_since_ms = gap().known_since_ms(),
                   .step = lesson.step});
  ensemble.learn(lesson.weight);
  if (plan_.has_forecasts) forecasts_.learn(forecasts_of(passing), passing.point, lesson.weight);
}

void Partition::Inside::sight(Passing& passing) {
  passing.values = passing.batch.values_of(passing.index);
  passing.present = passing.row.present;
  if (plan_.settings.discovers_features()) {
    passing.present &= ~FeatureList(state_.shared().subspan(plan_.features_offset)).dropped();
  }
  passing.point = {.values = passing.values,
                   .present = passing.present,
                   .time_ms = passing.row.time_ms,
                   .known_since_ms = gap().known_since_ms()};
  if (plan_.transforms.is_identity()) return;
  const State memory =
      passing.payload.subspan(plan_.transforms_offset, plan_.transforms.state_bytes());
  passing.point.present = plan_.transforms.apply(
      memory,
      {.values = passing.values, .present = passing.present, .time_ms = passing.row.time_ms},
      transformed_);
  passing.point.values = transformed_;
}

void Partition::Inside::foresee(Passing& passing) {
  if (!plan_.has_forecasts) return;
  passing.point.forecasts = forecasts_.predict(forecasts_of(passing), passing.point);
}

State Partition::Inside::forecasts_of(const Passing& passing) const {
  return passing.payload.subspan(plan_.forecasts_offset,
                                 Forecasts::state_bytes(plan_.dimensions()));
}

/// Fills in what the verdict means.
void Partition::Inside::decide(const Passing& passing, const Verdict& verdict, ScoredEvent& event) {
  auto& entity = view<EntityBlock>(passing.payload);
  const Alarms::Level level = alarms_.level(passing.slot, entity, leading_column(verdict));
  event.alarm_score = level.alert_score;
  event.warming_up = !verdict.has_p;
  if (event.warming_up) return;
  event.p_value = verdict.p;
  event.score = verdict.score;
  event.confidence = verdict.confidence;
  event.is_anomaly = verdict.p <= level.probability;
  if (event.is_anomaly) {
    event.severity =
        std::max(severity_of(event.score, -decimal_log(level.probability)), Severity::info);
  }
  promised_anomalies_.add(counters_->promised_anomalies_millionths, level.probability * 1e6);
  promised_incidents_.add(counters_->promised_incidents_millionths, level.accepted * 1e6);
  const Alarms::Strength strength =
      alarms_.weigh(entity, verdict, level, lessons_.calibrates(passing.payload));
  event.ground = strength.ground;
  event.alert_score = AlertMemory::discount(entity.memory, strength.value);
}

/// The feature that stands out; empty where it makes no difference.
std::optional<std::size_t> Partition::Inside::leading_column(const Verdict& verdict) {
  if (!plan_.alarms.has_features() || !verdict.has_p) return std::nullopt;
  const bool is_news = verdict.news > verdict.score;
  return details_.leading_column(state_.ensemble(), is_news ? verdict.herald : verdict.leader);
}

void Partition::Inside::add_details(const Passing& passing, std::size_t leader,
                                    ScoredEvent& event) {
  const EventDetails::Event seen{.values = passing.values,
                                 .present = passing.present,
                                 .point = passing.point,
                                 .shared = state_.shared()};
  details_.fill(state_.ensemble(), seen, event.warming_up ? std::nullopt : std::optional(leader));
  event.features = details_.features();
  event.detectors = details_.detectors();
  event.has_details = true;
}

void Partition::Inside::count(const ScoredEvent& event, EntityBlock& entity) {
  if (event.warming_up) {
    counters_->warming_up.add();
    return;
  }
  counters_->scored.add();
  if (entity.is_warm == 0) {
    entity.is_warm = 1;
    ++state_.header().entities_warm;
  }
  if (event.is_anomaly) counters_->anomalies[static_cast<std::size_t>(event.severity)].add();
}

void Partition::Inside::show_levels() {
  const SlotTable& entities = state_.entities();
  levels_.show({.entities = entities.size(),
                .entities_warm = state_.header().entities_warm,
                .incidents_open = desk_.open_incidents(),
                .models = state_.ensemble().models(),
                .state_bytes = state_.bytes()});
  counters_->evictions.add(entities.evictions() - evictions_);
  evictions_ = entities.evictions();
}

Source Partition::Inside::source_of(const Row& row) const {
  return {.stream = plan_.settings.name,
          .topic = place_.topic,
          .partition = place_.number,
          .offset = row.offset};
}

Result<void> Partition::Inside::begin_restore(std::string_view head) {
  assert(state_.header().sequence == 0);
  return restore_.emplace(plan_, state_).begin(head);
}

Result<void> Partition::Inside::put(const CutChunkView& chunk) {
  assert(restore_);
  return restore_->put(chunk);
}

Result<RestoreReport> Partition::Inside::finish_restore() {
  assert(restore_);
  auto report = restore_->finish();
  restore_.reset();
  if (report) show_levels();
  return report;
}

Partition::Partition(std::shared_ptr<const StreamPlan> plan, Place place, RefitRunner& refits,
                     StreamCounters& counters, Stopwatch stopwatch)
    : inside_(std::make_unique<Inside>(std::move(plan), std::move(place), refits, counters,
                                       stopwatch)) {}
Partition::~Partition() = default;

void Partition::count_into(StreamCounters& counters) { inside_->count_into(counters); }
void Partition::handle(const Batch& batch, OutcomeSink& sink) { inside_->handle(batch, sink); }
void Partition::note_gap() { inside_->note_gap(); }
const Partition::Place& Partition::place() const { return inside_->place(); }
std::uint64_t Partition::sequence() const { return inside_->state().header().sequence; }
std::int64_t Partition::next_offset() const { return inside_->state().header().next_offset; }
std::size_t Partition::state_bytes() const { return inside_->state().bytes(); }
std::size_t Partition::entities() const { return inside_->state().entities().size(); }
void Partition::each_entity(const std::function<void(const EntityView&)>& take) const {
  const SlotTable& entities = inside_->state().entities();
  for (SlotIndex slot = 0; slot < entities.size(); ++slot) {
    const auto& block = view<EntityBlock>(entities.read(slot));
    take({.key = entities.key(slot),
          .last_seen = entities.last_seen(slot),
          .is_warm = block.is_warm != 0,
          .has_incident = block.incident.number != 0});
  }
}
std::string Partition::begin_cut(CutScope scope) { return inside_->state().begin_cut(scope); }
bool Partition::copy_some(std::size_t chunks) { return inside_->state().copy_some(chunks); }
bool Partition::is_cutting() const { return inside_->state().is_cutting(); }
std::vector<CutChunk> Partition::take_copied() { return inside_->state().take_copied(); }
void Partition::save(std::string& out) const { inside_->state().save(out); }
Result<void> Partition::begin_restore(std::string_view head) {
  return inside_->begin_restore(head);
}
Result<void> Partition::put(const CutChunkView& chunk) { return inside_->put(chunk); }
Result<RestoreReport> Partition::finish_restore() { return inside_->finish_restore(); }

}  // namespace tocsin
