#include "pipeline/input/base64.h"

#include <cstddef>
#include <cstdint>

namespace tocsin {
namespace {

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view three = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8U | (k < three.size() ? static_cast<unsigned char>(three[k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      const char letter = kLetters[bits >> (18 - 6 * k) & 63U];
      out.push_back(k <= three.size() ? letter : '=');
    }
  }
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::string_view four = text.substr(i, 4);
    if (i + 4 == text.size()) four = four.substr(0, four.find('='));
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t letter = k < four.size() ? kLetters.find(four[k]) : 0;
      if (letter == std::string_view::npos) return std::nullopt;
      bits = bits << 6U | static_cast<std::uint32_t>(letter);
    }
    for (std::size_t k = 0; k + 1 < four.size(); ++k)
      bytes.push_back(static_cast<char>(bits >> (16 - 8 * k) & 255U));
  }
  // Other spellings of the same bytes, and lengths that are none, differ from ours.
  std::string again;
  append_base64(again, bytes);
  if (again != text) return std::nullopt;
  return bytes;
}

}  // namespace tocsin
