#include "daemon/memory_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace tocsin {
namespace {

/// The program, its libraries, the stacks of its threads and what the allocator keeps: resident
/// memory of an idle daemon, rounded up.
constexpr std::size_t kProgramBytes = 48U << 20U;

std::size_t count(int number) { return static_cast<std::size_t>(std::max(number, 0)); }

std::string plural(std::size_t number, std::string_view noun, std::string_view ending = "s") {
  return fmt::format("{} {}{}", count_text(number), noun, number == 1 ? "" : ending);
}

}  // namespace

MemoryPlan plan_memory(const MemoryNeeds& needs, std::size_t max_bytes) {
  const std::size_t partitions = count(needs.partitions);
  // Full rings, and one being filled for each partition.
  const std::size_t batches = count(needs.workers) * needs.ring_batches + partitions;
  MemoryPlan plan{.max_bytes = max_bytes};
  plan.rows = {
      {.part = "state of " + plural(partitions, "partition"),
       .bytes = partitions * needs.partition_bytes},
      {.part = needs.lanes == 1 ? "snapshot copy of one partition"
                                : "snapshot copies of " + plural(count(needs.lanes), "partition"),
       .bytes = count(needs.lanes) * needs.partition_bytes},
      {.part = "fetch queue", .bytes = needs.fetch_queue_bytes},
      {.part = plural(batches, "batch", "es") + " on the way to " +
               plural(count(needs.workers), "worker"),
       .bytes = batches * needs.batch_bytes},
      {.part = "two epochs of output", .bytes = 2 * needs.epoch_bytes},
      {.part = "producer queue", .bytes = needs.producer_queue_bytes},
      {.part = "program, libraries, threads", .bytes = kProgramBytes},
  };
  for (const MemoryRow& row : plan.rows) plan.sum_bytes += row.bytes;
  const std::size_t each = needs.partition_bytes + needs.batch_bytes;
  const std::size_t others = plan.sum_bytes - partitions * each;
  if (max_bytes > others && needs.partition_bytes > 0) {
    plan.partitions_max = (max_bytes - others) / each;
  }
  return plan;
}

std::string memory_table(const MemoryPlan& plan) {
  std::string text;
  const auto line = [&](std::string_view part, std::size_t bytes) {
    text += fmt::format("  {:<44}{:>12}\n", part, bytes_text(bytes));
  };
  for (const MemoryRow& row : plan.rows) line(row.part, row.bytes);
  line("sum", plan.sum_bytes);
  line("allowed (memory.max_bytes)", plan.max_bytes);
  return text;
}

std::string bytes_text(std::size_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  const bool is_whole = value == std::floor(value);
  return fmt::format("{:.{}f} {}", value, is_whole ? 0 : 1, kUnits[unit]);
}

std::string count_text(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t place = digits.size(); place > 3;) {
    place -= 3;
    digits.insert(place, 1, ',');
  }
  return digits;
}

}  // namespace tocsin
