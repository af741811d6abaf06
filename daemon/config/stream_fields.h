// The part of the table of fields (fields.h) that says what a stream is.

#pragma once

#include <array>
#include <string_view>

#include "daemon/config/fields.h"
#include "detectors/detector.h"
#include "detectors/direction.h"

namespace tocsin {

// Bounds of durations are in milliseconds, of sizes in bytes.
inline constexpr double kSecond = 1000;
inline constexpr double kMinute = 60 * kSecond;
inline constexpr double kDay = 24 * 60 * kMinute;
inline constexpr double kKibibyte = 1024;
inline constexpr double kMebibyte = 1024 * kKibibyte;
inline constexpr double kGibibyte = 1024 * kMebibyte;
// Up to here a double holds every whole number.
inline constexpr double kWholeMax = 9007199254740991;

using Words = std::string_view;
inline constexpr std::array<Words, 1> kFormats{"json"};
inline constexpr std::array<Words, 6> kTimeUnits{"auto", "text", "s", "ms", "us", "ns"};
inline constexpr std::array<Words, 5> kTransforms{"log1p", "diff", "rate", "abs", "hour_of_day"};
inline constexpr std::array<Words, 3> kSensitivities{"sensitive", "balanced", "strict"};
inline constexpr std::array<Words, 3> kScopes{"entity", "group", "stream"};

inline constexpr std::array kTime{
    Field{.name = "field",
          .type = FieldType::pointer,
          .required = true,
          .example = "/ts",
          .help = "Where in the event its time stands."},
    Field{.name = "unit",
          .type = FieldType::word,
          .fallback = "auto",
          .words = kTimeUnits,
          .help =
              "The unit of a time that is a number; `text` is RFC 3339 or `2014-04-01 00:00:00` "
              "in UTC. `auto` takes text, and numbers by their magnitude."}};

inline constexpr std::array kFeature{
    Field{.name = "name",
          .type = FieldType::text,
          .fallback_note = "the last part of `field`",
          .example = "duration",
          .help = "What records and alerts call it."},
    Field{.name = "field",
          .type = FieldType::pointer,
          .example = "/duration_ms",
          .help = "Where in the event its value stands. Only `hour_of_day` does without: it then "
                  "reads the event's time."},
    Field{.name = "transform",
          .type = FieldType::word,
          .shape = Shape::one_or_list,
          .items_max = 4,
          .words = kTransforms,
          .example = "log1p",
          .help =
              "What is made of the value before detectors see it, in this order. `diff` and "
              "`rate` (per second) compare with the entity's last value, and `rate` has none "
              "where a counter falls; `hour_of_day` is in UTC and stands alone. A feature with a "
              "test has none."},
    Field{.name = "at_least",
          .type = FieldType::number,
          .min = -1e300,
          .max = 1e300,
          .example = "500",
          .help = "A test: the feature is 1 where the value is at least this, else 0."},
    Field{.name = "is",
          .type = FieldType::scalar,
          .example = "timeout",
          .help = "A test: the feature is 1 where the value is this, else 0. In quotes it matches "
                  "texts only."},
    Field{.name = "in",
          .type = FieldType::scalar,
          .shape = Shape::list,
          .items_max = 1000,
          .example = "[500, 502, 503]",
          .help = "A test: the feature is 1 where the value is one of these, else 0."},
    Field{.name = "direction",
          .type = FieldType::word,
          .fallback = "both",
          .words = kDirections,
          .example = "up",
          .help = "Only values above (`up`) or below (`down`) what is expected can be strange."},
    Field{.name = "min_change",
          .type = FieldType::number,
          .fallback = "0",
          .min = 0,
          .max = 1e300,
          .example = "5",
          .help = "A value closer than this to what is expected is never strange, however steady "
                  "the series is."},
    Field{.name = "ignore_below",
          .type = FieldType::number,
          .min = -1e300,
          .max = 1e300,
          .example = "100",
          .help = "A smaller value is never strange. This and the two before are in the unit in "
                  "which records show the feature; what they rule out is learned all the same."},
    Field{.name = "sensitivity",
          .type = FieldType::number,
          .fallback_note = "the entity's",
          .min = 1e-9,
          .max = 0.1,
          .words = kSensitivities,
          .example = "strict",
          .help = "As the stream's, a word or a probability per event: for events in which this "
                  "feature stands out most."}};

inline constexpr std::array kDetector{
    Field{.name = "type",
          .type = FieldType::word,
          .required = true,
          .example = "spike",
          .help = "Which detector; `tocsin detectors` describes them."},
    Field{.name = "scope",
          .type = FieldType::word,
          .fallback_note = "the detector's first",
          .words = kScopes,
          .example = "stream",
          .help = "Who shares one model: nobody (`entity`), the entities with the same value of "
                  "`group_by`, or all of a partition (`stream`)."},
    Field{.name = "group_by",
          .type = FieldType::pointer,
          .example = "/region",
          .help = "For `scope: group`: the field whose value names the group."},
    Field{.name = "features",
          .type = FieldType::text,
          .shape = Shape::one_or_list,
          .fallback_note = "all",
          .items_max = kMaxDimensions,
          .example = "[duration]",
          .help = "The features it looks at, by name."}};

inline constexpr std::array kForecastFields{
    Field{.name = "enabled",
          .type = FieldType::boolean,
          .fallback_note = "true with the default detectors or `forecast` among them, else false",
          .example = "true",
          .help = "Whether features are forecast: 1,088 bytes an entity and feature. Records then "
                  "say what was expected, and the detector `forecast` can judge by it."},
    Field{.name = "time_zone",
          .type = FieldType::text,
          .fallback = "UTC",
          .example = "Europe/Berlin",
          .help = "The clock by which days and weeks repeat: `UTC`, an offset such as `+05:30`, "
                  "one of some common names, or a rule of POSIX such as "
                  "`CET-1CEST,M3.5.0,M10.5.0/3`."},
    Field{.name = "holidays",
          .type = FieldType::text,
          .shape = Shape::list,
          .fallback_note = "none",
          .items_max = 1000,
          .example = "[2026-12-25, 2027-01-01]",
          .help = "Days that are like Sundays."}};

inline constexpr std::array kLearningFields{
    Field{.name = "adopt_after_events",
          .type = FieldType::integer,
          .fallback = "64",
          .min = 1,
          .max = 1'000'000,
          .help = "For so many events a new level must be foretold better than the old one before "
                  "it is the new normal: higher takes fewer passing faults for it."},
    Field{.name = "adopt_after",
          .type = FieldType::duration,
          .fallback = "6h",
          .min = 0,
          .max = 365 * kDay,
          .help = "And for so long, by the events' own time: longer tells of a lasting fault for "
                  "longer, and follows a lasting change later."},
    Field{.name = "adopt_at_most",
          .type = FieldType::duration,
          .fallback = "1d",
          .min = kSecond,
          .max = 365 * kDay,
          .help = "After so long it is the new normal however few the events were: nothing stays "
                  "frozen for longer. Not below `adopt_after`."}};

inline constexpr std::array kSensitivity{
    Field{.name = "incidents_per_day",
          .type = FieldType::number,
          .min = 1e-6,
          .max = 1e9,
          .example = "5",
          .help = "How many false incidents a day are acceptable in the whole stream, whatever "
                  "the number of entities: an event's part of them follows from how often events "
                  "come."},
    Field{.name = "partitions",
          .type = FieldType::integer,
          .fallback = "1",
          .min = 1,
          .max = 100'000,
          .example = "12",
          .help = "How many partitions the stream's topics have together: each has an equal part "
                  "of the incidents, by its own rate. A partition knows of no other, so it must be "
                  "said."},
    Field{.name = "events_per_second",
          .type = FieldType::number,
          .fallback_note = "learned",
          .min = 1e-6,
          .max = 1e9,
          .example = "200",
          .help = "How many events the whole stream has, on average, where it is not to be "
                  "learned: the two then give one probability per event."},
    Field{.name = "contamination",
          .type = FieldType::number,
          .min = 1e-9,
          .max = 0.1,
          .example = "0.001",
          .help = "Another name for a probability per event, alone in the section."}};

inline constexpr std::array kEntityRule{
    Field{.name = "match",
          .type = FieldType::expression,
          .required = true,
          .example = "^db-",
          .help = "A POSIX extended regular expression that is found in the entity's name, as "
                  "records show it."},
    Field{.name = "sensitivity",
          .type = FieldType::number,
          .required = true,
          .min = 1e-9,
          .max = 0.1,
          .words = kSensitivities,
          .example = "strict",
          .help = "As the stream's, a word or a probability per event."}};

inline constexpr std::array kStream{
    Field{.name = "name",
          .type = FieldType::topic,
          .fallback_note = "the first topic",
          .example = "api",
          .help = "What records, alerts and metrics call it."},
    Field{.name = "topics",
          .type = FieldType::subscription,
          .shape = Shape::one_or_list,
          .required = true,
          .items_max = 1000,
          .example = "[api-metrics]",
          .help = "Topics to read: names, or POSIX extended regular expressions that begin with "
                  "`^` and are matched as librdkafka does."},
    Field{.name = "format",
          .type = FieldType::word,
          .fallback = "json",
          .words = kFormats,
          .help = "How events are written."},
    Field{.name = "entity",
          .type = FieldType::entity,
          .shape = Shape::one_or_list,
          .fallback = "$key",
          .items_max = 8,
          .example = "[/service, /endpoint]",
          .help = "What an event is about, and what has a normal of its own: JSON pointers, or "
                  "`$key`, the record's key. Without a key, a partition is one entity."},
    Field{.name = "time",
          .type = FieldType::section,
          .fallback_note = "the record's own timestamp",
          .fields = kTime,
          .example = "{field: /ts, unit: ms}",
          .help = "Where an event's time comes from."},
    Field{.name = "features",
          .type = FieldType::section,
          .shape = Shape::list,
          .fallback_note = "discovered",
          .items_max = kMaxDimensions,
          .fields = kFeature,
          .example = "[{name: duration, field: /duration_ms}]",
          .help = "The numbers to watch. Without it, every numeric field of a partition's first "
                  "1,000 records is one, up to `features_max`."},
    Field{.name = "features_max",
          .type = FieldType::integer,
          .fallback = "16",
          .min = 1,
          .max = kMaxDimensions,
          .help = "Higher finds more fields where features are discovered; every entity then needs "
                  "more memory."},
    Field{.name = "detectors",
          .type = FieldType::detector,
          .shape = Shape::list,
          .fallback_note =
              "`forecast` (`spike` where `forecast` is not enabled), `range`, `new_value`, "
              "`transition`, `level_shift`, and for two features or more `half_space_trees`",
          .items_max = 32,
          .fields = kDetector,
          .example = "[{type: spike}]",
          .help = "What looks for anomalies. Beside the options here, each type has its own."},
    Field{.name = "forecast",
          .type = FieldType::section,
          .fields = kForecastFields,
          .help = "What is expected of every feature, from its level, trend and recent values and "
                  "from what is usual at the time of day and week."},
    Field{.name = "learning",
          .type = FieldType::section,
          .fields = kLearningFields,
          .help = "When a level that came to stay is adopted as the new normal. Until then the "
                  "models of its entity learn nothing from it."},
    Field{.name = "sensitivity",
          .type = FieldType::number,
          .fallback = "balanced",
          .min = 1e-9,
          .max = 0.1,
          .words = kSensitivities,
          .fields = kSensitivity,
          .example = "0.001",
          .help = "How often it may alarm falsely: `sensitive`, `balanced` and `strict` are about "
                  "1, 1/100 and 1/1,000 false incidents an entity and day, at the rate at which "
                  "its events come; a number is the probability of an alarm on a normal event; a "
                  "section says how many incidents a day the whole stream may have."},
    Field{.name = "entities",
          .type = FieldType::section,
          .shape = Shape::list,
          .items_max = 200,
          .fields = kEntityRule,
          .example = "[{match: '^db-', sensitivity: strict}]",
          .help = "What holds for some entities only; the first that matches."},
    Field{.name = "far_future",
          .type = FieldType::duration,
          .fallback = "1d",
          .min = kSecond,
          .max = 3650 * kDay,
          .help = "An event whose time is later than the record's own timestamp by more than this "
                  "is rejected, so that one bad clock cannot move time."},
    Field{.name = "record_max_bytes",
          .type = FieldType::size,
          .fallback = "1MiB",
          .min = kKibibyte,
          .max = 64 * kMebibyte,
          .help = "Larger records are rejected; higher needs more memory for each batch."},
    Field{.name = "seed",
          .type = FieldType::integer,
          .fallback = "0",
          .min = 0,
          .max = kWholeMax,
          .help = "Begins every random choice: the same seed gives the same scores."}};

}  // namespace tocsin
