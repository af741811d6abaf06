// What an event may teach: anomalies little, a level on trial nothing, a new normal in full.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "pipeline/scoring/outcome.h"
#include "pipeline/settings.h"

namespace tocsin {

/// Decides what each event teaches an entity's own detectors and its forecast: a state machine.
///
/// The champion is what these expect of the feature that stands out. An alarm begins an episode: a
/// challenger, which is a level and a scale of that feature beside the champion's, is made from the
/// event and follows the next ones. Each event adds to the evidence by how much better the
/// challenger foretold it: the difference of their losses (Laplace, in nats, within 4), less half a
/// nat, because of two that foretell alike the champion stays. What the champion takes for normal
/// adds nothing. An anomaly adds 1 at least: some champion did not foretell it. Where nothing is
/// expected (or the feature is missing), an anomaly adds 1, and any other event takes 1.
///
///   calm      everything teaches in full.
///             An alarm -> watching, with evidence 2.
///   watching  what the challenger foretold better, and alarms, teach a tenth; else in full.
///             Evidence 8 -> frozen. Evidence 0, or 256 events -> calm.
///   frozen    what the challenger foretold better teaches nothing, so the champion stays as it
///             was. What the champion foretold better teaches in full, an alarm a tenth.
///             Evidence 0 -> calm: it was a passing anomaly.
///             The challenger has led for 64 events and 6 hours, or since the freeze began 24 hours
///             have passed, with an event that it foretold better -> adopted, and calm.
///
/// (64, 6 h and 24 h are `LearningSettings`.) Adoption keeps two levels as intervals of values: the
/// one adopted, and the parked one, which is all that the champion took for normal during the
/// freeze. While the models follow (until 64 events in a row are no alarms, at most 24 hours),
/// what lies at the adopted level is normal whatever they say, and teaches in full. An alarm at
/// either level later on, where the champion does not expect it, is a return: it belongs to the
/// incident that was adopted. When its challenger would freeze the champion, the level it has come
/// to is adopted at once, and the other parked.
///
/// Events that alternate between the old level and a new one: where most are new, a wide challenger
/// that holds both is adopted; where not, none leads for long, and what is new teaches a tenth
/// until the models know it. Time is the event's own, so late and equal timestamps count as events
/// and prove no time. After a gap in the input the challenger has to lead anew; the 24 hours go on.
/// Evidence is at most 16: four normal events end any freeze.
///
/// Unit:     evidence in nats; levels in the unit that detectors see.
/// Memory:   96 bytes an entity, of one feature.
/// Time:     a comparison while all is calm; about 20 ns an event in an episode.
/// Blind to: changes of other features than the one that led when the episode began; changes that
///           the champion follows faster than it is caught out (slow ramps: README); a return to
///           a parked level at an hour at which, by season, the champion would have been elsewhere.
///
/// Source: the sum of differences of log loss is the predictive likelihood ratio of A. P. Dawid,
/// "Present position and potential developments: the prequential approach", Journal of the Royal
/// Statistical Society A 147 (1984), kept at least at 0 as in E. S. Page, "Continuous inspection
/// schemes", Biometrika 41 (1954). The constants are ours: 2, 8 and 4 make it three events.
class LearningPolicy {
 public:
  static constexpr double kAnomalyWeight = .1;
  static constexpr double kLeads = 8;
  static constexpr double kMostEvidence = 16;
  static constexpr std::uint32_t kUndecided = 256;
  static constexpr std::uint8_t kSettled = 64;

  enum class State : std::uint8_t { calm, watching, frozen };

  struct Interval {
    double lower, upper;
    bool holds(double value) const { return value >= lower && value <= upper; }
  };

  /// Flat; zero bytes are an entity that is calm and knows of no other level.
  struct Block {
    State state;
    std::uint8_t column;        ///< The feature of the episode.
    std::uint8_t known_column;  ///< The feature of the levels below.
    std::uint8_t knows_levels;
    std::uint8_t settled;  ///< Events in a row without alarm since a level was adopted.
    std::uint8_t reserved[3];
    float evidence;
    std::uint32_t events;   ///< Of the episode; while frozen: since the challenger leads.
    std::int64_t leads_ms;  ///< Since when it does; kNotYet: not since the last gap.
    std::int64_t begun_ms;  ///< The freeze; while calm: when a level was adopted last.
    double offset, spread;  ///< The challenger: mean of residuals, and of distances from it.
    Interval champion;      ///< All that it took for normal during the freeze.
    Interval adopted, parked;
  };
  static_assert(sizeof(Block) == 96, "no padding: equal histories are equal bytes");

  /// A feature's value, and what the champion expected.
  struct Level {
    double value = 0, expected = 0, lower = 0, upper = 0;
  };
  struct Event {
    bool is_alarm = false;    ///< It may open an incident.
    bool is_anomaly = false;  ///< It is rare.
    std::int64_t time_ms = 0;
    std::uint8_t column = 0;     ///< The feature that stands out, or the episode's.
    std::optional<Level> level;  ///< Of that feature, where it has a value and one is expected.
  };

  /// What the event means for an incident.
  enum class Step : std::uint8_t {
    none,
    away,      ///< The challenger's: an incident goes on.
    returned,  ///< At a level of the incident that was adopted.
    adopted,   ///< With it the challenger is adopted: an incident is over.
    known,     ///< At a level that has been adopted: normal, whatever models say.
  };
  struct Decision {
    Learning learning = Learning::learned;
    double weight = 1;
    Step step = Step::none;
  };

  LearningPolicy(const LearningSettings& settings, Block& block)
      : settings_(settings), block_(block) {}

  /// Nothing is under way: an event that is no alarm changes nothing, and teaches in full.
  static bool is_at_rest(const Block& block) {
    return block.state == State::calm && !is_settling(block);
  }
  /// An episode, which goes on with the feature it began with.
  static bool is_in_episode(const Block& block) { return block.state != State::calm; }

  /// Whether the scores of the next event teach the calibrations. In a freeze the n-th has the
  /// weight 1 / n (those whose number is a power of two do), and while the models follow an adopted
  /// level, none in a row of alarms: else what is strange gets common, for this entity and for all.
  static bool calibrates(const Block& block) {
    if (block.state == State::frozen) return std::has_single_bit(block.events + 1U);
    return !is_settling(block) || block.settled > 0;
  }

  /// Events may be missing: what comes does not follow on what came.
  static void interrupt(Block& block);

  Decision decide(const Event& event);

 private:
  static constexpr std::int64_t kNotYet = std::numeric_limits<std::int64_t>::min();

  /// What an event adds to the evidence, and whether it is the challenger's.
  struct Gain {
    double evidence = 0;
    bool is_away = false;
  };

  /// The models may not have followed yet.
  static bool is_settling(const Block& block) {
    return block.knows_levels != 0 && block.settled < kSettled;
  }
  Decision begin(const Event& event);
  Decision follow(const Event& event);
  Decision rest();
  Decision adopt(const Event& event);
  Decision come_back(const Event& event);
  Gain gain(const Event& event);
  void freeze(const Event& event);
  void settle(std::int64_t time_ms);
  std::uint8_t unsettled() const;
  double middle_of(const Level& level) const;
  bool is_ripe(std::int64_t time_ms) const;
  bool is_at_adopted(const Event& event) const;
  bool is_return(const Event& event) const;
  bool leads_to_known_level(const Event& event) const;
  bool is_known(const Level& level, double value) const;

  const LearningSettings& settings_;
  Block& block_;
};

}  // namespace tocsin
