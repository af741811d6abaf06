// Mistakes made on purpose, to see that the simulation finds them.

#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "pipeline/log/memory_log.h"

namespace tocsin::simulation {

/// Stands between a daemon and its log, and breaks a promise. One for a run.
class Sabotage {
 public:
  virtual ~Sabotage() = default;
  virtual std::unique_ptr<LogReader> around(std::unique_ptr<LogReader> reader) { return reader; }
  virtual std::unique_ptr<LogWriter> around(std::unique_ptr<LogWriter> writer) { return writer; }
};

/// A kind of mistake, by name.
struct SabotageKind {
  std::string_view name;
  std::string_view summary;  ///< What goes wrong.
  std::unique_ptr<Sabotage> (*make)(const MemoryLog& log);
};
std::span<const SabotageKind> sabotages();

}  // namespace tocsin::simulation
