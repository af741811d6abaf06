// Records that wait for their turn, partition by partition. Internal to this folder.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "pipeline/log/log.h"

namespace tocsin {

/// The records of a series in the order in which they are given to librdkafka: of each partition
/// one request's worth, and the next when all of that has been reported.
///
/// librdkafka 2.0 has one request of an idempotent producer under way in a partition, and while
/// more records than that are ready it asks without a pause whether they may go. So there are none.
///
/// Records are pointed to, not copied.  Time: O(1) a record.
class SendQueue {
 public:
  /// What goes into one request.
  struct Limits {
    std::size_t records = 0;
    std::size_t bytes = 0;
  };
  struct Item {
    const WriteRecord* record = nullptr;
    std::uint32_t index = 0;  ///< Among the records of the series.
  };
  /// One request's worth for one partition.
  struct Turn {
    std::span<const Item> items;
    std::size_t topic = 0;
    std::int32_t partition = 0;
  };

  explicit SendQueue(Limits limits) : limits_(limits) {}

  /// Begins a new series: nothing waits and nothing is under way.
  void clear();
  void add(const WriteRecord& record, std::size_t topic, std::int32_t partition);
  std::size_t size() const { return lane_of_.size(); }
  std::size_t waiting() const { return waiting_; }

  /// Takes the next turn of a partition with nothing under way; none: false. The turn's items are
  /// valid until the next `add` or `clear`, and count as under way.
  bool next(Turn& turn);
  /// A record of this series has been reported, or was refused at once.
  void note_reported(std::size_t index);

 private:
  struct Lane {
    std::size_t topic = 0;
    std::int32_t partition = 0;
    bool is_ready = false;  // In ready_.
    std::size_t sent = 0;   // Of items.
    std::size_t under_way = 0;
    std::vector<Item> items;
  };

  std::uint32_t lane(std::size_t topic, std::int32_t partition);
  void make_ready(std::uint32_t number);

  const Limits limits_;
  std::vector<Lane> lanes_;
  std::vector<std::vector<std::uint32_t>> numbers_;  // [topic][partition] -> of its lane, one up.
  std::vector<std::uint32_t> lane_of_;               // [records of the series]
  std::deque<std::uint32_t> ready_;  // Lanes with records that wait and none under way.
  std::size_t waiting_ = 0;
};

}  // namespace tocsin
