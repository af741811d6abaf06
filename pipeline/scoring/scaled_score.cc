#include "pipeline/scoring/scaled_score.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "detectors/block.h"

namespace tocsin {

namespace {

using EachScore = std::array<double, kMaxDimensions>;

std::span<FeatureScale::Block> scales_of(const DetectorView& view) {
  return part<FeatureScale::Block>(view.shared, view.plan.scales_offset(),
                                   static_cast<std::size_t>(view.plan.detector->dimensions()));
}

FeatureScale::Meaning meaning_of(const DetectorView& view) {
  return view.plan.kind->scores_breaches ? FeatureScale::Meaning::breach
                                         : FeatureScale::Meaning::strangeness;
}

/// Writes the scores of a point's features, and returns which have one.
std::uint64_t score_each(const DetectorView& view, EachScore& scores) {
  const auto dimensions = static_cast<std::size_t>(view.plan.detector->dimensions());
  return view.plan.detector->score_each(view.block, view.point,
                                        std::span(scores).first(dimensions));
}

}  // namespace

std::optional<ScaledScore> scaled_score(const DetectorView& view, bool learns) {
  if (!view.plan.is_scaled()) {
    const std::optional<double> score = view.plan.detector->score(view.block, view.point);
    if (!score) return std::nullopt;
    return ScaledScore{.score = *score, .standing = {.rank = *score, .excess = *score}};
  }
  EachScore scores;  // NOLINT(cppcoreguidelines-pro-type-member-init): only what is written is read
  const std::uint64_t scored = score_each(view, scores);
  if (scored == 0) return std::nullopt;
  const std::span<FeatureScale::Block> scales = scales_of(view);
  const FeatureScale::Meaning meaning = meaning_of(view);
  ScaledScore largest;
  for (std::uint64_t rest = scored; rest != 0; rest &= rest - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(rest));
    const Standing standing = learns ? FeatureScale::observe(scales[i], scores[i], meaning)
                                     : FeatureScale::judge(scales[i], scores[i], meaning);
    largest.score = std::max(largest.score, scores[i]);
    largest.standing.rank = std::max(largest.standing.rank, standing.rank);
    largest.standing.excess = std::max(largest.standing.excess, standing.excess);
  }
  return largest;
}

void explain_scaled(const DetectorView& view, std::span<double> shares) {
  view.plan.detector->explain(view.block, view.point, shares);
  if (!view.plan.is_scaled()) return;
  EachScore scores;  // NOLINT(cppcoreguidelines-pro-type-member-init): only what is written is read
  const std::uint64_t scored = score_each(view, scores);
  const std::span<const FeatureScale::Block> scales = scales_of(view);
  EachScore weights{};
  double sum = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if ((scored >> i & 1U) == 0 || !(scores[i] > 0)) continue;
    // Squared, so that many ordinary features have little of it together.
    const double rank = FeatureScale::judge(scales[i], scores[i], meaning_of(view)).rank;
    weights[i] = shares[i] / scores[i] * rank * rank;
    sum += weights[i];
  }
  if (!(sum > 0)) return;
  for (std::size_t i = 0; i < shares.size(); ++i) shares[i] = weights[i] / sum;
}

}  // namespace tocsin
