#include "pipeline/scoring/state_transfer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "pipeline/scoring/block_view.h"
#include "pipeline/scoring/incidents.h"

namespace tocsin {

namespace {

using Home = StateBlock::Home;

/// Blocks of one home that go on, and where from.
struct Move {
  std::size_t from, to, bytes;
};
std::vector<Move> moves_within(Home home, const StateChange& change) {
  std::vector<Move> moves;
  for (std::size_t i = 0; i < change.now().blocks.size(); ++i) {
    const StateBlock& now = change.now().blocks[i];
    const StateBlock* before = change.source_of(i);
    if (now.home != home || before == nullptr) continue;
    if (&now == change.now().part(Home::shared, StateLayout::kIncidents)) continue;
    moves.push_back({.from = before->offset, .to = now.offset, .bytes = now.bytes});
  }
  return moves;
}

void move_blocks(ConstState from, State to, const std::vector<Move>& moves) {
  for (const Move& move : moves) {
    std::memcpy(to.data() + move.to, from.data() + move.from, move.bytes);
  }
}

StateChange::Counts counts_before(const SavedHead& head, const StateChange& change, State shared) {
  StateChange::Counts counts{.entities_before = head.entities.slots};
  for (const TableHeader& table : head.groups) counts.groups_before.push_back(table.slots);
  if (change.reads_incidents()) counts.incidents_before = change.incidents_before(shared).size();
  return counts;
}

}  // namespace

StateTransfer::StateTransfer(const SavedHead& head, const StreamPlan::Inside& plan,
                             PartitionState& into)
    : plan_(plan),
      into_(into),
      change_(head.layout, StateLayout::of(plan)),
      shared_before_(head.shared.size()),
      entities_before_(head.entities.payload_bytes, head.entities.bytes_max) {
  std::memcpy(shared_before_.bytes().data(), head.shared.data(), head.shared.size());
  counts_ = counts_before(head, change_, shared_before_.bytes());
}

RestoreReport StateTransfer::foreseen(const SavedHead& head, const StreamPlan::Inside& plan) {
  const StateChange change(head.layout, StateLayout::of(plan));
  const AlignedBlock shared(head.shared.size());
  std::memcpy(shared.bytes().data(), head.shared.data(), head.shared.size());
  StateChange::Counts counts = counts_before(head, change, shared.bytes());
  if (change.keeps_entities()) {
    const SlotTable room(plan.payload_bytes, plan.settings.partition_max_bytes);
    const bool all_fit = room.has_room_for(head.entities.slots, head.entities.cells);
    counts.entities = all_fit ? counts.entities_before
                              : std::min<std::uint64_t>(counts.entities_before, room.capacity());
  }
  if (change.keeps_incidents()) {
    counts.incidents =
        std::min<std::uint64_t>({counts.incidents_before, counts.entities, plan.incidents_max});
  }
  return change.report(counts);
}

RestoreReport StateTransfer::finish() {
  move_shared();
  if (change_.keeps_entities()) move_entities();
  if (change_.keeps_incidents()) carry_incidents();
  return change_.report(counts_);
}

/// The header stays in step with the input whatever else begins anew.
void StateTransfer::move_shared() {
  const PartitionHeader before = view<PartitionHeader>(shared_before_.bytes());
  PartitionHeader& header = into_.header();
  const std::int64_t no_clock = header.clock_ms;
  move_blocks(shared_before_.bytes(), into_.shared(), moves_within(Home::shared, change_));
  header = {
      .sequence = before.sequence,
      .next_offset = before.next_offset,
      .clock_ms = change_.keeps_entities() && change_.keeps_time() ? before.clock_ms : no_clock,
      .entities_warm = 0};
  // Of another time, where that changed.
  if (!change_.keeps_time()) view<InputGap::Block>(into_.shared(), plan_.gap_offset) = {};
}

void StateTransfer::move_entities() {
  SlotTable& now = into_.entities();
  std::vector<std::uint64_t> started(plan_.payload_bytes / sizeof(std::uint64_t));
  const State fresh = std::as_writable_bytes(std::span(started));
  into_.ensemble().start_entity(fresh);
  const std::vector<Move> moves = moves_within(Home::entity, change_);
  const bool stays_warm = change_.keeps_any_detector();

  slot_now_.assign(entities_before_.size(), kGone);
  for (const SlotIndex slot : survivors()) {
    const SlotIndex to = now.add_copy(entities_before_, slot);
    slot_now_[slot] = to;
    const State payload = now.write(to);
    std::copy(fresh.begin(), fresh.end(), payload.begin());
    move_blocks(entities_before_.read(slot), payload, moves);
    auto& entity = view<EntityBlock>(payload);
    entity.incident = {};
    if (!stays_warm) entity.is_warm = 0;
    into_.header().entities_warm += entity.is_warm;
  }
  if (now.size() == entities_before_.size()) now.take_hands_of(entities_before_);
  counts_.entities = now.size();
}

/// In the order of their slots. Where not all fit: those with an open incident, whose end must be
/// told, and then those seen last.
std::vector<SlotIndex> StateTransfer::survivors() const {
  struct Candidate {
    bool has_incident;
    std::uint64_t last_seen;
    SlotIndex slot;
  };
  const bool has_incidents = change_.keeps_incidents();
  std::vector<Candidate> candidates;
  for (SlotIndex slot = 0; slot < entities_before_.size(); ++slot) {
    candidates.push_back({.has_incident = has_incidents && mark_before(slot).number != 0,
                          .last_seen = entities_before_.last_seen(slot),
                          .slot = slot});
  }
  std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
    if (a.has_incident != b.has_incident) return a.has_incident;
    return a.last_seen != b.last_seen ? a.last_seen > b.last_seen : a.slot < b.slot;
  });
  std::vector<SlotIndex> chosen;
  std::size_t long_keys = 0;
  for (const Candidate& candidate : candidates) {
    const std::size_t needed = entities_before_.has_long_key(candidate.slot) ? 1 : 0;
    if (!into_.entities().has_room_for(chosen.size() + 1, long_keys + needed)) continue;
    chosen.push_back(candidate.slot);
    long_keys += needed;
  }
  std::ranges::sort(chosen);
  return chosen;
}

const Incidents::Mark& StateTransfer::mark_before(SlotIndex slot) const {
  const StateBlock& policy = *change_.before().part(Home::entity, StateLayout::kPolicy);
  return view<EntityBlock>(entities_before_.read(slot), policy.offset).incident;
}

void StateTransfer::carry_incidents() {
  const Incidents before = change_.incidents_before(shared_before_.bytes());
  Incidents now(into_.shared().subspan(plan_.incidents_offset));
  std::vector<std::uint16_t> numbers = before.by_last_anomaly();
  std::erase_if(numbers, [&](std::uint16_t number) {
    return slot_now_[before.incident(number).slot] == kGone;
  });
  const std::size_t room = std::min(numbers.size(), plan_.incidents_max);
  numbers.erase(numbers.begin(), numbers.end() - static_cast<std::ptrdiff_t>(room));
  for (const std::uint16_t number : numbers) {
    const Incidents::Incident& incident = before.incident(number);
    const SlotIndex slot = slot_now_[incident.slot];
    auto& mark = view<EntityBlock>(into_.entities().write(slot)).incident;
    mark.number = now.carry(translated(incident));
    mark.calm = mark_before(incident.slot).calm;
  }
  counts_.incidents = numbers.size();
  if (change_.keeps_time()) carry_parked(before, now);
}

/// As far as there is room, those parked last.
void StateTransfer::carry_parked(const Incidents& before, Incidents& now) {
  std::vector<std::uint16_t> numbers = before.by_parking();
  std::erase_if(numbers, [&](std::uint16_t number) {
    return slot_now_[before.incident(number).slot] == kGone;
  });
  const std::size_t room = std::min(numbers.size(), plan_.incidents_max - now.size());
  numbers.erase(numbers.begin(), numbers.end() - static_cast<std::ptrdiff_t>(room));
  for (const std::uint16_t number : numbers) {
    const Incidents::Incident& incident = before.incident(number);
    view<EntityBlock>(into_.entities().write(slot_now_[incident.slot])).incident.parked =
        now.carry(translated(incident));
  }
}

Incidents::Incident StateTransfer::translated(const Incidents::Incident& before) const {
  Incidents::Incident now = before;
  now.slot = slot_now_[before.slot];
  if (!change_.keeps_time()) now.last_clock_ms = Incidents::kLongAgoMs;
  const auto detector = change_.detector_now(before.lead.detector);
  now.lead.detector = static_cast<std::uint8_t>(detector.value_or(Incidents::kUnknown));
  const auto feature = change_.feature_now(before.lead.feature);
  now.lead.feature = static_cast<std::uint8_t>(feature.value_or(Incidents::kUnknown));
  if (!feature) now.lead.has_value = now.lead.has_expected = 0;
  return now;
}

}  // namespace tocsin
