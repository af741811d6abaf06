// Numbers that one thread writes and any thread reads: what metrics are made of.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tocsin {

/// A count that only grows, or a level. Threads: one writer at a time; any reader.
class Counter {
 public:
  void add(std::uint64_t amount = 1) { set(value() + amount); }
  void set(std::uint64_t amount) { value_.store(amount, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Observed durations, counted in buckets of fixed bounds. Threads: as Counter.
class DurationCounter {
 public:
  /// Upper bounds in seconds; a last bucket takes the rest.
  static constexpr std::array<double, 16> kBoundsSeconds{1e-7, 2.5e-7, 1e-6, 2.5e-6, 1e-5, 2.5e-5,
                                                         1e-4, 2.5e-4, 1e-3, 2.5e-3, 1e-2, 2.5e-2,
                                                         1e-1, 2.5e-1, 1,    10};

  void observe(double seconds) {
    std::size_t bucket = 0;
    while (bucket < kBoundsSeconds.size() && seconds > kBoundsSeconds[bucket]) ++bucket;
    counts_[bucket].add();
    nanoseconds_.add(static_cast<std::uint64_t>(seconds * 1e9));
  }
  /// Not cumulative; one more than there are bounds.
  std::uint64_t count(std::size_t bucket) const { return counts_[bucket].value(); }
  double sum_seconds() const { return static_cast<double>(nanoseconds_.value()) * 1e-9; }

 private:
  std::array<Counter, kBoundsSeconds.size() + 1> counts_;
  Counter nanoseconds_;
};

}  // namespace tocsin
