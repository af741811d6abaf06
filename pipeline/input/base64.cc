#include "pipeline/input/base64.h"

#include <cstddef>
#include <cstdint>

namespace tocsin {

void append_base64(std::string& out, std::string_view bytes) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
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

}  // namespace tocsin
