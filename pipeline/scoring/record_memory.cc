#include "pipeline/scoring/record_memory.h"

#include <algorithm>
#include <limits>

#include "detectors/elementary.h"

namespace tocsin {

namespace {

/// Fewer scores have no record worth the name.
constexpr std::uint32_t kWarmUp = 60;
constexpr float kMargin = .2F;
constexpr float kGrowth = .5F;
constexpr float kCalming = .001F;
constexpr float kFading = 6.93e-5F;  // ln 2 / 10,000
constexpr float kTypicalRate = .005F;
/// Of the record: the least distance from the typical score to it.
constexpr float kLeastWidth = .05F;
constexpr float kTiny = 1e-9F;
constexpr float kNewsKept = 1 - 1 / 2000.0F;
constexpr std::uint32_t kEventsMax = 20'000;

void count(std::uint32_t& number) {
  if (number < std::numeric_limits<std::uint32_t>::max()) ++number;
}

}  // namespace

void RecordMemory::skip(Block& block) {
  count(block.events);
  block.news *= kNewsKept;
}

double RecordMemory::judge(Block& block, double score, Meaning meaning) {
  count(block.events);
  block.news *= kNewsKept;
  const double beyond = meaning.is_breach ? score : excess(block, score);
  if (!(beyond > 0)) return 0;
  block.news += 1;
  const double events =
      std::max(1.0, static_cast<double>(std::min(block.events, kEventsMax)) / meaning.points);
  const double rate = std::min(1.0, std::max(1.0, static_cast<double>(block.news)) / events);
  return -decimal_log(rate) + 2 * natural_log1p(3 * beyond) * decimal_log(events);
}

double RecordMemory::excess(Block& block, double score) {
  const auto height = static_cast<float>(natural_log1p(score));
  count(block.scored);
  block.growth -= kCalming * block.growth;
  if (block.scored == 1) {
    block.highest = block.typical = height;
    return 0;
  }
  const float width = std::max({block.highest - block.typical, kLeastWidth * block.highest, kTiny});
  float beyond = (height - block.highest) / width;
  if (block.scored <= kWarmUp || beyond <= kMargin * (1 + block.growth)) {
    beyond = 0;
  } else {
    block.growth += kGrowth;
  }
  const float share = std::max(kTypicalRate, 1 / static_cast<float>(block.scored));
  block.typical += share * (height - block.typical);
  block.highest = std::max(height, block.highest - kFading * (block.highest - block.typical));
  return static_cast<double>(beyond);
}

}  // namespace tocsin
