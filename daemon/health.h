// Named checks: what the probes answer from.

#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// A set of checks that all must pass. A check that is declared and not yet set fails.
///
/// Threads: any.
class Checks {
 public:
  Checks(std::initializer_list<std::string_view> names);

  void pass(std::string_view name, std::string_view detail = {}) { set(name, true, detail); }
  void fail(std::string_view name, std::string_view reason) { set(name, false, reason); }
  /// From now on the check, once passed, also asks `trouble` whenever somebody looks: a reason to
  /// fail, or nothing. What it asks outlives this object's readers.
  void watch(std::string_view name, std::function<std::optional<std::string>()> trouble);

  struct Check {
    std::string name;
    bool passes = false;
    std::string detail;
  };
  std::vector<Check> all() const;  ///< By name.
  bool pass_all() const;

 private:
  void set(std::string_view name, bool passes, std::string_view detail);

  mutable std::mutex mutex_;  ///< Guards checks_ and watched_.
  std::map<std::string, Check, std::less<>> checks_;
  std::map<std::string, std::function<std::optional<std::string>()>, std::less<>> watched_;
};

/// The checks of a running daemon, by probe.
///
/// Live never depends on a broker: a restart does not mend one.
struct Health {
  Checks startup{"configuration", "topics", "pipeline"};
  Checks live{"pipeline", "kafka_client"};
  Checks ready{"configuration", "brokers", "topics", "assignment", "producer", "memory", "state"};
};

}  // namespace tocsin
