// A bounded queue between two threads.

#pragma once

#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>
#include <vector>

namespace tocsin {

/// Hands small values (pointers) from one thread to another, in order, without locks.
///
/// Each side keeps a copy of the other's position and looks at the shared one only when the copy
/// says full or empty, so the cache line moves once for many values.
/// Threads: one pushes, one pops.
template <class T>
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): the two sides have lines of their own.
class Ring {
 public:
  /// `capacity` is rounded up to a power of two.
  explicit Ring(std::size_t capacity) : slots_(std::bit_ceil(capacity)), mask_(slots_.size() - 1) {}

  /// False when full.
  bool push(T value) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ == slots_.size()) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail - head_seen_ == slots_.size()) return false;
    }
    slots_[tail & mask_] = value;
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  /// False when empty.
  bool pop(T& value) {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_seen_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (head == tail_seen_) return false;
    }
    value = slots_[head & mask_];
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  /// How many wait; exact for the two owners, near enough for others.
  std::size_t size() const {
    return tail_.load(std::memory_order_acquire) - head_.load(std::memory_order_acquire);
  }
  std::size_t capacity() const { return slots_.size(); }

 private:
  std::vector<T> slots_;
  const std::size_t mask_;
  alignas(64) std::atomic<std::size_t> head_{0};
  std::size_t tail_seen_ = 0;  // The popping side's copy.
  alignas(64) std::atomic<std::size_t> tail_{0};
  std::size_t head_seen_ = 0;  // The pushing side's copy.
};

}  // namespace tocsin
