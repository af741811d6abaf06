// What is written in place of a record that the log refuses for good.

#pragma once

#include <cstddef>
#include <string_view>

#include "pipeline/log/log.h"
#include "pipeline/output/output_arena.h"

namespace tocsin {

/// No substitute is larger, its key and headers included.
inline constexpr std::size_t kSubstituteMaxBytes = 8U << 10U;

/// Makes a small record that stands for `refused`, which an Encoder has made: same topic, same
/// key, and in its value the id, the reason, the length and the SHA-256 of the value refused, in
/// the same encoding (field `substitute`). A dead letter keeps the headers that say why it is one
/// and loses those of the original; length and digest are headers, too, and the value is empty.
///
/// Its views lie in `arena`, or where those of `refused` do.
WriteRecord make_substitute(const WriteRecord& refused, std::string_view reason,
                            OutputArena& arena);

}  // namespace tocsin
