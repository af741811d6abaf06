// A detector with a block of its own, for tests and benchmarks.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "detectors/catalog.h"
#include "detectors/counter_random.h"

namespace tocsin {

/// A block of bytes, aligned as the pipeline aligns them.
class Block {
 public:
  /// All bytes are `poison`.
  explicit Block(std::size_t bytes, std::byte poison = std::byte{0xa5})
      : bytes_(bytes), lines_((bytes + 63) / 64) {
    std::memset(lines_.data(), std::to_integer<int>(poison), lines_.size() * sizeof(Line));
  }

  State state() { return {lines_.data()->data(), bytes_}; }
  ConstState state() const { return {lines_.data()->data(), bytes_}; }

  friend bool operator==(const Block& a, const Block& b) {
    return std::ranges::equal(a.state(), b.state());
  }

 private:
  struct alignas(64) Line : std::array<std::byte, 64> {};

  std::size_t bytes_;
  std::vector<Line> lines_;
};

/// A detector and what it has learned, with refits run where they are due. Copies share the
/// detector, which is immutable, and have blocks of their own.
struct Model {
  explicit Model(std::shared_ptr<const Detector> built)
      : detector(std::move(built)), block(detector->state_bytes()) {
    detector->start(block.state());
  }

  std::optional<double> score(const Point& point) const {
    return detector->score(block.state(), point);
  }

  void learn(const Point& point, double weight = 1) {
    detector->learn(block.state(), point, weight);
    settle();
  }

  /// Runs and adopts a refit that is due.
  void settle() {
    const Refit* refit = detector->refit();
    if (refit == nullptr || refit->phase(block.state()) != Refit::Phase::due) return;
    std::vector<std::byte> result(refit->result_bytes());
    refit->run(block.state(), result);
    refit->adopt(block.state(), result);
  }

  std::shared_ptr<const Detector> detector;
  Block block;
};

/// A point with all features present.
inline Point whole(std::span<const double> values) {
  return {.values = values,
          .present = ~std::uint64_t{0} >> (kMaxDimensions - static_cast<int>(values.size()))};
}

/// Nearly normal, mean 0 and standard deviation 1: a sum of 12 uniform numbers.
inline double nearly_normal(const RandomPlace& place) {
  double sum = -6;
  for (std::uint64_t i = 0; i < 12; ++i) {
    sum += random_unit({.seed = place.seed, .key = place.key, .count = place.count * 12 + i});
  }
  return sum;
}

}  // namespace tocsin
