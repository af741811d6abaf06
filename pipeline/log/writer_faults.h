// What can go wrong with a writer of the log in memory, and what that leaves behind. Internal to
// this folder.

#pragma once

#include <cstdint>
#include <mutex>
#include <utility>

#include "pipeline/log/memory_log.h"

namespace tocsin {

/// Stands before every call of a writer: puts the faults there, and lets a failure last as Kafka's
/// clients do. After `resend` only an abort helps, after `reopen` only a new start.
class WriterFaults {
 public:
  WriterFaults(std::mutex& mutex, FaultHook hook) : mutex_(mutex), hook_(std::move(hook)) {}

  /// Carries `effect` out under the lock, unless a fault says otherwise.
  template <class Effect>
  WriteOutcome attempt(WriterCall call, const Effect& effect) {
    if (!is_possible(call)) return refusal();
    const Fault fault = next(call);
    WriteOutcome outcome{fault.status, "a fault was injected"};
    if (fault.status == WriteStatus::ok || fault.takes_effect) {
      const std::lock_guard lock(mutex_);
      const WriteOutcome real = effect();
      if (fault.status == WriteStatus::ok || real.status != WriteStatus::ok) outcome = real;
    }
    note(call, outcome.status);
    return outcome;
  }

  Fault next(WriterCall call) const { return hook_ ? hook_(call) : Fault{}; }
  bool is_usable() const { return condition_ == Condition::usable; }

 private:
  enum class Condition : std::uint8_t {
    usable,
    must_abort,
    closed,  // Not yet opened, or beyond repair.
  };

  bool is_possible(WriterCall call) const {
    if (call == WriterCall::open || condition_ == Condition::usable) return true;
    return call == WriterCall::abort && condition_ == Condition::must_abort;
  }
  WriteOutcome refusal() const {
    if (condition_ == Condition::must_abort)
      return {WriteStatus::resend, "the transaction must be aborted first"};
    return {WriteStatus::reopen, "the writer must be opened first"};
  }
  void note(WriterCall call, WriteStatus status) {
    if (status == WriteStatus::resend) condition_ = Condition::must_abort;
    if (status == WriteStatus::reopen || status == WriteStatus::stop)
      condition_ = Condition::closed;
    const bool is_mending = call == WriterCall::open || call == WriterCall::abort;
    if (status == WriteStatus::ok && is_mending) condition_ = Condition::usable;
  }

  std::mutex& mutex_;
  const FaultHook hook_;
  Condition condition_ = Condition::closed;
};

}  // namespace tocsin
