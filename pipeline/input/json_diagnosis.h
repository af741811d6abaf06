// What exactly is wrong with a document that cannot be read.

#pragma once

#include <cstddef>
#include <string_view>

#include "pipeline/input/reject_reason.h"

namespace tocsin {

/// An object or array inside an object, and so on, may be this deep; the outermost counts.
inline constexpr int kJsonDepthMax = 64;

struct JsonDiagnosis {
  RejectReason reason = RejectReason::none;  ///< none, undecodable or too_deep.
  std::string_view what;                     ///< "a comma was expected": a clause.
  std::size_t position = 0;                  ///< Byte, from 0, where it was noticed.
};

/// Reads `text` byte by byte and names the first thing wrong with it.
///
/// The fast reader (json_reader.h) only says that something is wrong, because where it notices
/// depends on the CPU; words that are written out must not. So it is called for broken documents
/// only, and is also a second opinion on what is valid in the tests.
JsonDiagnosis diagnose(std::string_view text);

}  // namespace tocsin
