// What the words for sensitivity stand for.

#pragma once

#include <array>

namespace tocsin {

/// False incidents an entity and day, in the order of the field's words: `sensitive`, `balanced`,
/// `strict`.
inline constexpr std::array kSensitivityIncidents{1.0, 1.0 / 100, 1.0 / 1000};

}  // namespace tocsin
