// Random numbers without a state: a hash of what is asked for.
//
// A generator with a state would give other numbers after a restart, or in another order of
// threads. Here the same question always has the same answer.

#pragma once

#include <cstdint>

namespace tocsin {

/// Which random number: the `count`-th of `key` (a tree, an entity) under `seed`.
struct RandomPlace {
  std::uint64_t seed = 0;
  std::uint64_t key = 0;
  std::uint64_t count = 0;
};

/// One-to-one, each bit of the result depends on each bit of `x`.
///
/// Source: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014, section 5: mix64 with D. Stafford's variant 13 of the constants.
constexpr std::uint64_t mix_bits(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// 64 random bits. For a fixed seed and key this is SplitMix64 (the paper above), entered at its
/// `count`-th number.
constexpr std::uint64_t random_bits(const RandomPlace& place) {
  constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;  // 2^64 over the golden ratio, odd
  const std::uint64_t start = mix_bits(mix_bits(place.seed + kStep) ^ place.key);
  return mix_bits(start + (place.count + 1) * kStep);
}

/// Uniform in [0, 1), a multiple of 2^-53.
constexpr double random_unit(const RandomPlace& place) {
  return static_cast<double>(random_bits(place) >> 11) * 0x1p-53;
}

}  // namespace tocsin
