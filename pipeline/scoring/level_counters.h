// A partition's share of the levels that a worker's counters sum up.

#pragma once

#include <cstdint>

#include "pipeline/scoring/counters.h"

namespace tocsin {

/// Keeps the counters' levels in step with one partition, and takes its share away at the end.
class LevelCounters {
 public:
  struct Levels {
    std::uint64_t entities = 0;
    std::uint64_t entities_warm = 0;
    std::uint64_t incidents_open = 0;
    std::uint64_t models = 0;
    std::uint64_t state_bytes = 0;
  };

  explicit LevelCounters(StreamCounters& counters) : counters_(&counters) {}
  ~LevelCounters() { show({}); }
  LevelCounters(const LevelCounters&) = delete;
  LevelCounters& operator=(const LevelCounters&) = delete;

  void show(const Levels& levels) {
    // Unsigned differences wrap around, and back.
    counters_->entities.add(levels.entities - shown_.entities);
    counters_->entities_warm.add(levels.entities_warm - shown_.entities_warm);
    counters_->incidents_open.add(levels.incidents_open - shown_.incidents_open);
    counters_->models.add(levels.models - shown_.models);
    counters_->state_bytes.add(levels.state_bytes - shown_.state_bytes);
    shown_ = levels;
  }

  /// Moves the share to other counters.
  void move_to(StreamCounters& counters) {
    const Levels levels = shown_;
    show({});
    counters_ = &counters;
    show(levels);
  }

 private:
  StreamCounters* counters_;
  Levels shown_;
};

}  // namespace tocsin
