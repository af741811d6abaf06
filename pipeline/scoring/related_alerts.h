// Which other entities of a partition alert in the same minute.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pipeline/input/batch.h"

namespace tocsin {

/// The last 16 alerts' entities and minutes of event time.
class RelatedAlerts {
 public:
  static constexpr std::size_t kRemembered = 16;
  static constexpr std::size_t kRelatedMax = 8;

  struct Entry {
    std::int64_t minute;
    std::uint32_t length;
    std::uint32_t is_used;
    std::array<char, kEntityMaxBytes> entity;
  };
  /// Flat; zero bytes remember nothing.
  struct Block {
    std::uint64_t next;
    std::array<Entry, kRemembered> entries;
  };

  explicit RelatedAlerts(Block& block) : block_(block) {}

  /// Names other entities that alerted in this minute, the latest first. Views into the block.
  struct Found {
    std::array<std::string_view, kRelatedMax> entities{};
    std::size_t count = 0;
  };
  Found others(std::string_view entity, std::int64_t time_ms) const;

  /// Remembers an alert; an entity once a minute.
  void note(std::string_view entity, std::int64_t time_ms);

 private:
  bool knows(std::string_view entity, std::int64_t minute) const;

  Block& block_;
};

}  // namespace tocsin
