// What the words for sensitivity stand for.

#pragma once

#include <array>

namespace tocsin {

/// Probabilities of an alarm on a normal event, in the order of the field's words: `sensitive`,
/// `balanced`, `strict`.
///
/// DESIGN 6 means the words as false incidents an entity and day; until the rate of events is
/// measured they are fixed probabilities.
inline constexpr std::array kSensitivityProbabilities{1e-3, 1e-4, 1e-5};

}  // namespace tocsin
