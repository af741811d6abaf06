// The incidents of a partition: when one opens, gets worse, ends, and is opened again.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "detectors/detector.h"
#include "pipeline/scoring/block_view.h"
#include "pipeline/scoring/outcome.h"

namespace tocsin {

/// Open and parked incidents, in a flat block of fixed size; entities point into it by number.
///
/// An incident opens with an event whose alert score reaches the alarm's score; it goes on with
/// anomalies, with whatever is as rare as kGoesOn, and with what the learning policy has on trial
/// as another level. It is updated when its severity rises, or its score is at least 1 (ten times
/// rarer) above the last one reported. It ends when
///   recovered  8 scored events of the entity in a row are normal,
///   adopted    the learning policy takes the anomalies for the new normal,
///   quiet      the partition's clock (its largest event time) is an hour past the incident's
///              last anomaly and the last gap in the input, or the block is full and it is the one
///              longest without an anomaly,
///   evicted    its entity is evicted.
///
/// One that is adopted is parked for 7 days of the partition's clock, or until its room is needed,
/// or another of its entity is parked. When its entity returns to one of its levels, where else an
/// incident would open, it goes on: it is updated, and open again. However it ends then, it is
/// parked again. Its end has been told: a parked incident is forgotten in silence.
///
/// Memory: 112 bytes an incident.  Time: O(1) a call.
class Incidents {
 public:
  static constexpr std::uint8_t kCalmEvents = 8;
  static constexpr std::int64_t kQuietMs = 3600'000;
  static constexpr std::int64_t kParkedMs = 7LL * 24 * 3600'000;
  static constexpr double kWorse = 1;
  /// As rare an event goes on with an open incident, whatever opens one.
  static constexpr double kGoesOn = 1e-4;
  /// A time of an incident's last anomaly that makes it quiet with the next event.
  static constexpr std::int64_t kLongAgoMs = std::numeric_limits<std::int64_t>::min() / 2;
  /// Of a lead: a detector or feature that the configuration has no more.
  static constexpr std::uint8_t kUnknown = 255;

  /// Flat, in an entity's block; zero bytes are an entity without incident.
  struct Mark {
    std::uint16_t number;  ///< Of its open incident; 0: none.
    std::uint16_t parked;  ///< Of its parked incident; 0: none.
    std::uint8_t calm;     ///< Normal events since its last anomaly.
    std::uint8_t reserved;
  };

  /// The feature that stood out at the worst event, and who saw it.
  struct Lead {
    double value, expected, lower, upper, share;
    std::uint8_t has_value, has_expected;
    std::uint8_t feature;  ///< Or kUnknown, as the detector.
    std::uint8_t detector;
    std::uint8_t is_below;
    std::array<std::uint8_t, 3> reserved;
  };
  struct Anomaly {
    std::int64_t offset = 0;
    std::int64_t time_ms = 0;
    double score = 0;
    Severity severity = Severity::none;
    std::uint32_t slot = 0;  ///< The entity's.
  };
  struct Incident {
    std::int64_t opened_offset;
    std::int64_t opened_ms;
    std::int64_t worst_offset;
    std::int64_t last_clock_ms;  ///< The partition's clock at the last anomaly, or when parked.
    double worst_score;
    double reported_score;
    Lead lead;
    std::uint32_t slot;
    std::uint32_t count;
    std::uint16_t before, after;  ///< In the order of `last_clock_ms`; 0: none.
    std::uint8_t severity;
    std::uint8_t is_adopted;  ///< Its level has been: it is parked whenever it ends.
    std::uint8_t is_parked;
    std::uint8_t reserved;
  };
  static_assert(sizeof(Incident) == 112, "no padding: equal histories are equal bytes");

  /// Bytes of a block for `capacity` incidents, below 65,535.
  static std::size_t block_bytes(std::size_t capacity);
  /// Makes `block` one without incidents.
  static void start(State block, std::size_t capacity);

  explicit Incidents(State block);

  std::size_t size() const { return header_.open.count; }
  bool is_full() const { return header_.open.count + header_.parked.count == header_.capacity; }
  /// Needs an open incident of that number.
  const Incident& incident(std::uint16_t number) const { return at(number); }

  /// Whether the mark of the entity in `slot` names incidents of that entity.
  bool is_of(const Mark& mark, std::uint32_t slot) const {
    const auto is_one = [&](std::uint16_t number, std::uint8_t is_parked) {
      return number == 0 || (number <= header_.capacity && at(number).slot == slot &&
                             at(number).is_parked == is_parked);
    };
    return is_one(mark.number, 0) && is_one(mark.parked, 1);
  }

  /// Opens an incident. Needs that there is room.
  void open(Mark& mark, const Anomaly& anomaly, const Lead& lead, std::int64_t clock_ms);

  /// Counts an anomaly of an open incident, and returns whether it has become so much worse that
  /// it is to be reported.
  bool add(Mark& mark, const Anomaly& anomaly, std::int64_t clock_ms);
  /// Whether the anomaly is the worst so far: then its lead is wanted.
  bool is_worst(const Mark& mark, double score) const {
    return score > at(mark.number).worst_score;
  }
  void set_lead(const Mark& mark, const Lead& lead) { at(mark.number).lead = lead; }

  /// Records of the entity may be missing: what comes does not follow on what came.
  static void interrupt(Mark& mark) { mark.calm = 0; }
  /// Counts a normal event, and returns whether the entity has recovered.
  static bool calms(Mark& mark) { return mark.number != 0 && ++mark.calm >= kCalmEvents; }

  /// The incident longest without an anomaly, if that is an hour of which everything is known: no
  /// input is missing from `known_since_ms` on.
  std::uint16_t quiet(std::int64_t clock_ms, std::int64_t known_since_ms) const {
    if (header_.open.front == 0) return 0;
    const std::int64_t last = at(header_.open.front).last_clock_ms;
    if (last == kLongAgoMs) return header_.open.front;
    const std::int64_t since = std::max(last, known_since_ms);
    return since <= clock_ms && clock_ms - since >= kQuietMs ? header_.open.front : 0;
  }
  /// If there is no room, and none is parked, this one ends.
  std::uint16_t quietest() const { return header_.open.front; }

  /// Ends an open incident and parks it. Its entity has none parked.
  Incident park(Mark& mark, std::int64_t clock_ms);
  /// Opens a parked incident again, of an entity that has no other open, with an anomaly.
  void reopen(Mark& mark, const Anomaly& anomaly, std::int64_t clock_ms);
  /// The incident parked longest; 0: none.
  std::uint16_t parked_longest() const { return header_.parked.front; }
  /// The incident parked longest, if that is too long.
  std::uint16_t outdated(std::int64_t clock_ms) const {
    const std::uint16_t front = header_.parked.front;
    return front != 0 && clock_ms - at(front).last_clock_ms >= kParkedMs ? front : 0;
  }

  /// The numbers of open incidents, the one longest without an anomaly first.
  std::vector<std::uint16_t> by_last_anomaly() const { return numbers_of(header_.open); }
  /// The numbers of parked incidents, the one parked longest first.
  std::vector<std::uint16_t> by_parking() const { return numbers_of(header_.parked); }
  /// Takes over an incident of another block, open or parked, as the latest, and returns its
  /// number. Needs that there is room.
  std::uint16_t carry(const Incident& incident);

  /// Ends an incident, or forgets a parked one, and returns it as it was. Its entity's mark is the
  /// caller's to clear.
  Incident close(std::uint16_t number);

 private:
  /// In the order of `last_clock_ms`.
  struct List {
    std::uint16_t front, back;
    std::uint32_t count;
  };
  struct Header {
    std::uint32_t capacity;
    std::uint16_t free;   // Head of the numbers that were used and are free
    std::uint16_t fresh;  // Numbers from here on were never used
    List open, parked;
  };

  Incident& at(std::uint16_t number) const {
    return view<Incident>(block_, sizeof(Header) + (number - 1U) * sizeof(Incident));
  }
  std::uint16_t take_number();
  std::vector<std::uint16_t> numbers_of(const List& list) const;
  List& list_of(std::uint16_t number) {
    return at(number).is_parked != 0 ? header_.parked : header_.open;
  }
  void append(std::uint16_t number);
  void unlink(std::uint16_t number);

  State block_;
  Header& header_;
};

}  // namespace tocsin
