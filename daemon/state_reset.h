// `tocsin state reset`: forgets what was learned of a stream, so that the next start begins anew;
// or all but the last snapshot of it.

#pragma once

#include <optional>
#include <string>

#include "daemon/start_point.h"
#include "daemon/state_survey.h"

namespace tocsin {

struct StateResetOptions {
  std::string config;
  SurveySelection selection;
  std::optional<StartPoint> from;  ///< Empty: goes on where each partition has come to.
  bool keeps_snapshot = false;     ///< Goes on with the last whole one; not with `from`.
  bool is_confirmed = false;       ///< Otherwise it is only said what would be done.
};

/// Needs a group that nobody is in. Leaves words beside the offsets that begin a new lineage, and
/// deletes the old one's records; or words that name the last whole snapshot, beside its offset.
/// Returns the process's exit code.
int state_reset_command(const StateResetOptions& options);

}  // namespace tocsin
