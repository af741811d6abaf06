// What became of one step of a stage.

#pragma once

#include <cstdint>

namespace tocsin {

/// Stages are driven by calling `step` again and again: by a thread, or, in tests and in the
/// simulation, by one loop over all stages.
enum class Step : std::uint8_t {
  worked,  ///< There may be more: call again at once.
  idle,    ///< Nothing to do until something arrives.
  failed,  ///< The process must end; `failure()` says why.
};

}  // namespace tocsin
