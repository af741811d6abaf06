// Which topic a record goes to.

#pragma once

#include <cstdint>

namespace tocsin {

/// Values of `WriteRecord::topic`: a writer is made with three topics in this order.
enum class OutputTopic : std::uint16_t { scores, alerts, dead_letters };

constexpr std::uint16_t index_of(OutputTopic topic) { return static_cast<std::uint16_t>(topic); }

}  // namespace tocsin
