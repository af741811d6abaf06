// One life of a daemon.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/flow/engine.h"
#include "pipeline/log/memory_log.h"
#include "tests/simulation/fault_plan.h"
#include "tests/simulation/sabotage.h"
#include "tests/simulation/schedule.h"
#include "tests/simulation/tally.h"
#include "tests/simulation/workload.h"

namespace tocsin::simulation {

inline constexpr const char* kApp = "sim";
std::string pod_id(std::size_t pod);
std::string transactional_id(std::size_t pod);

/// What lives come and go in; outlives them.
struct Surroundings {
  MemoryLog& log;
  Delivery delivery = Delivery::exactly_once;
  Tally& tally;
  /// Records of an input partition, from one offset up to another, expired before they were read.
  std::function<void(std::string_view, std::int32_t, std::int64_t, std::int64_t)> missing;
  Sabotage* sabotage = nullptr;  ///< Null: none.
};

/// Who a life is.
struct PodIdentity {
  std::size_t number = 0;   ///< Its names: they stay.
  std::uint64_t owner = 0;  ///< Of state: another one for each life.
};

/// With which settings it lives.
struct PodSettings {
  FlowSettings flow;
  std::size_t configuration = 0;
};

/// An engine with its reader and writer, driven by steps. Destroying it is crashing it: nobody is
/// told.
class Pod {
 public:
  Pod(const Surroundings& around, const PodIdentity& self, const PodSettings& settings,
      FaultPlan& faults);
  ~Pod();
  Pod(const Pod&) = delete;
  Pod& operator=(const Pod&) = delete;

  enum class Life : std::uint8_t { lives, stopped, failed };
  Life step(std::int64_t now_ns);
  void stop(std::int64_t now_ns);

  std::size_t number() const { return number_; }
  bool is_drained() const { return engine_->is_drained(); }
  bool has_worked() const { return has_worked_; }
  std::string failure() const { return engine_->failure(); }
  std::vector<const Partition*> partitions() const { return engine_->partitions(); }

 private:
  class Observer;

  const Surroundings& around_;
  const std::size_t number_;
  const std::int64_t drain_timeout_ns_;
  std::unique_ptr<LogReader> reader_;
  std::unique_ptr<StateLog> states_;
  std::unique_ptr<LogWriter> writer_;
  std::unique_ptr<Observer> observer_;
  std::unique_ptr<RefitRunner> refits_;
  std::unique_ptr<Engine> engine_;
  std::int64_t stop_before_ns_ = -1;  // Asked to stop; -1: not yet.
  bool has_worked_ = false;
};

}  // namespace tocsin::simulation
