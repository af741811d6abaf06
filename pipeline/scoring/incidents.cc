#include "pipeline/scoring/incidents.h"

#include <algorithm>
#include <cassert>

namespace tocsin {

std::size_t Incidents::block_bytes(std::size_t capacity) {
  assert(capacity > 0 && capacity < UINT16_MAX);
  return sizeof(Header) + capacity * sizeof(Incident);
}

void Incidents::start(State block, std::size_t capacity) {
  std::fill(block.begin(), block.end(), std::byte{0});
  auto& header = view<Header>(block);
  header.capacity = static_cast<std::uint32_t>(capacity);
  header.fresh = 1;
}

Incidents::Incidents(State block) : block_(block), header_(view<Header>(block)) {}

void Incidents::open(Mark& mark, const Anomaly& anomaly, const Lead& lead, std::int64_t clock_ms) {
  const std::uint16_t number = take_number();
  at(number) = {.opened_offset = anomaly.offset,
                .opened_ms = anomaly.time_ms,
                .worst_offset = anomaly.offset,
                .last_clock_ms = clock_ms,
                .worst_score = anomaly.score,
                .reported_score = anomaly.score,
                .lead = lead,
                .slot = anomaly.slot,
                .count = 1,
                .before = 0,
                .after = 0,
                .severity = static_cast<std::uint8_t>(anomaly.severity),
                .is_adopted = 0,
                .is_parked = 0,
                .reserved = 0};
  append(number);
  mark.number = number;
  mark.calm = 0;
}

bool Incidents::add(Mark& mark, const Anomaly& anomaly, std::int64_t clock_ms) {
  Incident& incident = at(mark.number);
  mark.calm = 0;
  ++incident.count;
  incident.last_clock_ms = clock_ms;
  unlink(mark.number);
  append(mark.number);

  if (anomaly.score > incident.worst_score) {
    incident.worst_score = anomaly.score;
    incident.worst_offset = anomaly.offset;
  }
  const auto severity = static_cast<std::uint8_t>(anomaly.severity);
  if (severity <= incident.severity && anomaly.score < incident.reported_score + kWorse) {
    return false;
  }
  incident.severity = std::max(incident.severity, severity);
  incident.reported_score = anomaly.score;
  return true;
}

Incidents::Incident Incidents::park(Mark& mark, std::int64_t clock_ms) {
  const std::uint16_t number = mark.number;
  const Incident closed = at(number);
  unlink(number);
  at(number).is_adopted = at(number).is_parked = 1;
  at(number).last_clock_ms = clock_ms;
  append(number);
  mark = {.number = 0, .parked = number, .calm = 0, .reserved = 0};
  return closed;
}

void Incidents::reopen(Mark& mark, const Anomaly& anomaly, std::int64_t clock_ms) {
  const std::uint16_t number = mark.parked;
  unlink(number);
  at(number).is_parked = 0;
  append(number);
  mark = {.number = number, .parked = 0, .calm = 0, .reserved = 0};
  add(mark, anomaly, clock_ms);
  at(number).reported_score = anomaly.score;
}

Incidents::Incident Incidents::close(std::uint16_t number) {
  const Incident closed = at(number);
  unlink(number);
  at(number) = {};
  at(number).after = header_.free;
  header_.free = number;
  return closed;
}

std::vector<std::uint16_t> Incidents::numbers_of(const List& list) const {
  std::vector<std::uint16_t> numbers;
  for (std::uint16_t at_hand = list.front; at_hand != 0; at_hand = at(at_hand).after) {
    numbers.push_back(at_hand);
  }
  return numbers;
}

std::uint16_t Incidents::carry(const Incident& incident) {
  const std::uint16_t number = take_number();
  at(number) = incident;
  append(number);
  return number;
}

std::uint16_t Incidents::take_number() {
  assert(!is_full());
  if (header_.free == 0) return header_.fresh++;
  const std::uint16_t number = header_.free;
  header_.free = at(number).after;
  return number;
}

void Incidents::append(std::uint16_t number) {
  List& list = list_of(number);
  at(number).before = list.back;
  at(number).after = 0;
  (list.back != 0 ? at(list.back).after : list.front) = number;
  list.back = number;
  ++list.count;
}

void Incidents::unlink(std::uint16_t number) {
  const Incident& incident = at(number);
  List& list = list_of(number);
  (incident.before != 0 ? at(incident.before).after : list.front) = incident.after;
  (incident.after != 0 ? at(incident.after).before : list.back) = incident.before;
  --list.count;
}

}  // namespace tocsin
