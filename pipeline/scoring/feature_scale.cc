#include "pipeline/scoring/feature_scale.h"

#include <algorithm>
#include <cstddef>

#include "detectors/elementary.h"

namespace tocsin {

namespace {

using Block = FeatureScale::Block;

constexpr std::array<double, 3> kShare{.9, .99, .999};
/// Of the distance of a normal value from its mean, in standard deviations.
constexpr std::array<float, 3> kPrior{1.645F, 2.576F, 3.291F};
constexpr float kLeast = 1 / 3.0F;  // of the prior
constexpr double kGain = 50;
constexpr double kGainDelay = 100;
constexpr double kGainMost = .5;
constexpr double kGainLeast = .01;
/// A score more than so many times as high as the last point moves that further, at most so many
/// times: where nothing lies between, there is nothing to overshoot.
constexpr double kFar = 2;
constexpr double kHaste = 10;
constexpr float kSettled = 4900;  // events: the gain is .01
/// Of what lies below: the least distance between two points.
constexpr double kLeastWidth = .1;
/// Of the distances between the points: what makes a tail heavy, and how heavy it may be.
constexpr double kHeavy = 1.001;
constexpr double kHeaviest = 2.5;

constexpr float kBreachesKept = 262'144;
constexpr double kPriorEvents = 1000;
constexpr double kPriorBreaches = .1;
constexpr double kPriorSize = .25;  // weighs as much as one breach
constexpr double kLargestSize = 8;  // means
constexpr double kRareBreach = 1e-4;

Standing stand(const Block& block, double score) {
  const std::array<float, 3>& known = block.events > 0 ? block.known : kPrior;
  const std::array<double, 3> at{static_cast<double>(known[0]), static_cast<double>(known[1]),
                                 static_cast<double>(known[2])};
  const double first = at[0];
  if (score <= first) return {.rank = score / first, .excess = score / first};
  const double width = std::max(at[1] - first, kLeastWidth * first);
  const double second = first + width;
  if (score <= second) {
    const double rank = 1 + (score - first) / width;
    return {.rank = rank, .excess = rank};
  }
  const double next_width = std::max(at[2] - second, kLeastWidth * second);
  const double steps = (score - second) / next_width;
  if (steps <= 1) return {.rank = 2 + steps, .excess = 2 + steps};
  // If each power of ten is `growth` times as far from the last as that one from the one before,
  // the sum of m further ones is a geometric series.
  const double growth = std::min(next_width / width, kHeaviest);
  const double beyond =
      growth < kHeavy ? steps - 1
                      : natural_log1p((steps - 1) * (growth - 1) / growth) / natural_log(growth);
  return {.rank = 3 + beyond, .excess = 2 + steps};
}

/// Where a point that a score lies above moves to.
double raised(double at, double score, double gain, std::size_t index) {
  const bool is_last = index + 1 == kShare.size();
  const double haste = is_last ? std::clamp(score / (kFar * at), 1.0, kHaste) : 1;
  return std::min(at + gain * haste * kShare[index] * at, score);
}

/// Where a point moves to that a score lies below.
template <std::size_t Index>
float lowered(const Block& block) {
  constexpr double kRest = 1 - kGainLeast * (1 - kShare[Index]);
  constexpr float kFloor = kLeast * kPrior[Index];
  return std::max(static_cast<float>(static_cast<double>(block.known[Index]) * kRest), kFloor);
}

/// What most scores are, once the points are known: below all of them.
bool is_ordinary(const Block& block, double score) {
  return block.events >= kSettled && score < static_cast<double>(block.known[0]) &&
         score < static_cast<double>(block.known[1]) && score < static_cast<double>(block.known[2]);
}

/// What `stand` and `follow` do then, without their questions.
Standing observe_ordinary(Block& block, double score) {
  const double rank = score / static_cast<double>(block.known[0]);
  block.known = {lowered<0>(block), lowered<1>(block), lowered<2>(block)};
  return {.rank = rank, .excess = rank};
}

void follow(Block& block, double score) {
  if (!(block.events > 0)) block.known = kPrior;
  double gain = kGainLeast;
  if (block.events < kSettled) {
    gain = std::min(kGainMost, kGain / (static_cast<double>(block.events) + kGainDelay));
    block.events += 1;
  }
  for (std::size_t i = 0; i < kShare.size(); ++i) {
    const auto at = static_cast<double>(block.known[i]);
    if (score == at) continue;
    const double moved =
        score > at ? raised(at, score, gain, i) : at * (1 - gain * (1 - kShare[i]));
    block.known[i] = std::max(static_cast<float>(moved), kLeast * kPrior[i]);
  }
}

double mean_size(const Block& block) {
  const auto breaches = static_cast<double>(block.known[0]);
  return (breaches * static_cast<double>(block.known[1]) + kPriorSize) / (breaches + 1);
}

Standing stand_as_breach(const Block& block, double size) {
  if (!(size > 0)) return {};
  const auto breaches = static_cast<double>(block.known[0]);
  const double rate =
      (breaches + kPriorBreaches) / (static_cast<double>(block.events) + kPriorEvents);
  const double mean = mean_size(block);
  const double usual = mean * std::max(0.0, 1 + natural_log(rate / kRareBreach));
  return {.rank = -decimal_log(rate) + size / mean / natural_log(10),
          .excess = std::max(0.0, size - usual)};
}

void count_breach(Block& block, double size) {
  block.events += 1;
  if (size > 0) {
    const double counted = std::min(size, kLargestSize * mean_size(block));
    block.known[0] += 1;
    block.known[1] += (static_cast<float>(counted) - block.known[1]) / block.known[0];
  }
  if (block.events < kBreachesKept) return;
  block.events /= 2;
  block.known[0] /= 2;
}

}  // namespace

Standing FeatureScale::judge(const Block& block, double score, Meaning meaning) {
  return meaning == Meaning::breach ? stand_as_breach(block, score) : stand(block, score);
}

Standing FeatureScale::observe(Block& block, double score, Meaning meaning) {
  if (meaning == Meaning::strangeness && is_ordinary(block, score))
    return observe_ordinary(block, score);
  const Standing standing = judge(block, score, meaning);
  meaning == Meaning::breach ? count_breach(block, score) : follow(block, score);
  return standing;
}

}  // namespace tocsin
