// Which partition a key belongs to, as Java's producer says.

#pragma once

#include <cstdint>
#include <string_view>

namespace tocsin {

/// The 32-bit hash of Kafka's Java client (org.apache.kafka.common.utils.Utils.murmur2): Austin
/// Appleby's MurmurHash2 with seed 0x9747b28c. No differences.
std::uint32_t murmur2(std::string_view key);

/// Java's `toPositive(murmur2(key)) % partitions`; `partitions` is at least 1.
std::int32_t partition_of(std::string_view key, std::int32_t partitions);

}  // namespace tocsin
