// What a field's name says about its numbers, for the discovery of features.

#pragma once

#include <string_view>

namespace tocsin {

/// Whether a field of this name holds ids or times rather than measurements, even where they are
/// numbers. The name is cut into words at capitals (`userId`, `HTTPPort`) and at what is no letter
/// or digit. Ids end in one of the words of `kIdWords` or begin with `id`; times contain a word of
/// `kTimeWords`, end in `at`, or are `time` alone or after a word of `kMomentWords`
/// (`start_time`; but `response_time` is a duration).
bool names_id_or_time(std::string_view name);

}  // namespace tocsin
