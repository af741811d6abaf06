// The features that discovery has found in a partition.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "detectors/detector.h"

namespace tocsin {

/// Names of discovered columns, in a flat block.
///
/// A feature is named by its JSON pointer without the leading slash: `cpu/user`. Of a longer one
/// the first kNameMaxBytes are kept; the column itself is not affected.
class FeatureList {
 public:
  static constexpr std::size_t kNameMaxBytes = 252;

  /// Zero bytes are an empty list.
  static std::size_t block_bytes(std::size_t features_max);

  explicit FeatureList(State block) : block_(block) {}

  /// Column `column` holds the values at `path`.
  void discover(std::size_t column, std::string_view path);
  /// Discovery has ended: these columns turned out to be no numbers.
  void freeze(std::uint64_t dropped);

  std::uint64_t dropped() const;
  std::string_view name(std::size_t column) const;

 private:
  struct Header {
    std::uint64_t dropped;
    std::uint64_t is_frozen;
  };
  struct Entry {
    std::uint32_t length;
    std::array<char, kNameMaxBytes> name;
  };

  State block_;
};

}  // namespace tocsin
