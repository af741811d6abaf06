#include "detectors/event_density/event_density.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "detectors/block.h"
#include "detectors/direction.h"
#include "detectors/elementary.h"
#include "detectors/floor_divide.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 4> kParameters{{
    {.name = "window_seconds",
     .fallback = 0,
     .min = 0,
     .max = 864'000,
     .help =
         "Higher sees smaller changes of density, later; 0: as long as 16 events usually take."},
    {.name = "warmup_points",
     .fallback = 64,
     .min = 16,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher waits longer before the first score: fewer early false alarms."},
    {.name = "half_life_windows",
     .fallback = 200,
     .min = 4,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher forgets densities more slowly: steadier scores, slower adaptation."},
    direction_parameter("Which density is strange: `up` is more events."),
}};

constexpr std::size_t kParts = 5;  // of a window
constexpr double kUsualEvents = 16;
constexpr double kFewestUsual = 2;
constexpr double kMostUsual = 2000;
constexpr float kChooseAfter = 64;        // windows learned before the length is judged
constexpr float kWarmWindows = 16;        // each ends one part after another
constexpr std::int64_t kLongestGap = 32;  // parts that a silence teaches at most
constexpr double kGapClip = 8;            // usual gaps, while the length is being chosen
constexpr double kCountClip = 6;          // deviations: nothing further off moves the mean more
constexpr double kPriorWindows = 16;      // of Poisson variance
/// Of a Poisson's: regular arrivals have less variance, but rounding to whole events remains.
constexpr double kLeastVariance = 0.25;  // events
constexpr double kLeastMean = 1e-6;
constexpr double kLargestScore = 1e9;

/// What is known of the arrivals.
struct Arrivals {
  std::int64_t last_ms;  // the latest event's time
  std::int64_t part_ms;  // length of a part; 0: not chosen
  std::int64_t part;     // the part at hand: time over length
  double gap_ms;         // mean, while the length is being chosen
  float points;          // events seen
  float windows;         // weight behind mean and variance; < 0: parts until a window is whole
  float mean;            // events a window
  float variance;
  /// Events of the part at hand, and of those before it; -1 - n: of what is known of it, n.
  std::array<float, kParts + 1> counts;
};
static_assert(sizeof(Arrivals) == 72);

/// `counts`, `parts` parts later.
void move_on(std::array<float, kParts + 1>& counts, std::int64_t parts) {
  for (; parts > 0; --parts) {
    std::copy_backward(counts.begin(), counts.end() - 1, counts.end());
    counts.front() = 0;
  }
}

/// How many parts after the one at hand a time is; a late one is of now.
std::int64_t parts_until(const Arrivals& arrivals, std::int64_t time_ms) {
  return std::max<std::int64_t>(floor_divide(time_ms, arrivals.part_ms) - arrivals.part, 0);
}

constexpr float kNothingKnown = -1;

/// At least so many events.
double sum_of(std::span<const float> counts) {
  double sum = 0;
  for (const float count : counts) sum += static_cast<double>(count < 0 ? -1 - count : count);
  return sum;
}

bool is_all_known(std::span<const float> counts) {
  return std::ranges::none_of(counts, [](float count) { return count < 0; });
}

void add_event(float& count) { count = count < 0 ? count - 1 : count + 1; }

/// Whether events between the last one and `point` may be missing.
bool is_after_gap(const Arrivals& arrivals, const Point& point) {
  return arrivals.points > 0 && arrivals.last_ms < point.known_since_ms;
}

/// Nothing is known of what came before `time`.
void pass_gap(Arrivals& arrivals, std::int64_t time) {
  arrivals.last_ms = std::max(arrivals.last_ms, time);
  if (arrivals.part_ms == 0) return;
  arrivals.part = std::max(arrivals.part, floor_divide(time, arrivals.part_ms));
  arrivals.counts.fill(kNothingKnown);
}

/// The distribution of counts: negative binomial of `size`, or where that is 0 Poisson with
/// deviances divided by `narrowing`.
struct Counts {
  double mean, size, narrowing;

  /// -ln of the probability of a whole window without events.
  double silence() const { return size > 0 ? size * natural_log1p(mean / size) : mean / narrowing; }

  /// -ln of the probability of `count` or, on its side of the mean, a stranger one.
  double rarity(double count) const {
    const double counted = count > 0 ? count * natural_log(count / mean) : 0;
    const double half = size > 0
                            ? counted - (count + size) * natural_log((count + size) / (mean + size))
                            : (counted - (count - mean)) / narrowing;
    const double z = std::sqrt(std::max(2 * half, 0.0));
    // Far out the tail is the density over z.
    constexpr double kLogRootTwoPi = 0.9189385332046727;
    if (z > 30) return z * z / 2 + natural_log(z) + kLogRootTwoPi;
    return -natural_log(normal_tail(z));
  }
};

Counts counts_of(const Arrivals& arrivals) {
  const double mean = std::max(static_cast<double>(arrivals.mean), kLeastMean);
  const auto windows = static_cast<double>(arrivals.windows);
  const double variance =
      (static_cast<double>(arrivals.variance) * windows + kPriorWindows * mean) /
      (windows + kPriorWindows);
  constexpr double kAlmostPoisson = 1e-3;
  if (variance > mean * (1 + kAlmostPoisson)) return {mean, mean * mean / (variance - mean), 1};
  return {mean, 0, std::min(std::max(variance, kLeastVariance) / mean, 1.0)};
}

class EventDensity final : public Detector {
 public:
  EventDensity(const Settings& settings, int dimensions)
      : Detector(dimensions),
        part_ms_(part_of(settings["window_seconds"] * 1000)),
        warmup_points_(static_cast<float>(settings["warmup_points"])),
        forgetting_(forgetting(settings["half_life_windows"] * kParts)),
        direction_(static_cast<Direction>(settings["direction"])) {}

  std::size_t state_bytes() const override { return sizeof(Arrivals); }

  void start(State state) const override { std::fill(state.begin(), state.end(), std::byte{0}); }

 private:
  static std::int64_t part_of(double window_ms) {
    if (window_ms == 0) return 0;
    return std::max<std::int64_t>(static_cast<std::int64_t>(window_ms / kParts + 0.5), 1);
  }

  std::optional<double> score_admitted(ConstState state, const Point& point) const override {
    const Arrivals& arrivals = part<Arrivals>(state, 0, 1)[0];
    if (!is_after_gap(arrivals, point)) return rarity(arrivals, point);
    Arrivals passed = arrivals;
    pass_gap(passed, std::clamp(std::min(point.known_since_ms, point.time_ms), -kLatest, kLatest));
    return rarity(passed, point);
  }

  std::optional<double> rarity(const Arrivals& arrivals, const Point& point) const {
    if (arrivals.points < warmup_points_) return std::nullopt;
    if (arrivals.part_ms == 0) return 0;
    const std::int64_t time = std::clamp(point.time_ms, -kLatest, kLatest);
    const std::int64_t parts = parts_until(arrivals, time);
    if (arrivals.windows < kWarmWindows) {
      // Within one part nothing can be known, and time may never move on.
      return parts == 0 && arrivals.windows < 0 ? std::optional<double>(0) : std::nullopt;
    }
    std::array<float, kParts + 1> counts = arrivals.counts;
    move_on(counts, std::min<std::int64_t>(parts, kParts + 1));
    add_event(counts.front());
    return strangeness(arrivals, counts, time);
  }

  void learn_admitted(State state, const Point& point, double weight) const override {
    if (!(weight >= kLeastWeight)) return;
    Arrivals& arrivals = part<Arrivals>(state, 0, 1)[0];
    const std::int64_t time = std::clamp(point.time_ms, -kLatest, kLatest);
    if (arrivals.points == 0) arrivals.last_ms = time;
    const bool has_missed = is_after_gap(arrivals, point);
    if (has_missed) pass_gap(arrivals, std::max(std::min(point.known_since_ms, time), -kLatest));
    if (arrivals.part_ms == 0 && !has_missed) choose(arrivals, time);
    if (arrivals.part_ms != 0) count(arrivals, time, static_cast<float>(weight));
    arrivals.points = std::min(arrivals.points + 1, kMostPoints);
    arrivals.last_ms = std::max(arrivals.last_ms, time);
  }

  void weigh(ConstState /*state*/, const Point& /*point*/,
             std::span<double> /*shares*/) const override {}  // No feature more than another.

  /// Of the window that ends now, of the last whole one, and of the silence until `time`.
  double strangeness(const Arrivals& arrivals, std::span<const float> counts,
                     std::int64_t time) const {
    const double now = sum_of(counts.first(kParts));
    const double before = sum_of(counts.last(kParts));
    const Counts usual = counts_of(arrivals);
    // Half an event's continuity correction: a count stands for all from half below to half above.
    double more = now - 0.5 > usual.mean ? usual.rarity(now - 0.5) : 0;
    const bool are_fewer = before + 0.5 < usual.mean && is_all_known(counts.last(kParts));
    double fewer = are_fewer ? usual.rarity(before + 0.5) : 0;
    const auto silence = static_cast<double>(std::max<std::int64_t>(time - arrivals.last_ms, 0));
    const double windows = silence / (static_cast<double>(arrivals.part_ms) * kParts);
    if (windows >= 1) fewer = std::max(fewer, windows * usual.silence());
    more = counted(direction_, more);
    fewer = counted(direction_, -fewer);
    return std::min(std::max(more, fewer), kLargestScore);
  }

  /// Chooses the length of parts where it is given, or once the usual gap is known.
  void choose(Arrivals& arrivals, std::int64_t time) const {
    const double gap = static_cast<double>(std::max<std::int64_t>(time - arrivals.last_ms, 0));
    const double most =
        arrivals.points > 8 && arrivals.gap_ms > 0 ? kGapClip * arrivals.gap_ms : gap;
    if (arrivals.points > 0) {
      arrivals.gap_ms +=
          (std::min(gap, most) - arrivals.gap_ms) / static_cast<double>(arrivals.points);
    }
    if (part_ms_ != 0) return begin(arrivals, part_ms_, time);
    if (arrivals.points >= kChooseAfter && arrivals.gap_ms > 0) {
      begin(arrivals, part_of(kUsualEvents * arrivals.gap_ms), time);
    }
  }

  static void begin(Arrivals& arrivals, std::int64_t part_ms, std::int64_t time) {
    arrivals.part_ms = std::clamp<std::int64_t>(part_ms, 1, kLongestPart);
    arrivals.part = floor_divide(time, arrivals.part_ms);
    arrivals.counts.fill(0);
    arrivals.windows = -static_cast<float>(kParts);
    arrivals.mean = arrivals.variance = 0;
  }

  void count(Arrivals& arrivals, std::int64_t time, float weight) const {
    const std::int64_t parts = parts_until(arrivals, time);
    for (std::int64_t i = 0; i < std::min(parts, kLongestGap); ++i) {
      const std::span<const float> window = std::span(arrivals.counts).first(kParts);
      if (is_all_known(window)) learn_window(arrivals, sum_of(window), weight);
      move_on(arrivals.counts, 1);
    }
    arrivals.part += parts;
    float& at_hand = arrivals.counts.front();
    if (std::abs(at_hand) < kMostPoints) add_event(at_hand);
    const auto mean = static_cast<double>(arrivals.mean);
    const bool is_unfit = mean < kFewestUsual || mean > kMostUsual;
    if (part_ms_ == 0 && parts > 0 && arrivals.windows >= kChooseAfter && is_unfit) {
      const double factor = std::clamp(kUsualEvents / std::max(mean, kLeastMean), 1e-3, 1e3);
      const double window_ms = static_cast<double>(arrivals.part_ms) * kParts * factor;
      // At the shortest and the longest it stays as it is.
      const std::int64_t part_ms = std::clamp<std::int64_t>(part_of(window_ms), 1, kLongestPart);
      if (part_ms != arrivals.part_ms) begin(arrivals, part_ms, time);
    }
  }

  void learn_window(Arrivals& arrivals, double events, float weight) const {
    if (arrivals.windows < 0) {
      arrivals.windows += 1;
      return;
    }
    arrivals.windows = std::min(arrivals.windows + weight, kMostPoints);
    const auto windows = static_cast<double>(arrivals.windows);
    const double share =
        std::min(1.0, static_cast<double>(weight) * std::max(1 / windows, forgetting_));
    const auto mean = static_cast<double>(arrivals.mean);
    double off = events - mean;
    if (arrivals.windows > kWarmWindows) {
      const Counts usual = counts_of(arrivals);
      const double variance = usual.size > 0 ? mean + mean * mean / usual.size : mean;
      const double limit = kCountClip * std::sqrt(variance + kLeastVariance);
      off = std::clamp(off, -limit, limit);
    }
    arrivals.mean = static_cast<float>(mean + share * off);
    const auto variance = static_cast<double>(arrivals.variance);
    arrivals.variance = static_cast<float>(variance + share * ((1 - share) * off * off - variance));
  }

  static constexpr std::int64_t kLatest = std::int64_t{1} << 60;
  static constexpr std::int64_t kLongestPart = std::int64_t{1} << 40;  // ms, 35 years
  static constexpr float kMostPoints = 16'777'216;

  std::int64_t part_ms_;  // 0: chooses itself
  float warmup_points_;
  double forgetting_;  // share of the newest window, once there are many
  Direction direction_;
};

Result<std::unique_ptr<Detector>> make(const Settings& settings, int dimensions,
                                       std::uint64_t /*seed*/) {
  return std::unique_ptr<Detector>(std::make_unique<EventDensity>(settings, dimensions));
}

}  // namespace

constinit const DetectorKind kEventDensity{
    .name = "event_density",
    .summary = "How improbable the number of events of late is, too many or too few.",
    .blind_to = "values, and densities that vary as much as a daily cycle does",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "event_density",
    .kind_below = "event_density",
    .version = 1,
    .make = make,
    .minds_distance = false,
    .counts_events = true,
};

}  // namespace tocsin
