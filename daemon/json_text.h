// JSON written by hand: what logs, probes and `--json` need, and no more.

#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin {

/// Appends `text` as a JSON string, quotes included. Unlike the pipeline, which writes text that is
/// known to be UTF-8, this takes anything: bytes that are not UTF-8 become U+FFFD, so
/// that a line stays valid whatever is logged.
void append_json_text(std::string& out, std::string_view text);

/// Appends a number; what JSON cannot write (NaN, infinity) becomes a string.
void append_json_number(std::string& out, double value);

/// An object, built member by member.
class JsonObject {
 public:
  JsonObject& add(std::string_view name, std::string_view value);
  JsonObject& add(std::string_view name, const char* value) {
    return add(name, std::string_view(value));
  }
  JsonObject& add(std::string_view name, bool value);
  JsonObject& add(std::string_view name, double value);
  template <std::integral T>
  requires(!std::same_as<T, bool>) JsonObject& add(std::string_view name, T value) {
    return add_raw(name, std::to_string(value));
  }
  /// `json` is a value already.
  JsonObject& add_raw(std::string_view name, std::string_view json);

  /// The object; `this` may go on.
  std::string text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

}  // namespace tocsin
