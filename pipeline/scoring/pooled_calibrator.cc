#include "pipeline/scoring/pooled_calibrator.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "detectors/elementary.h"

namespace tocsin {

namespace {

using Block = PooledCalibrator::Block;

constexpr double kWeightMax = 262'144;
constexpr std::uint64_t kFitIntervalMin = 8;
constexpr std::uint64_t kFitIntervalMax = 4096;
/// Fewer scores beyond an edge say nothing about where it is.
constexpr double kBeyondMin = 8;
/// The fitted tail takes over where fewer scores lie beyond.
constexpr double kTailBeyond = 20;
/// What the tail is fitted to.
constexpr double kTailShare = .05;
constexpr double kShapePriorWeight = 100;
constexpr double kShapeMin = -.4;
constexpr double kShapeMax = .6;
/// A tail that is known from k scores is foreseen as one with a shape larger by this over k: the
/// predictive distribution of an exponential one whose scale is estimated is Pareto's.
constexpr double kUncertainty = 1;
constexpr double kExtrapolation = 1000;
/// Neighbouring edges are about this factor of probability apart.
constexpr double kStep = 0.8408964152537145;  // 2^-1/4
/// Where more than this factor lies between neighbours, nothing is known of the way between.
constexpr double kGap = 2;
constexpr double kLn2 = 0.6931471805599453;

/// Edges with the scores beyond each and equal to it, chosen from candidates in ascending order.
struct Edges {
  std::array<double, PooledCalibrator::kEdgesMax> at{};
  std::array<double, PooledCalibrator::kEdgesMax> beyond{};
  std::array<double, PooledCalibrator::kEdgesMax> tied{};
  std::size_t count = 0;
  double limit;  ///< The next edge has at most so many beyond.

  explicit Edges(double weight) : limit(weight * kStep) {}

  void offer(double where, double scores_beyond, double scores_tied) {
    const bool is_known = scores_beyond >= kBeyondMin || scores_tied >= kBeyondMin;
    if (count > 0 && !(where > at[count - 1])) return;
    if (!(scores_beyond <= limit) || (count > 0 && !is_known) || count == at.size()) return;
    append(where, scores_beyond, scores_tied);
  }
  void append(double where, double scores_beyond, double scores_tied) {
    at[count] = where;
    beyond[count] = scores_beyond;
    tied[count] = scores_tied;
    ++count;
    limit = scores_beyond * kStep;
  }
};

/// The remembered scores above `from`, ascending.
struct Top {
  std::array<double, 16> score{};
  std::size_t count = 0;
};
Top top_above(const Block& block, double from) {
  Top top;
  const std::size_t used = std::min<std::size_t>(block.top_next, block.top.size());
  for (std::size_t i = 0; i < used; ++i) {
    if (block.top[i] > from) top.score[top.count++] = block.top[i];
  }
  std::sort(top.score.begin(), top.score.begin() + static_cast<std::ptrdiff_t>(top.count));
  return top;
}

/// Offers each of these ascending scores, which stand for `scores` in all.
void offer_all(Edges& edges, std::span<const double> sorted, double scores) {
  const double each = scores / static_cast<double>(sorted.size());
  for (auto at = sorted.begin(); at != sorted.end();) {
    const auto next = std::upper_bound(at, sorted.end(), *at);
    edges.offer(*at, each * static_cast<double>(sorted.end() - next),
                each * static_cast<double>(next - at));
    at = next;
  }
}

/// Edges among the raw scores of a block that has not been fitted.
Edges first_edges(Block& block) {
  const auto raw = std::span(block.edge).first(PooledCalibrator::kFirstFit);
  std::sort(raw.begin(), raw.end());
  Edges edges(block.weight);
  offer_all(edges, raw, block.weight);
  for (const double score : raw) {
    if (score > edges.at[edges.count - 1]) block.top[block.top_next++ % block.top.size()] = score;
  }
  return edges;
}

/// Edges among the present ones, the samples between them, and the scores beyond the last.
Edges next_edges(const Block& block) {
  Edges edges(block.weight);
  double beyond = block.weight;
  for (std::size_t bin = 0; bin < block.edges; ++bin) {
    const double low = bin == 0 ? std::min(block.lowest, block.edge[0]) : block.edge[bin - 1];
    const double high = block.edge[bin];
    const double sample = block.sample[bin];
    const double between = block.count[bin] - block.tied[bin];
    if (between > 0 && sample >= low && sample < high && (bin == 0 || sample > low)) {
      edges.offer(sample, beyond - between * ((sample - low) / (high - low)), 0);
    }
    beyond -= block.count[bin];
    edges.offer(high, std::max(beyond, 0.0), block.tied[bin]);
  }
  const Top top = top_above(block, block.edge[block.edges - 1]);
  if (top.count > 0) offer_all(edges, std::span(top.score).first(top.count), std::max(beyond, 0.0));
  if (edges.count == 0) edges.append(block.edge[block.edges - 1], 0, beyond);
  return edges;
}

void take_over(Block& block, const Edges& edges) {
  double before = block.weight;
  block.count = {};
  for (std::size_t i = 0; i < edges.count; ++i) {
    block.edge[i] = edges.at[i];
    block.tied[i] = edges.tied[i];
    block.sample[i] = edges.at[i];
    block.above[i] = (edges.beyond[i] + .5) / (block.weight + 1);
    block.from[i] = std::min(1.0, (edges.beyond[i] + edges.tied[i] + .5) / (block.weight + 1));
    block.count[i] = before - edges.beyond[i];
    before = edges.beyond[i];
  }
  block.count[edges.count] = before;
  block.edges = static_cast<std::uint32_t>(edges.count);
  block.lowest = block.edge[0];
  block.floor = 1 / (kExtrapolation * block.weight);
}

/// The first edge with at most `scores` beyond it, or the last.
std::size_t edge_with(const Edges& edges, double scores) {
  std::size_t i = 0;
  while (i + 1 < edges.count && edges.beyond[i] > scores * (1 + 1e-9)) ++i;
  return i;
}

/// The mean excess of the scores beyond the last edge. A median, so that no outlier counts.
double last_excess(const Block& block, const Edges& edges) {
  const std::size_t last = edges.count - 1;
  const Top top = top_above(block, edges.at[last]);
  if (top.count > 0) return (top.score[top.count / 2] - edges.at[last]) / kLn2;
  if (last == 0 || !(edges.beyond[last] > 0)) return 0;
  return (edges.at[last] - edges.at[last - 1]) /
         natural_log(edges.beyond[last - 1] / edges.beyond[last]);
}

/// Fits scale and shape to all that lies beyond `from`, and moves the scale to `tail`.
void fit_tail(Block& block, const Edges& edges, std::size_t from, std::size_t tail,
              double shape_prior) {
  const double scores = std::max(edges.beyond[from], .5);
  double mean = 0;              // E[Y], the integral of the survival S
  double mean_by_survival = 0;  // E[Y S(Y)], half the integral of its square
  for (std::size_t i = from; i + 1 < edges.count; ++i) {
    const double width = edges.at[i + 1] - edges.at[i];
    const double left = edges.beyond[i] / scores;
    const double right = (edges.beyond[i + 1] + edges.tied[i + 1]) / scores;
    mean += width * (left + right) / 2;
    mean_by_survival += width * (left * left + left * right + right * right) / 6;
  }
  const double rest = edges.beyond[edges.count - 1] / scores;
  const double excess = last_excess(block, edges);
  mean += rest * excess;
  mean_by_survival += rest * rest * excess / 4;

  block.tail_edge = static_cast<std::uint32_t>(tail);
  block.tail_shape = shape_prior;
  const double spread = mean - 2 * mean_by_survival;
  if (spread > 0) {
    const double fitted = std::clamp(2 - mean / spread, kShapeMin, kShapeMax);
    block.tail_shape =
        (scores * fitted + kShapePriorWeight * shape_prior) / (scores + kShapePriorWeight);
  }
  const double scale = mean * (1 - block.tail_shape);
  block.tail_scale =
      std::max(scale + block.tail_shape * (edges.at[tail] - edges.at[from]), scale / 16);
  block.tail_shape += kUncertainty / scores;
}

/// Which probabilities can occur: between the two sides of a tied value there are none.
void fit_reach(Block& block) {
  for (std::size_t level = 0; level < kProbabilityLevels; ++level) {
    block.reach[level] = std::ldexp(1.0, -static_cast<int>(level));
  }
  const auto leave_out = [&](double lower, double upper) {
    for (double& reach : block.reach) {
      if (reach > lower && reach < upper) reach = lower;
    }
  };
  leave_out(block.from[0], 1);
  for (std::size_t i = 0; i < block.edges; ++i) {
    if (block.tied[i] > 0) leave_out(block.above[i], block.from[i]);
    if (i > 0 && block.above[i - 1] > kGap * block.from[i]) {
      leave_out(block.from[i], block.above[i - 1]);
    }
  }
}

}  // namespace

std::size_t PooledCalibrator::block_bytes() { return sizeof(Block); }

std::optional<double> PooledCalibrator::observe(double score) {
  if (block_.edges == 0) {
    block_.edge[block_.seen++] = score;
    block_.weight += 1;
    if (block_.seen == kFirstFit) fit();
    return std::nullopt;
  }
  const std::size_t bin = bin_of(score);
  const double p = probability(bin, score);
  learn(bin, score);
  return p;
}

std::optional<double> PooledCalibrator::judge(double score) const {
  if (block_.edges == 0) return std::nullopt;
  return probability(bin_of(score), score);
}

std::size_t PooledCalibrator::bin_of(double score) const {
  const double* const first = block_.edge.data();
  return static_cast<std::size_t>(std::lower_bound(first, first + block_.edges, score) - first);
}

double PooledCalibrator::probability(std::size_t bin, double score) const {
  if (bin <= block_.tail_edge) {
    const double lower = block_.from[bin];
    if (score == block_.edge[bin]) return lower;
    if (bin == 0) return 1;
    const double upper = block_.above[bin - 1];
    if (upper > kGap * lower) return upper;
    const double way = (block_.edge[bin] - score) / (block_.edge[bin] - block_.edge[bin - 1]);
    return lower + way * (upper - lower);
  }
  const double start = block_.above[block_.tail_edge];
  if (!(block_.tail_scale > 0)) return start;
  const double steps = (score - block_.edge[block_.tail_edge]) / block_.tail_scale;
  const double shape = block_.tail_shape;
  double survival = 0;
  if (std::abs(shape) < 1e-6) {
    survival = natural_exp(-steps);
  } else if (const double inside = 1 + shape * steps; inside > 0) {
    survival = natural_exp(-natural_log(inside) / shape);
  }
  return std::max(start * survival, block_.floor);
}

void PooledCalibrator::learn(std::size_t bin, double score) {
  block_.count[bin] += 1;
  block_.weight += 1;
  ++block_.seen;
  block_.sample[bin] = score;
  if (bin == 0) block_.lowest = std::min(block_.lowest, score);
  if (bin == block_.edges) {
    block_.top[block_.top_next++ % block_.top.size()] = score;
  } else if (score == block_.edge[bin]) {
    block_.tied[bin] += 1;
  }
  if (block_.seen >= block_.next_fit) fit();
}

void PooledCalibrator::fit() {
  if (block_.weight > kWeightMax) {
    const double keep = kWeightMax / block_.weight;
    for (double& count : block_.count) count *= keep;
    for (double& count : block_.tied) count *= keep;
    block_.weight = kWeightMax;
  }
  const Edges edges = block_.edges == 0 ? first_edges(block_) : next_edges(block_);
  take_over(block_, edges);
  const double deep = std::max(kBeyondMin, kTailShare * block_.weight);
  fit_tail(block_, edges, edge_with(edges, deep),
           edge_with(edges, std::min(deep, std::max(kTailBeyond, kBeyondMin))), shape_prior_);
  fit_reach(block_);
  block_.next_fit = block_.seen + std::clamp(block_.seen / 4, kFitIntervalMin, kFitIntervalMax);
}

}  // namespace tocsin
