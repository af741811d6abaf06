#include "detectors/half_space_trees/half_space_trees.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "detectors/block.h"
#include "detectors/counter_random.h"
#include "detectors/half_space_trees/forest.h"

namespace tocsin {
namespace {

constexpr int kMaxTrees = 100;

constexpr std::array<Parameter, 4> kParameters{{
    {.name = "trees",
     .fallback = 25,
     .min = 1,
     .max = kMaxTrees,
     .integer = true,
     .help = "Higher scores more evenly, and costs time and memory in proportion."},
    {.name = "depth",
     .fallback = 10,
     .min = 1,
     .max = 15,
     .integer = true,
     .help = "Higher tells finer regions apart; each level doubles the memory."},
    {.name = "window_points",
     .fallback = 250,
     .min = 16,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher follows changes more slowly, between refits, and costs less time."},
    {.name = "refit_every",
     .fallback = 1000,
     .min = 100,
     .max = 100'000'000,
     .integer = true,
     .help = "Higher keeps the ranges of features longer: steadier scores, slower adaptation."},
}};
constexpr std::array<Scope, 2> kScopes{Scope::stream, Scope::group};

/// Points kept between two refits, at most.
constexpr std::uint64_t kSamplePoints = 512;
/// Points below which a sample says too little for a refit.
constexpr std::uint64_t kLeastSample = 32;
/// Learned points at the first refit; four times as many at each next early one.
constexpr std::uint64_t kFirstRefit = 64;
/// Mass that stays when a window ends.
constexpr float kKeep = 0.5F;
/// Arithmetic on values up to this cannot overflow. Beyond, they count as this.
constexpr double kLargest = 1e300;

/// The counters of a block.
struct Header {
  std::uint64_t learned;   // points of weight > 0
  std::uint64_t adopt_at;  // `learned` at which the running refit is adopted; 0: none runs
  std::uint64_t offered;   // points offered to the sample since the last freeze
  double window;           // weight learned since the cells were last rated
  std::uint64_t sampling;  // 0 or 1: the sample that takes points; the other one is frozen
  std::array<std::uint64_t, 2> sampled;  // points in each sample
  std::uint64_t refits;                  // adopted so far
};

/// The learned range of one feature.
struct Range {
  double low;
  double scale;   // 1 / width; 0 where nothing was seen
  double middle;  // the median
};

/// What a refit computes.
template <bool is_const>
struct Learned {
  template <class T>
  using Values = std::span<std::conditional_t<is_const, const T, T>>;

  Values<Range> ranges;  // [columns]
  Values<float> worth;   // [leaves of all trees] how strange a point in it is
  Values<float> mass;    // [leaves of all trees] what fell into it, fading
};

double clamp_value(double value) { return std::clamp(value, -kLargest, kLargest); }

/// Where a value lies in the range of its feature, limited to what trees tell apart.
float position_of(const Range& range, double value) {
  return static_cast<float>(std::clamp((clamp_value(value) - range.low) * range.scale, -4.0, 5.0));
}

/// The range of a feature whose values in the sample are these, sorted.
Range range_of(std::span<const double> sorted) {
  if (sorted.empty()) return {};
  const std::size_t last = sorted.size() - 1;
  const std::size_t tenth = sorted.size() / 10;
  double low = sorted[tenth];
  double high = sorted[last - tenth];
  if (!(low < high)) {  // one value is nearly all; what else there is, is the range
    low = sorted[0];
    high = sorted[last];
  }
  // No narrower than rounding; and for a constant, a tenth of its magnitude.
  const double magnitude = std::max(std::fabs(low), std::fabs(high));
  const double least = (low < high ? 1e-13 : 0.1) * magnitude + 1e-300;
  const double width = 2.5 * std::max(high - low, least);
  const double centre = low + (high - low) / 2;
  return {.low = centre - width / 2, .scale = 1 / width, .middle = sorted[sorted.size() / 2]};
}

class HalfSpaceTrees final : public Detector, private Refit {
 public:
  HalfSpaceTrees(const Settings& settings, int dimensions, std::uint64_t seed)
      : Detector(dimensions),
        forest_({.trees = static_cast<int>(settings["trees"]),
                 .depth = static_cast<int>(settings["depth"]),
                 .dimensions = dimensions},
                seed),
        window_points_(settings["window_points"]),
        refit_every_(static_cast<std::uint64_t>(settings["refit_every"])),
        seed_(seed) {}

  std::size_t state_bytes() const override {
    return samples_offset() + 2 * kSamplePoints * columns() * sizeof(double);
  }

  void start(State state) const override { std::fill(state.begin(), state.end(), std::byte{0}); }

  const Refit* refit() const override { return this; }

 private:
  // A block is: the header, a range for each feature, the worth and the mass of each leaf, and the
  // two samples. A result is the part from the ranges to the masses.
  std::size_t columns() const { return static_cast<std::size_t>(dimensions()); }
  std::size_t worth_offset() const { return columns() * sizeof(Range); }
  std::size_t leaves_bytes() const { return forest_.all_leaves() * sizeof(float); }
  std::size_t samples_offset() const { return sizeof(Header) + result_bytes(); }

  static const Header& header(ConstState state) { return part<Header>(state, 0, 1)[0]; }

  /// What is learned, in a block or in a result.
  Learned<false> learned(std::span<std::byte> result) const {
    return {part<Range>(result, 0, columns()),
            part<float>(result, worth_offset(), forest_.all_leaves()),
            part<float>(result, worth_offset() + leaves_bytes(), forest_.all_leaves())};
  }
  Learned<true> learned(std::span<const std::byte> result) const {
    return {part<Range>(result, 0, columns()),
            part<float>(result, worth_offset(), forest_.all_leaves()),
            part<float>(result, worth_offset() + leaves_bytes(), forest_.all_leaves())};
  }
  template <class Bytes>
  auto learned_in_block(Bytes state) const {
    return learned(state.subspan(sizeof(Header), result_bytes()));
  }

  /// A sample: NaN where a feature was missing. [kSamplePoints][columns]
  template <class Bytes>
  auto sample(Bytes state, std::uint64_t which) const {
    const std::size_t values = kSamplePoints * columns();
    return part<double>(state, samples_offset() + which * values * sizeof(double), values);
  }

  using Positions = std::array<float, kMaxDimensions>;
  using Leaves = std::array<std::uint32_t, kMaxTrees>;

  std::span<const std::uint32_t> find_leaves(const Positions& positions, Leaves& leaves) const {
    const std::span<std::uint32_t> found = std::span(leaves).first(forest_.trees());
    forest_.find_leaves(positions, found);
    return found;
  }

  /// Where the point lies in the ranges; a missing feature lies at the median.
  Positions positions(std::span<const Range> ranges, const Point& point) const {
    Positions positions{};
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      const bool has = point.has(static_cast<int>(i));
      positions[i] = position_of(ranges[i], has ? point.values[i] : ranges[i].middle);
    }
    return positions;
  }

  double mean_worth(std::span<const float> worth, const Positions& positions) const {
    Leaves leaves;
    float sum = 0;
    for (const std::uint32_t leaf : find_leaves(positions, leaves)) sum += worth[leaf];
    return static_cast<double>(sum) / static_cast<double>(forest_.trees());
  }

  std::optional<double> score_admitted(ConstState state, const Point& point) const override {
    if (header(state).refits == 0 || point.present == 0) return std::nullopt;
    const auto known = learned_in_block(state);
    return mean_worth(known.worth, positions(known.ranges, point));
  }

  void learn_admitted(State state, const Point& point, double weight) const override {
    Header& header = part<Header>(state, 0, 1)[0];
    assert(header.adopt_at == 0 || header.learned < header.adopt_at);
    if (!(weight > 0) || point.present == 0) return;
    ++header.learned;
    if (header.refits > 0) add_mass(state, point, weight);
    take_sample(state, point, weight);
    if (is_refit_count(header.learned)) freeze(header);
  }

  void weigh(ConstState state, const Point& point, std::span<double> shares) const override {
    if (header(state).refits == 0) return;
    const auto known = learned_in_block(state);
    Positions changed = positions(known.ranges, point);
    const double whole = mean_worth(known.worth, changed);
    for (std::size_t i = 0; i < shares.size(); ++i) {
      if (!point.has(static_cast<int>(i))) continue;
      const float kept = changed[i];
      changed[i] = position_of(known.ranges[i], known.ranges[i].middle);
      shares[i] = whole - mean_worth(known.worth, changed);
      changed[i] = kept;
    }
  }

  void add_mass(State state, const Point& point, double weight) const {
    const auto known = learned_in_block(state);
    Leaves leaves;
    const auto added = static_cast<float>(weight);
    for (const std::uint32_t leaf : find_leaves(positions(known.ranges, point), leaves)) {
      known.mass[leaf] += added;
    }
    Header& header = part<Header>(state, 0, 1)[0];
    header.window += weight;
    if (header.window < window_points_) return;
    header.window = 0;
    forest_.rate(known.mass, known.worth);
    for (float& mass : known.mass) mass *= kKeep;
  }

  /// Keeps a uniform sample of what was offered: A. G. Waterman's reservoir (D. E. Knuth, "The art
  /// of computer programming", volume 2, section 3.4.2, algorithm R).
  void take_sample(State state, const Point& point, double weight) const {
    Header& header = part<Header>(state, 0, 1)[0];
    const auto draw = [&](std::uint64_t key) {
      return random_unit({.seed = seed_, .key = key, .count = header.learned});
    };
    constexpr std::uint64_t kAccept = std::uint64_t{1} << 32;  // keys that no tree has
    if (weight < 1 && draw(kAccept) >= weight) return;
    ++header.offered;
    std::uint64_t& count = header.sampled[header.sampling];
    std::uint64_t place = count;
    if (count < kSamplePoints) {
      ++count;
    } else {
      const double drawn = draw(kAccept + 1) * static_cast<double>(header.offered);
      place = static_cast<std::uint64_t>(drawn);
      if (place >= kSamplePoints) return;
    }
    const std::span<double> kept =
        sample(state, header.sampling).subspan(place * columns(), columns());
    for (std::size_t i = 0; i < kept.size(); ++i) {
      kept[i] = point.has(static_cast<int>(i)) ? clamp_value(point.values[i])
                                               : std::numeric_limits<double>::quiet_NaN();
    }
  }

  bool is_refit_count(std::uint64_t learned) const {
    if (learned >= refit_every_) return learned % refit_every_ == 0;
    std::uint64_t early = kFirstRefit;
    while (early < learned) early *= 4;
    return early == learned;
  }

  void freeze(Header& header) const {
    if (header.adopt_at != 0 || header.sampled[header.sampling] < kLeastSample) return;
    header.adopt_at = header.learned + std::min(header.learned, refit_every_) / 4;
    header.sampling = 1 - header.sampling;
    header.sampled[header.sampling] = 0;
    header.offered = 0;
  }

  Phase phase(ConstState state) const override {
    const Header& now = header(state);
    if (now.adopt_at == 0) return Phase::none;
    return now.learned < now.adopt_at ? Phase::running : Phase::due;
  }

  std::size_t result_bytes() const override { return worth_offset() + 2 * leaves_bytes(); }

  void run(ConstState block, std::span<std::byte> result) const override {
    const std::uint64_t frozen = 1 - header(block).sampling;
    const auto points = static_cast<std::size_t>(header(block).sampled[frozen]);
    const std::span<const double> values = sample(block, frozen).first(points * columns());
    const auto fresh = learned(result);
    std::vector<double> column;
    column.reserve(points);
    for (std::size_t i = 0; i < columns(); ++i) {
      column.clear();
      for (std::size_t j = i; j < values.size(); j += columns()) {
        if (!std::isnan(values[j])) column.push_back(values[j]);
      }
      std::sort(column.begin(), column.end());
      fresh.ranges[i] = range_of(column);
    }
    std::fill(fresh.mass.begin(), fresh.mass.end(), 0.0F);
    for (std::size_t j = 0; j < values.size(); j += columns()) {
      Positions positions{};
      for (std::size_t i = 0; i < columns(); ++i) {
        const double value = values[j + i];
        positions[i] =
            position_of(fresh.ranges[i], std::isnan(value) ? fresh.ranges[i].middle : value);
      }
      Leaves leaves;
      for (const std::uint32_t leaf : find_leaves(positions, leaves)) fresh.mass[leaf] += 1;
    }
    forest_.rate(fresh.mass, fresh.worth);
    for (float& mass : fresh.mass) mass *= kKeep;
  }

  void adopt(State state, std::span<const std::byte> result) const override {
    assert(phase(state) == Phase::due && result.size() == result_bytes());
    std::copy(result.begin(), result.end(), state.begin() + sizeof(Header));
    Header& header = part<Header>(state, 0, 1)[0];
    header.adopt_at = 0;
    header.window = 0;
    ++header.refits;
  }

  Forest forest_;
  double window_points_;  // weight
  std::uint64_t refit_every_;
  std::uint64_t seed_;
};

Result<std::unique_ptr<Detector>> make(const Settings& settings, int dimensions,
                                       std::uint64_t seed) {
  return std::unique_ptr<Detector>(std::make_unique<HalfSpaceTrees>(settings, dimensions, seed));
}

}  // namespace

constinit const DetectorKind kHalfSpaceTrees{
    .name = "half_space_trees",
    .summary = "How few points were near this one, in all features together.",
    .blind_to = "time and order, and small deviations of one feature among many",
    .parameters = kParameters,
    .scopes = kScopes,
    .kind_above = "multivariate",
    .kind_below = "multivariate",
    .version = 1,
    .make = make,
};

}  // namespace tocsin
