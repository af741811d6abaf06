// What the log in memory is made of. Internal to this folder.

#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/log/memory_log.h"

namespace tocsin {

using PlaceName = std::pair<std::string, std::int32_t>;  // topic, partition

enum class Fate : std::uint8_t { committed, open, aborted, marker };

struct Entry {
  StoredRecord record;
  Fate fate = Fate::committed;
  std::uint64_t transaction = 0;
};

struct StoredPartition {
  std::int64_t low = 0;
  std::deque<Entry> entries;  // offsets low, low + 1, …

  std::int64_t high() const { return low + static_cast<std::int64_t>(entries.size()); }

  std::map<std::uint64_t, std::int64_t> open_since;  // First offset of each open transaction.

  std::int64_t append(Entry entry) {
    entry.record.offset = high();
    if (entry.fate == Fate::open) open_since.try_emplace(entry.transaction, high());
    entries.push_back(std::move(entry));
    return entries.back().record.offset;
  }

  /// The first offset of an open transaction, or the end.
  std::int64_t stable() const {
    std::int64_t stable = high();
    for (const auto& [transaction, offset] : open_since) stable = std::min(stable, offset);
    return stable;
  }

  /// Gives the records of a transaction their fate, and appends its marker.
  void end(std::uint64_t transaction, Fate fate) {
    const std::int64_t first = std::max(open_since.at(transaction), low);
    for (std::int64_t offset = first; offset < high(); ++offset) {
      Entry& entry = at(offset);
      if (entry.fate == Fate::open && entry.transaction == transaction) entry.fate = fate;
    }
    open_since.erase(transaction);
    append({.record = {}, .fate = Fate::marker});
  }

  /// The next committed record at or after `next`, which moves past it; empty: none is stable.
  std::optional<StoredRecord> take_stable(std::int64_t& next) const {
    next = std::max(next, low);
    const std::int64_t end = stable();
    while (next < end && at(next).fate != Fate::committed) ++next;
    if (next >= end) return std::nullopt;
    return at(next++).record;
  }

  const Entry& at(std::int64_t offset) const {
    return entries[static_cast<std::size_t>(offset - low)];
  }
  Entry& at(std::int64_t offset) { return entries[static_cast<std::size_t>(offset - low)]; }
};

struct Member {
  std::vector<std::string> topics;
  std::uint64_t incarnation = 0;  // The reader that is this member now.
  std::vector<PlaceName> assigned;
  bool must_revoke = false;  // Has partitions of a generation that ends.
  bool expelled = false;
  std::uint64_t generation = 0;  // Of `assigned`.

  bool subscribes_to(const std::string& topic) const {
    return std::find(topics.begin(), topics.end(), topic) != topics.end();
  }
};

struct Group {
  std::uint64_t generation = 0;
  bool rebalancing = false;
  std::map<std::string, Member> members;
  std::map<PlaceName, CommittedOffset> committed;
};

struct Transaction {
  std::set<PlaceName> touched;
  std::string group;
  std::map<PlaceName, CommittedOffset> offsets;
};

struct ProducerState {
  std::uint64_t epoch = 0;
  std::uint64_t transaction = 0;  // Open now; 0: none.
};

class MemoryGeneration final : public Generation {
 public:
  MemoryGeneration(const MemoryMember& of, std::uint64_t incarnation_now, std::uint64_t now)
      : group(of.group), member(of.id), incarnation(incarnation_now), number(now) {}
  const std::string group;
  const std::string member;
  const std::uint64_t incarnation;
  const std::uint64_t number;
};

/// Everything that a log in memory holds.
struct MemoryStore {
  mutable std::mutex mutex;                                   // Guards everything below.
  std::map<std::string, std::deque<StoredPartition>> topics;  // References stay valid.
  std::map<std::string, Group> groups;
  std::map<std::string, ProducerState> producers;
  std::map<std::uint64_t, Transaction> transactions;  // Open ones.
  std::uint64_t next_transaction = 1;
  std::uint64_t incarnations = 0;  // Readers that ever joined a group.
  std::uint64_t version = 0;       // Grows with everything that a reader may want to know.
  std::condition_variable changed;

  void note_change() {
    ++version;
    changed.notify_all();
  }

  StoredPartition& partition(const std::string& topic, std::int32_t number) {
    return topics.at(topic).at(static_cast<std::size_t>(number));
  }

  void trim(const std::string& topic, std::int32_t number, std::int64_t offset) {
    StoredPartition& stored = partition(topic, number);
    for (; stored.low < offset && !stored.entries.empty(); ++stored.low) stored.entries.pop_front();
  }

  /// Makes a topic, or adds partitions to it; who reads it is given them by a rebalance.
  void create_topic(const std::string& name, std::size_t partitions) {
    auto& stored = topics[name];
    if (stored.size() >= partitions) return;
    while (stored.size() < partitions) stored.emplace_back();
    for (auto& [id, group] : groups) {
      const bool is_read = std::any_of(group.members.begin(), group.members.end(),
                                       [&](const auto& m) { return m.second.subscribes_to(name); });
      if (is_read) begin_rebalance(group);
    }
  }

  void begin_rebalance(Group& group) {
    note_change();
    group.rebalancing = true;
    for (auto& [id, member] : group.members) member.must_revoke = !member.assigned.empty();
  }

  /// Gives out partitions once nobody holds any: range assignment, members by name.
  void finish_rebalance(Group& group) {
    const bool held = std::any_of(group.members.begin(), group.members.end(),
                                  [](const auto& m) { return !m.second.assigned.empty(); });
    if (!group.rebalancing || held) return;
    note_change();
    group.rebalancing = false;
    ++group.generation;
    for (auto& [id, member] : group.members) member.generation = group.generation;
    for (const auto& [topic, partitions] : topics) give_out(group, topic, partitions.size());
  }

  static void give_out(Group& group, const std::string& topic, std::size_t partitions) {
    std::vector<Member*> takers;
    for (auto& [id, member] : group.members)
      if (member.subscribes_to(topic)) takers.push_back(&member);
    if (takers.empty()) return;
    for (std::size_t p = 0; p < partitions; ++p)
      takers[p * takers.size() / partitions]->assigned.emplace_back(topic,
                                                                    static_cast<std::int32_t>(p));
  }

  void end_transaction(ProducerState& producer, Fate fate) {
    const auto found = transactions.find(producer.transaction);
    if (found == transactions.end()) return;
    for (const auto& [topic, number] : found->second.touched)
      partition(topic, number).end(found->first, fate);
    if (fate == Fate::committed)
      for (auto& [place, offset] : found->second.offsets)
        groups[found->second.group].committed[place] = offset;
    transactions.erase(found);
    producer.transaction = 0;
    note_change();
  }

  /// Whether the group still goes by this generation, and its member is the one of then.
  bool is_current(const GenerationRef& generation) {
    const auto* bound = dynamic_cast<const MemoryGeneration*>(generation.get());
    if (bound == nullptr) return false;
    const Group& group = groups[bound->group];
    const auto member = group.members.find(bound->member);
    return member != group.members.end() && !member->second.expelled &&
           member->second.incarnation == bound->incarnation &&
           member->second.generation == bound->number && group.generation == bound->number;
  }

  bool has_pending_offset(const std::string& group, const PlaceName& place) const {
    return std::any_of(transactions.begin(), transactions.end(), [&](const auto& t) {
      return t.second.group == group && t.second.offsets.count(place) > 0;
    });
  }
};

}  // namespace tocsin
