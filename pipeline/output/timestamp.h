// Times as text.

#pragma once

#include <cstddef>
#include <cstdint>

namespace tocsin {

/// Length of `2026-11-21T08:30:00.125Z`.
inline constexpr std::size_t kTimestampLength = 24;

/// The range that RFC 3339 and protobuf can say, 0001-01-01 to 9999-12-31, in milliseconds since
/// 1970, UTC. Times outside are written as its ends.
inline constexpr std::int64_t kTimestampMinMs = -62'135'596'800'000;
inline constexpr std::int64_t kTimestampMaxMs = 253'402'300'799'999;

/// `time_ms`, within that range.
std::int64_t within_timestamps(std::int64_t time_ms);

/// Writes `time_ms` to `to` as RFC 3339 in UTC with milliseconds: kTimestampLength bytes.
void write_timestamp(char* to, std::int64_t time_ms);

}  // namespace tocsin
