// The world of one run: a log, the pods that work on it, and a clock that nobody else moves.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/log/memory_log.h"
#include "tests/simulation/fault_plan.h"
#include "tests/simulation/input_topics.h"
#include "tests/simulation/pod.h"
#include "tests/simulation/sabotage.h"
#include "tests/simulation/schedule.h"
#include "tests/simulation/tally.h"

namespace tocsin::simulation {

/// Everything happens in one thread and in one order, so a run can be repeated exactly.
class World {
 public:
  /// `tally` outlives the world.
  World(const Schedule& schedule, const SabotageKind* sabotage, Tally& tally);

  void perform(const Action& action);

  /// Mends everything, and steps until all input is committed and every partition has one owner.
  /// Returns why that does not come about, or what went wrong before; empty: it did.
  std::optional<std::string> settle();

  const std::vector<Input>& inputs() const { return inputs_.inputs(); }
  /// What was written, read committed, by input partition.
  std::map<Source, Outputs> outputs() const;
  /// What the owners of partitions have learned. Only when settled.
  std::map<Source, std::string> states() const;
  /// A few numbers that only the same history has.
  std::string history() const;

 private:
  struct Seat {
    explicit Seat(Tally& tally) : faults(tally) {}
    std::unique_ptr<Pod> pod;  // Null: it does not live.
    FaultPlan faults;
    PodSettings settings;
    bool is_wanted = false;
    int frozen_rounds = 0;
    int rounds_down = 0;                       // Before it is started again, if it is wanted.
    int rounds_of_session = -1;                // Until it ends; -1: it does not.
    std::optional<std::uint64_t> transaction;  // Open, in its name,
    std::int64_t transaction_since_ns = 0;     // and seen first then.
  };

  static void freeze(Seat& seat, const Action& action);
  static void end(Seat& seat, int rounds_down);
  void start(std::size_t pod, const PodSettings& settings);
  /// Everybody crashes, and their sessions and transactions have ended.
  void lose_all_pods();
  void call_operator();
  void round();
  void step(std::size_t pod);
  void pass_round(std::size_t pod);
  void time_out_transaction(std::size_t pod);
  /// False where the pod's life has ended.
  bool step(Pod& pod);
  void step_zombies();
  void give_up(std::size_t pod);
  void mend();
  void restart_the_wanted();
  bool is_any_transaction_open() const;
  bool is_settled() const;
  std::string unrest() const;

  Tally& tally_;
  const OnGap on_gap_;
  MemoryLog log_;
  InputTopics inputs_;
  std::unique_ptr<Sabotage> sabotage_;
  Surroundings around_;
  std::vector<Seat> seats_;                    // [kPodsMax]
  std::vector<std::unique_ptr<Pod>> zombies_;  // Former selves.
  std::uint64_t steps_ = 0;
  std::uint64_t lives_ = 0;  // Of all pods.
  std::int64_t now_ns_ = 0;
  int failures_ = 0;
  bool has_worked_ = false;
  std::string wrong_;  // What must not happen and did.
};

}  // namespace tocsin::simulation
