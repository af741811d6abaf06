#include "detectors/half_space_trees/forest.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <utility>

#include "detectors/counter_random.h"
#include "detectors/elementary.h"

namespace tocsin {
namespace {

/// Binary digits of a position: more than the depth, and no more than a float has.
constexpr std::uint8_t kDigits = 24;
constexpr double kRange = 1 << kDigits;

// Four numbers, in one register where the machine has such; the arithmetic is the same anyway.
using FourFloats = float __attribute__((vector_size(16)));
using FourInts = std::int32_t __attribute__((vector_size(16)));

FourFloats load_four(const float* from) {
  FourFloats four;
  std::memcpy(&four, from, sizeof(four));
  return four;
}

void store_four(FourInts four, std::uint32_t* to) { std::memcpy(to, &four, sizeof(four)); }

/// What lies outside gets the first or the last digits.
FourInts digits_of(FourFloats values) {
  constexpr auto kLast = static_cast<float>(kRange - 1);
  constexpr FourFloats kLowest = {0, 0, 0, 0};
  constexpr FourFloats kHighest = {kLast, kLast, kLast, kLast};
  values = values > kLowest ? values : kLowest;
  values = values < kHighest ? values : kHighest;
  return __builtin_convertvector(values, FourInts);
}

/// What `rate` carries down one tree.
struct Rating {
  std::span<float> worth;  // [leaves] from `begin` on still the sums of mass before each leaf
  float total;
};

/// A region of a tree: `leaves` of them, from `begin` on, `below` levels above the leaves.
struct Region {
  std::size_t begin;
  int below;
  float mass_before;

  std::size_t end() const { return begin + (std::size_t{1} << below); }
};

float mass_before(const Rating& rating, std::size_t leaf) {
  return leaf < rating.worth.size() ? rating.worth[leaf] : rating.total;
}

/// Rates the leaves of a region, from left to right: the sums that are still needed lie to the
/// right of what is written.
void rate_region(const Rating& rating, const Region& region) {
  constexpr float kLimit = 0.05F;
  constexpr double kDoubt = 0.5;  // mass that anything might have
  constexpr double kBit = 1.4426950408889634;
  const float mass = mass_before(rating, region.end()) - region.mass_before;
  if (mass > kLimit * rating.total && region.below > 0) {
    const std::size_t middle = region.begin + (std::size_t{1} << (region.below - 1));
    const float before = mass_before(rating, middle);
    rate_region(rating, {region.begin, region.below - 1, region.mass_before});
    rate_region(rating, {middle, region.below - 1, before});
    return;
  }
  const double share = (static_cast<double>(std::max(mass, 0.0F)) + kDoubt) /
                       (static_cast<double>(rating.total) + kDoubt);
  const auto bits = static_cast<float>(region.below - kBit * natural_log(std::min(share, 1.0)));
  const std::span<float> leaves = rating.worth.subspan(region.begin, region.end() - region.begin);
  std::fill(leaves.begin(), leaves.end(), bits);
}

}  // namespace

Forest::Forest(const ForestShape& shape, std::uint64_t seed)
    : shape_(shape), padded_((static_cast<std::size_t>(shape.dimensions) + 3) / 4 * 4) {
  nodes_.resize(all_leaves());
  view_.scale.resize(trees() * padded_);
  view_.shift.resize(trees() * padded_);
  for (std::size_t tree = 0; tree < trees(); ++tree) {
    choose_digits(tree, seed);
    choose_view(tree, seed);
  }
}

void Forest::choose_digits(std::size_t tree, std::uint64_t seed) {
  const auto dimensions = static_cast<std::size_t>(shape_.dimensions);
  const std::span<Node> nodes = std::span(nodes_).subspan(tree * leaves(), leaves());
  for (std::size_t node = 1; node < nodes.size(); ++node) {
    const std::uint64_t bits = random_bits({.seed = seed, .key = 2 * tree, .count = node});
    const auto feature = static_cast<std::uint8_t>(((bits >> 32) * dimensions) >> 32);
    std::uint8_t shift = kDigits - 1;
    for (std::size_t above = node / 2; above > 0; above /= 2) {
      if (nodes[above].feature == feature) --shift;
    }
    nodes[node] = {feature, shift};
  }
}

void Forest::choose_view(std::size_t tree, std::uint64_t seed) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(shape_.dimensions); ++i) {
    const double centre = random_unit({.seed = seed, .key = 2 * tree + 1, .count = i});
    const double reach = 2 * std::max(centre, 1 - centre);
    const double scale = kRange / (2 * reach);
    view_.scale[tree * padded_ + i] = static_cast<float>(scale);
    view_.shift[tree * padded_ + i] = static_cast<float>(scale * (reach - centre));
  }
}

template <std::size_t count>
void Forest::find_together(Position position, std::size_t first,
                           std::span<std::uint32_t> found) const {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): what is read is written first.
  alignas(64) std::array<std::array<std::uint32_t, kMaxDimensions>, count> digits;
  std::array<const Node*, count> nodes{};
  std::array<std::uint32_t, count> at{};
  for (std::size_t tree = 0; tree < count; ++tree) {
    const std::size_t views = (first + tree) * padded_;
    for (std::size_t i = 0; i < padded_; i += 4) {
      store_four(digits_of(load_four(&position[i]) * load_four(&view_.scale[views + i]) +
                           load_four(&view_.shift[views + i])),
                 &digits[tree][i]);
    }
    nodes[tree] = &nodes_[(first + tree) * leaves()];
    at[tree] = 1;
  }
  // Written out for each tree, so that all the places stay in registers.
  const auto step_down = [&]<std::size_t... tree>(std::index_sequence<tree...>) {
    const auto next = [&](const Node* of_tree, std::uint32_t place, const auto& digit) {
      const Node node = of_tree[place];
      return 2 * place + (digit[node.feature] >> node.shift & 1U);
    };
    ((at[tree] = next(nodes[tree], at[tree], digits[tree])), ...);
  };
  for (int level = 0; level < shape_.depth; ++level) step_down(std::make_index_sequence<count>{});
  // Leaves are counted from the last level's first node, and through all trees.
  for (std::size_t tree = 0; tree < count; ++tree) {
    found[first + tree] = static_cast<std::uint32_t>((first + tree - 1) * leaves()) + at[tree];
  }
}

void Forest::find_leaves(Position position, std::span<std::uint32_t> found) const {
  constexpr std::size_t kTogether = 5;
  assert(found.size() == trees());
  std::size_t tree = 0;
  for (; tree + kTogether <= trees(); tree += kTogether) {
    find_together<kTogether>(position, tree, found);
  }
  for (; tree < trees(); ++tree) find_together<1>(position, tree, found);
}

void Forest::rate(std::span<const float> mass, std::span<float> worth) const {
  assert(mass.size() == all_leaves() && worth.size() == all_leaves());
  for (std::size_t tree = 0; tree < trees(); ++tree) {
    const std::span<const float> seen = mass.subspan(tree * leaves(), leaves());
    const std::span<float> rated = worth.subspan(tree * leaves(), leaves());
    float total = 0;
    for (std::size_t leaf = 0; leaf < leaves(); ++leaf) {
      rated[leaf] = total;
      total += seen[leaf];
    }
    rate_region({rated, total}, {0, shape_.depth, 0});
  }
}

}  // namespace tocsin
