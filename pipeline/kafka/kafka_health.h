// What librdkafka says of itself: its log, and its health in numbers.

#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "pipeline/counter.h"

namespace tocsin {

/// Where librdkafka's log lines go: syslog's level (3 error … 7 debug), a short code such as
/// `FAIL`, and the text.
///
/// Threads: called from librdkafka's own threads, at any time in the life of a client.
using KafkaLog = std::function<void(int level, std::string_view facility, std::string_view text)>;

/// Health of one client, for metrics and readiness. Numbers other than `errors` are as of the last
/// statistics, a few seconds ago at most.
///
/// Threads: written by the thread that uses the client, read by any.
class KafkaHealth {
 public:
  Counter brokers_up;         ///< Brokers with an open connection.
  Counter errors;             ///< Errors that waiting may mend: broken connections and the like.
  Counter all_brokers_down;   ///< 1 from when librdkafka says so until a broker is up again.
  Counter round_trip_micros;  ///< Average of the slowest broker.

  std::string last_error() const;  ///< Empty: none yet.
  void note_error(std::string text);

 private:
  mutable std::mutex mutex_;  ///< Guards last_error_.
  std::string last_error_;
};

}  // namespace tocsin
