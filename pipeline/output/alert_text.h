// What an alert says to people: a title, an explanation, a suggestion.

#pragma once

#include <string>
#include <string_view>

#include "pipeline/scoring/outcome.h"

namespace tocsin {

/// Words for one alert after another. Its memory is reused, so that alerts, too, stop allocating.
///
/// Threads: one.
class AlertText {
 public:
  /// Finds the words for `alert`. An alert that closes an incident speaks of the incident only,
  /// for its cause may be another entity's event.
  void describe(const Alert& alert, const ScoredEvent& cause);

  // Valid until the next `describe`.

  /// One sentence, without a full stop: `checkout: duration 912, expected 96 to 181`.
  std::string_view title() const { return title_; }
  /// Some sentences: how unusual, which features, which detectors, how long, how many.
  std::string_view explanation() const { return explanation_; }
  /// What to look at first.
  std::string_view suggestion() const { return suggestion_; }

 private:
  void entitle(const Alert& alert, const ScoredEvent& cause);
  void explain_event(const Alert& alert, const ScoredEvent& cause);
  void explain_features(const ScoredEvent& cause);
  void explain_detectors(const ScoredEvent& cause);
  void explain_incident(const Alert& alert, const ScoredEvent& cause);
  void explain_end(const Alert& alert);

  std::string title_;
  std::string explanation_;
  std::string_view suggestion_;
};

}  // namespace tocsin
