// What a Linux machine says of itself in /proc, as events: the input of `tocsin demo`.

#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin {

/// How a number in /proc becomes a vital sign.
enum class VitalKind : std::uint8_t {
  level,       ///< As it is.
  per_second,  ///< A count that only grows: what it grew by in a second.
  percent,     ///< A count that only grows: what it grew by, of what `whole` grew by.
};

/// One number as read.
struct Vital {
  std::string entity;     ///< `cpu`, `cpu0`, `memory`, `load`, `disk vda`, `net eth0`.
  std::string_view name;  ///< `busy_percent`; the unit last.
  VitalKind kind = VitalKind::level;
  double value = 0;
  double whole = 0;
};

/// Everything found below `proc`, entity by entity. What is absent or unreadable is left out:
/// containers and old kernels show less.
std::vector<Vital> read_vitals(const std::filesystem::path& proc);

/// One event: an entity and what its vital signs are now.
struct VitalEvent {
  std::string entity;
  std::string json;  ///< `{"entity":"cpu0","time":1700000000000,"busy_percent":3.1}`
};

/// Turns readings into events, averaging over about a second, which smooths the kernel's
/// ticks of 10 ms.
class VitalSigns {
 public:
  explicit VitalSigns(std::filesystem::path proc = "/proc") : proc_(std::move(proc)) {}

  /// Reads now. `now_ms` is since 1970 and grows. Empty the first time: a rate needs two readings.
  std::vector<VitalEvent> read(std::int64_t now_ms);

  /// The last average of `cpu` busy_percent; 0 before there is one.
  double busy_percent() const { return busy_percent_; }

 private:
  struct Reading {
    std::int64_t time_ms = 0;
    std::vector<Vital> vitals;
  };
  std::vector<VitalEvent> between(const Reading& before, const Reading& now);

  std::filesystem::path proc_;
  std::deque<Reading> readings_;  // Oldest first; the front is about a second old.
  double busy_percent_ = 0;
};

}  // namespace tocsin
