// What the configuration says of one stream, as plain values.
//
// The configuration compiler (daemon/config) fills these; everything below reads them. Nothing
// here is optional to check again: a value that arrives is valid.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "detectors/catalog.h"
#include "detectors/direction.h"
#include "detectors/forecast/time_zone.h"
#include "detectors/parameter.h"

namespace tocsin {

/// The unit of a time field that is a number; `text` covers RFC 3339 and `2014-04-01 00:00:00`
/// (UTC). `automatic` accepts text, and numbers whose magnitude tells their unit.
enum class TimeUnit : std::uint8_t { automatic, text, s, ms, us, ns };

/// Where an event's time comes from.
struct TimeSettings {
  std::string field;  ///< JSON pointer; empty: the record's own timestamp.
  TimeUnit unit = TimeUnit::automatic;
};

/// A change of value before detectors see it. `diff` and `rate` remember the entity's last value.
enum class Transform : std::uint8_t { log1p, diff, rate, abs, hour_of_day };

/// A test that turns any scalar into 0 or 1.
enum class FeatureTest : std::uint8_t { none, at_least, in };

/// How often a false alarm is acceptable.
struct Sensitivity {
  enum class Unit : std::uint8_t {
    probability,  ///< Of an alarm on a normal event.
    entity_day,   ///< False incidents an entity and day, at the rate at which its events come.
    stream_day,   ///< False incidents a day of the whole stream, an equal part in each partition.
  };
  Unit unit = Unit::entity_day;
  double value = .01;
  int partitions = 1;  ///< Of the stream, for `stream_day`.

  static Sensitivity per_event(double probability) { return {Unit::probability, probability}; }
  bool operator==(const Sensitivity&) const = default;
};

/// One feature: where its value is found, and what is made of it.
struct FeatureSettings {
  std::string name;
  std::string field;  ///< JSON pointer; empty only where `hour_of_day` reads the event time.
  FeatureTest test = FeatureTest::none;
  double at_least = 0;          ///< Threshold of the test `at_least`.
  std::vector<std::string> in;  ///< Scalars of the tests `in` and `is`, as JSON text or bare words.
  std::vector<Transform> transforms;  ///< Applied in order, after the test.

  /// Which values may be strange; in the unit in which records show the feature.
  struct Limits {
    Direction direction = Direction::both;  ///< Above or below what is expected.
    double min_change = 0;                  ///< Closer to what is expected is never strange.
    std::optional<double> ignore_below;     ///< Smaller values never are.

    bool operator==(const Limits&) const = default;
  };
  Limits limits;
  std::optional<Sensitivity> sensitivity;  ///< Where it stands out; empty: the entity's.
};

/// What holds for the entities whose name a POSIX extended regular expression is found in.
struct EntityRule {
  std::string match;
  Sensitivity sensitivity;
};

/// One detector of a stream.
struct DetectorSettings {
  const DetectorKind* kind = nullptr;
  Settings parameters;
  Scope scope = Scope::entity;
  std::string group_by;               ///< JSON pointer, for scope `group`.
  std::vector<std::string> features;  ///< Names; empty: all.
};

/// What watches a stream of so many features, forecast or not, where the configuration names no
/// detector.
inline std::vector<DetectorSettings> default_detectors(int dimensions, bool has_forecast) {
  std::vector<DetectorSettings> detectors;
  for (const DefaultDetector& chosen : default_set(dimensions, has_forecast)) {
    detectors.push_back({.kind = chosen.kind,
                         .parameters = Settings(chosen.kind->parameters),
                         .scope = chosen.scope,
                         .group_by = {},
                         .features = {}});
  }
  return detectors;
}

/// Whether features are forecast, and on which clock.
struct ForecastSettings {
  /// Automatic: where the default detectors look, or one that needs it does.
  enum class Use : std::uint8_t { automatic, on, off };
  Use use = Use::automatic;
  std::string time_zone = "UTC";  ///< As `zone` was written.
  TimeZone zone;
  std::vector<std::int64_t> holidays;  ///< Days since 1970.
};

/// When a level that came to stay is the new normal: it has been better foretold than the old one
/// for so many events and so long, or the old one has been kept for the longest time.
struct LearningSettings {
  std::int64_t adopt_after_events = 64;
  std::int64_t adopt_after_ms = 6LL * 3600 * 1000;
  std::int64_t adopt_at_most_ms = 24LL * 3600 * 1000;  ///< Not before `adopt_after_ms`.

  bool operator==(const LearningSettings&) const = default;
};

/// One stream: which events, which entities, what is normal.
struct StreamSettings {
  std::string name;
  std::vector<std::string> topics;  ///< Names, or regular expressions that begin with `^`.
  std::vector<std::string> entity;  ///< JSON pointers, or `$key`; empty means `$key`.
  TimeSettings time;
  std::vector<FeatureSettings> features;  ///< Empty: discovered.
  int features_max = 16;                  ///< Columns kept when features are discovered.
  std::vector<DetectorSettings> detectors;
  ForecastSettings forecast;
  LearningSettings learning;
  Sensitivity sensitivity;
  std::vector<EntityRule> entity_rules;             ///< The first that matches holds.
  std::int64_t far_future_ms = 24LL * 3600 * 1000;  ///< Beyond the record's own timestamp.
  std::size_t record_max_bytes = 1U << 20U;         ///< Larger values are rejected.
  std::size_t partition_max_bytes = 64U << 20U;     ///< Budget of entities in one partition.
  std::uint64_t seed = 0;

  bool discovers_features() const { return features.empty(); }
  /// Dimensions of a row: the features named, or the columns that discovery may fill.
  int dimensions() const {
    return discovers_features() ? features_max : static_cast<int>(features.size());
  }
  /// Whether one of the detectors judges by the forecast.
  bool needs_forecast() const {
    return std::ranges::any_of(
        detectors, [](const DetectorSettings& detector) { return detector.kind->needs_forecast; });
  }
  /// Settles what `forecast.use` leaves open; `is_default`: the detectors are the default ones.
  void decide_on_forecast(bool is_default) {
    using Use = ForecastSettings::Use;
    if (forecast.use != Use::automatic) return;
    forecast.use = is_default || needs_forecast() ? Use::on : Use::off;
  }
};

/// Which scored records are written.
enum class Emit : std::uint8_t { all, anomalies, sampled };
enum class Detail : std::uint8_t { minimal, full };
enum class Encoding : std::uint8_t { json, protobuf };
enum class CloudEvents : std::uint8_t { off, binary, structured };

/// One output topic.
struct TopicSettings {
  std::string topic;  ///< Empty: not written.
  Encoding encoding = Encoding::json;
  CloudEvents cloudevents = CloudEvents::off;
};

/// What is written, and where.
struct OutputSettings {
  TopicSettings scores;
  Emit emit = Emit::all;
  double sample_share = 0.01;  ///< Of normal events, for `emit: sampled`.
  Detail detail = Detail::minimal;
  bool include_event = false;
  TopicSettings alerts{.topic = {}, .cloudevents = CloudEvents::binary};
  std::string dead_letters;  ///< Topic; empty: not written (replay without --dead-letters).
};

}  // namespace tocsin
