// Puts dead letters back where they came from, some at a time, and remembers which.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/dead_letters.h"
#include "detectors/result.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// Original key and headers, value, topic and partition; and a header that names the dead letter.
///
/// Exactly once, each transaction also commits which dead letters were in it, so that whatever
/// happens none is put back twice. At least once, that is committed after they were delivered.
/// Threads: one.
class Resend {
 public:
  /// Told of each that the broker will not take.
  using Refused = std::function<void(const DeadLetter&, const std::string& reason)>;

  /// Ends whatever an earlier one has left open. `topic` outlives it.
  static Result<std::unique_ptr<Resend>> begin(const Config& config,
                                               const std::vector<std::string>& inputs,
                                               DeadLetterTopic& topic, Refused refused);

  /// Sends what has been added once it is enough for a transaction.
  Result<void> add(DeadLetter letter);
  /// Sends the rest.
  Result<void> finish();

  std::uint64_t sent() const { return sent_; }
  /// By topic.
  const std::map<std::string, std::uint64_t>& sent_to() const { return sent_to_; }

 private:
  Resend(const Config& config, DeadLetterTopic& topic, Refused refused);
  Result<void> open();
  Result<void> send();
  Result<bool> try_to_send();
  bool leave_out_refused();
  Result<void> remember();
  Result<void> patiently(const std::function<WriteOutcome()>& call);
  Result<void> abort();

  bool is_exact_;
  DeadLetterTopic& topic_;
  Refused refused_;
  std::unique_ptr<LogWriter> writer_;
  std::vector<std::string> topics_;  // That the writer writes to.
  std::vector<DeadLetter> letters_;  // Of the next transaction.
  std::size_t bytes_ = 0;
  std::uint64_t sent_ = 0;
  std::map<std::string, std::uint64_t> sent_to_;
};

}  // namespace tocsin
