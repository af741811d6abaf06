#include "tests/simulation/fault_plan.h"

#include <utility>

namespace tocsin::simulation {

void FaultPlan::add(const Action& action) {
  const Armed armed{
      .trouble = action.trouble, .calls_before = action.count - 1, .times = action.times};
  if (action.what == What::writer_fault) of_writer_.push_back(armed);
  if (action.what == What::reader_fault) of_reader_.push_back(armed);
  if (action.what == What::crash_at || action.what == What::freeze_at) aimed_.push_back(action);
  if (action.what == What::delay_state) state_delays_ = action.count;
  if (action.what == What::lose_brokers) calls_without_brokers_ = action.count;
}

void FaultPlan::clear() {
  of_writer_.clear();
  of_reader_.clear();
  aimed_.clear();
  due_.reset();
  calls_without_brokers_ = state_delays_ = 0;
}

/// The trouble whose turn it is, if any.
template <class Trouble, class Call>
const Trouble* FaultPlan::fire(std::vector<Armed>& armed, const std::vector<Trouble>& troubles,
                               Call call) {
  for (auto at = armed.begin(); at != armed.end(); ++at) {
    const Trouble& trouble = troubles[at->trouble];
    if (trouble.call != call || at->calls_before-- > 0) continue;
    if (--at->times == 0) armed.erase(at);
    tally_.add("fault in " + name_of(trouble));
    return &trouble;
  }
  return nullptr;
}

bool FaultPlan::is_cut_off(WriterCall call) {
  for (auto at = aimed_.begin(); at != aimed_.end(); ++at) {
    const Moment& moment = moments()[at->trouble];
    if (moment.call != call || --at->times > 0) continue;
    due_ = *at;
    aimed_.erase(at);
    tally_.add((due_->what == What::crash_at ? "crash " : "freeze ") + name_of(moment));
    return !moment.is_after;
  }
  return false;
}

Fault FaultPlan::next(WriterCall call) {
  // A call that is cut off does nothing, and its answer is heard by nobody who counts.
  if (is_cut_off(call)) return {.status = WriteStatus::retry};
  if (calls_without_brokers_ > 0) {
    --calls_without_brokers_;
    return {.status = WriteStatus::retry};
  }
  const WriterTrouble* trouble = fire(of_writer_, writer_troubles(), call);
  return trouble == nullptr ? Fault{} : trouble->fault;
}

ReaderFault FaultPlan::next(ReaderCall call) {
  if (calls_without_brokers_ > 0) {
    --calls_without_brokers_;
    return ReaderFault::wait;
  }
  const ReaderTrouble* trouble = fire(of_reader_, reader_troubles(), call);
  return trouble == nullptr ? ReaderFault::none : trouble->fault;
}

bool FaultPlan::delays_state() {
  if (calls_without_brokers_ > 0) --calls_without_brokers_;
  if (state_delays_ > 0) --state_delays_;
  return calls_without_brokers_ > 0 || state_delays_ > 0;
}

}  // namespace tocsin::simulation
