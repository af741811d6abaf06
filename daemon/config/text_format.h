// Texts that must have a form: names of topics, expressions, JSON pointers, addresses.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/fields.h"

namespace tocsin {

inline constexpr std::size_t kTopicBytesMax = 249;  ///< Kafka's own limit.
inline constexpr std::size_t kAppBytesMax = 200;  ///< Leaves room for `-dead-letters` and the like.
inline constexpr std::size_t kTextBytesMax = 1000;

/// Why a text has not the form it needs, as a hint; the hint may be empty.
struct FormMistake {
  std::string hint;
};

/// Empty where `text` has the form of `type`, which is one of the types of text.
std::optional<FormMistake> why_not(FieldType type, std::string_view text);

struct Address {
  std::string host;  ///< Without brackets.
  int port = 0;
};

/// HOST:PORT, where the host may be `[::1]`; empty if it is not that.
std::optional<Address> parse_address(std::string_view text);

/// The parts of `one:9092,two:9092`: as librdkafka writes brokers, and so as variables hold them.
std::vector<std::string_view> brokers_in(std::string_view text);

/// The JSON pointer that a field is meant by: a plain word names a field at the top.
std::string pointer_of(std::string_view field);

/// The names along a JSON pointer, without escapes.
std::vector<std::string> pointer_parts(std::string_view pointer);

}  // namespace tocsin
