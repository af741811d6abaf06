// What a delivery report says of its record. Internal to this folder.

#pragma once

#include <cstddef>
#include <cstdint>

namespace tocsin {

/// Which record of which series it is, and whether its place is wanted; it travels as a message's
/// opaque pointer, which is never followed and never null.
class DeliveryTag {
 public:
  /// The series after that one: 1 to 2^31 - 1, then 1 again.
  static std::uint32_t after(std::uint32_t series) { return series % kSeriesMax + 1; }

  DeliveryTag(std::uint32_t series, std::size_t index, bool wants_place)
      : bits_(std::uint64_t{series} << 33U | (index & kIndexMax) << 1U | (wants_place ? 1U : 0U)) {}
  explicit DeliveryTag(const void* opaque) : bits_(reinterpret_cast<std::uintptr_t>(opaque)) {}

  // NOLINTNEXTLINE(performance-no-int-to-ptr): never followed.
  void* opaque() const { return reinterpret_cast<void*>(static_cast<std::uintptr_t>(bits_)); }
  std::uint32_t series() const { return static_cast<std::uint32_t>(bits_ >> 33U); }
  std::size_t index() const { return bits_ >> 1U & kIndexMax; }
  bool wants_place() const { return (bits_ & 1U) != 0; }

 private:
  static constexpr std::uint32_t kSeriesMax = (1U << 31U) - 1;
  static constexpr std::uint64_t kIndexMax = 0xffffffff;
  static_assert(sizeof(std::uintptr_t) == sizeof(std::uint64_t));

  std::uint64_t bits_;
};

}  // namespace tocsin
