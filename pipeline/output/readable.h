// Numbers, durations and names as people read them: for titles and explanations.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tocsin {

/// A finite number in a few significant digits: `912`, `96.48`, `12,350`, `1.2e-07`.
class ReadableNumber {
 public:
  static constexpr int kDigits = 4;

  explicit ReadableNumber(double value, int digits = kDigits);

  std::string_view text() const { return {text_, length_}; }

 private:
  void add(char byte) { text_[length_++] = byte; }
  void add_plain(std::string_view mantissa, int exponent);
  void add_scientific(std::string_view mantissa, int exponent);

  char text_[48] = {};
  std::size_t length_ = 0;
};

/// The fewest significant digits, at least 3, with which numbers that differ also look different.
int digits_that_tell_apart(std::span<const double> values);

/// Appends `45 s`, `5 min`, `2 h 10 min` or `3 days`.
void add_duration(std::string& out, std::int64_t ms);

/// Probabilities below this are not told apart.
inline constexpr double kSmallestFrequency = 1e-12;

/// Appends `1 in 10,000`, the frequency of a probability, or `fewer than 1 in a trillion`.
void add_frequency(std::string& out, double probability);

/// Appends a name that may be anything: what would move the cursor, end the line or turn the
/// direction of writing becomes `?`, and what is longer than 80 bytes is cut.
void add_name(std::string& out, std::string_view name);

/// Appends an entity: a composite one, `["checkout","/pay"]`, as `checkout /pay`.
void add_entity(std::string& out, std::string_view entity);

}  // namespace tocsin
