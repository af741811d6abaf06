// The trees of half-space trees: where they cut, and what their leaves are worth.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "detectors/detector.h"

namespace tocsin {

/// How many trees, how deep, over how many features.
struct ForestShape {
  int trees = 0;
  int depth = 0;  ///< 1 to 15: a tree has 2^depth leaves.
  int dimensions = 0;
};

/// A position in each feature's learned range: 0 is its lower end, 1 its upper. Beyond is allowed;
/// [kMaxDimensions], as trees look at features four at a time.
using Position = std::span<const float, kMaxDimensions>;

/// The cuts of all trees: constant for a shape and a seed, nothing is learned here.
///
/// A node cuts the present range of one feature in the middle. So the side on which a point lies
/// is a binary digit of its position in that feature, the first for the first cut of that feature
/// on the way down, and so on. No cut needs to be stored: a node is which digit of which feature.
///
/// Each tree has its own view of a feature's range [0, 1]: around a random s of it, twice
/// max(s, 1 - s) to each side (Tan, Ting and Liu, section 3.1), so that the trees cut at different
/// places and see beyond the range.
///
/// Threads: immutable after construction.
class Forest {
 public:
  Forest(const ForestShape& shape, std::uint64_t seed);

  std::size_t trees() const { return static_cast<std::size_t>(shape_.trees); }
  /// Leaves of one tree.
  std::size_t leaves() const { return std::size_t{1} << shape_.depth; }
  /// Leaves of all trees.
  std::size_t all_leaves() const { return trees() * leaves(); }

  /// The leaf of each tree in which the position lies, as an index into the leaves of all trees.
  /// `found` is [trees].
  void find_leaves(Position position, std::span<std::uint32_t> found) const;

  /// Writes what each leaf is worth, given the mass that each has seen: how many bits rarer a
  /// point in its region is than if all mass were in one leaf, >= 0. Both are [all_leaves].
  ///
  /// The region is the first on the way down with a twentieth of all mass, or less: smaller ones
  /// have seen too little to be compared.
  void rate(std::span<const float> mass, std::span<float> worth) const;

 private:
  /// Which digit decides at a node.
  struct Node {
    std::uint8_t feature;
    std::uint8_t shift;  // of the feature's digits, to have this one last
  };
  /// How a tree sees positions: the digits of a feature are of position * scale + shift.
  struct View {
    std::vector<float> scale;  // [trees][padded_]
    std::vector<float> shift;  // [trees][padded_]
  };

  void choose_digits(std::size_t tree, std::uint64_t seed);
  void choose_view(std::size_t tree, std::uint64_t seed);
  /// Finds the leaves of `count` trees from `first` on, together, so that none waits for memory.
  template <std::size_t count>
  void find_together(Position position, std::size_t first, std::span<std::uint32_t> found) const;

  ForestShape shape_;
  std::size_t padded_;       // dimensions, up to a multiple of 4
  std::vector<Node> nodes_;  // [trees][leaves]; the children of node n are 2n and 2n + 1
  View view_;
};

}  // namespace tocsin
