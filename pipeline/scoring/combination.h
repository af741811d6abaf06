// Several detectors' opinions made one number.

#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "detectors/elementary.h"
#include "pipeline/scoring/outcome.h"

namespace tocsin {

/// One detector's opinion of an event.
struct Opinion {
  bool has_score = false;
  double score = 0;            ///< On the detector's own scale.
  bool has_p = false;          ///< Its calibration is past its warm-up.
  double p = 1;                ///< Calibrated tail probability.
  double surprise = 0;         ///< -log10 p
  double news = 0;             ///< See `RecordMemory`.
  bool is_of_stretch = false;  ///< It says much the same of one event as of the one before.
};

/// The largest surprise and half of the second largest, less for as many as they are: one clear
/// opinion is enough, two that agree weigh more, and one of many is stranger by chance alone. Not a
/// probability: it is calibrated once more.
inline double combine(std::span<const Opinion> opinions) {
  double first = 0;
  double second = 0;
  double speakers = 0;
  for (const Opinion& opinion : opinions) {
    if (!opinion.has_p) continue;
    ++speakers;
    if (opinion.surprise <= second) continue;
    second = opinion.surprise;
    if (second > first) std::swap(first, second);
  }
  return speakers > 0 ? first + second / 2 - decimal_log(speakers) : 0;
}

/// The largest surprise of those who judge single events, less for as many as they are.
inline double surprise_of_one_event(std::span<const Opinion> opinions) {
  double surprise = 0;
  double speakers = 0;
  for (const Opinion& opinion : opinions) {
    if (!opinion.has_p || opinion.is_of_stretch) continue;
    surprise = std::max(surprise, opinion.surprise);
    ++speakers;
  }
  return speakers > 0 ? std::max(0.0, surprise - decimal_log(speakers)) : 0;
}

/// What its detector finds common is no news to anybody. Of one event, where any of several
/// features may have the news, more is.
inline bool is_ordinary(const Opinion& opinion, std::size_t features) {
  constexpr double kOrdinary = .02;
  constexpr double kOrdinaryOfSeveral = .001;
  const bool is_shared = features > 1 && !opinion.is_of_stretch;
  return opinion.has_p && opinion.p > (is_shared ? kOrdinaryOfSeveral : kOrdinary);
}

/// Severity by how many powers of ten a score lies beyond the alarm's: below one is `info`, below
/// two `warning`, from there on `critical`.
inline Severity severity_of(double score, double alarm_score) {
  if (score < alarm_score) return Severity::none;
  if (score < alarm_score + 1) return Severity::info;
  if (score < alarm_score + 2) return Severity::warning;
  return Severity::critical;
}

}  // namespace tocsin
