// Numbers as JSON writes them: what is one, and which double it is.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace tocsin {

/// Whether the whole of `text` is a JSON number.
bool is_json_number(std::string_view text);

/// The double nearest to `number`, which is a JSON number; empty if it is beyond a double's
/// range. What is too small becomes zero, and minus zero is zero.
std::optional<double> to_double(std::string_view number);

/// Whether `number`, which is a JSON number, is written without fraction and exponent.
inline bool is_written_as_integer(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos;
}

/// As `is_json_number`, in a document of which `readable` bytes follow the begin of `text`.
///
/// Most numbers are short and plain; those are checked in one step without a loop, because a
/// loop over a number of changing length costs a mispredicted branch each time.
inline bool is_json_number_inside([[maybe_unused]] std::string_view text,
                                  [[maybe_unused]] std::size_t readable) {
#ifdef __SSE2__
  if (text.size() <= 16 && readable >= 16 && !text.empty()) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data()));
    // As signed bytes, '0'..'9' shifted to the bottom of the range are the ten smallest.
    const __m128i shifted = _mm_add_epi8(bytes, _mm_set1_epi8(static_cast<char>(0x80 - '0')));
    const __m128i is_digit = _mm_cmplt_epi8(shifted, _mm_set1_epi8(static_cast<char>(0x80 + 10)));
    const auto length = static_cast<unsigned>(text.size());
    const unsigned digits =
        static_cast<unsigned>(_mm_movemask_epi8(is_digit)) & ((1U << length) - 1);
    const unsigned sign = text[0] == '-' ? 1U : 0U;
    const auto whole = static_cast<unsigned>(__builtin_ctz(~(digits >> sign)));
    const unsigned point = sign + whole;
    const bool leads_with_zero = whole > 1 && text[sign] == '0';
    if (whole > 0 && !leads_with_zero) {
      if (point == length) return true;
      const unsigned rest = digits >> (point + 1) | ~0U << (length - point - 1);
      if (point + 1 < length && text[point] == '.' && rest == ~0U) return true;
    }
  }
#endif
  return is_json_number(text);
}

}  // namespace tocsin
