// The faults that wait for the calls of one pod, whichever life it is in.

#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "tests/simulation/schedule.h"
#include "tests/simulation/tally.h"

namespace tocsin::simulation {

class FaultPlan {
 public:
  explicit FaultPlan(Tally& tally) : tally_(tally) {}

  /// `action` is a fault, a moment, or the loss of all brokers.
  void add(const Action& action);
  /// Nothing goes wrong any more.
  void clear();

  Fault next(WriterCall call);
  ReaderFault next(ReaderCall call);
  /// Whether nothing comes of the state topics this time.
  bool delays_state();

  /// The action whose moment has come: after the step that it came in, it is carried out.
  std::optional<Action> take_due() { return std::exchange(due_, std::nullopt); }

 private:
  struct Armed {
    std::size_t trouble = 0;
    int calls_before = 0;
    int times = 0;
  };
  template <class Trouble, class Call>
  const Trouble* fire(std::vector<Armed>& armed, const std::vector<Trouble>& troubles, Call call);

  /// Whether a moment before the call has come.
  bool is_cut_off(WriterCall call);

  Tally& tally_;
  std::vector<Action> aimed_;  // `times`: calls that are left to come.
  std::optional<Action> due_;
  std::vector<Armed> of_writer_;
  std::vector<Armed> of_reader_;
  int calls_without_brokers_ = 0;
  int state_delays_ = 0;
};

}  // namespace tocsin::simulation
