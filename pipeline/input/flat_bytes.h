// Numbers and texts laid end to end, for saved state: eight bytes a number, lowest first; a text
// after its length.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

inline void append_number(std::string& out, std::uint64_t value) {
  for (unsigned shift = 0; shift < 64; shift += 8) {
    out.push_back(static_cast<char>(value >> shift & 0xFFU));
  }
}

inline void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out.append(text);
}

/// Takes from the front what was appended; empty once there is not enough.
class FlatBytes {
 public:
  explicit FlatBytes(std::string_view bytes) : rest_(bytes) {}

  std::optional<std::uint64_t> number() {
    if (rest_.size() < 8) return std::nullopt;
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(8);
    return value;
  }
  std::optional<std::string_view> text() {
    const std::optional<std::uint64_t> size = number();
    if (!size || *size > rest_.size()) return std::nullopt;
    const std::string_view text = rest_.substr(0, *size);
    rest_.remove_prefix(*size);
    return text;
  }
  bool is_at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace tocsin
