// Keeps one event dated in 2099 from moving time.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pipeline/input/flat_bytes.h"

namespace tocsin {

/// Tells event times that lie too far in the future, for one partition.
///
/// A record with a timestamp: too far is more than `far_future_ms` beyond it.
///
/// A record without one (as in files) is compared with the latest time accepted in the partition.
/// Too far is more than `far_future_ms` beyond that, and more than eight times the largest step
/// forward so far. The first event is too far if it is in 2100 or later. Such an event is
/// refused; but when the next one that has a time confirms the jump, that one is accepted and
/// time goes on from there. It confirms when it lies no more than `far_future_ms` from the
/// refused one, or behind it by at most twice the jump, if the jump was shorter than 400 days
/// (rows that are days or months apart). Times in the past are always accepted.
class TimeGuard {
 public:
  explicit TimeGuard(std::int64_t far_future_ms) : far_future_ms_(far_future_ms) {}

  /// Whether an event at `time_ms` is accepted; what was accepted and refused is remembered.
  bool admit(std::int64_t time_ms, std::int64_t record_timestamp_ms);
  /// What the last refused time was compared with; empty: there was nothing.
  std::optional<std::int64_t> reference_ms() const { return reference_ms_; }

  void save(std::string& out) const;
  bool restore(FlatBytes& bytes);

 private:
  bool confirms(std::int64_t time_ms) const;
  void accept(std::int64_t time_ms, std::int64_t step_ms);

  std::int64_t far_future_ms_;
  std::optional<std::int64_t> latest_ms_;
  std::optional<std::int64_t> refused_ms_;  // By the event just before.
  std::int64_t step_max_ms_ = 0;
  std::optional<std::int64_t> reference_ms_;
};

}  // namespace tocsin
