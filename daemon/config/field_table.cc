#include <array>

#include "daemon/config/fields.h"
#include "daemon/config/stream_fields.h"

namespace tocsin {
namespace {

constexpr std::array<Words, 3> kEmits{"all", "anomalies", "sampled"};
constexpr std::array<Words, 2> kDetails{"minimal", "full"};
constexpr std::array<Words, 2> kEncodings{"json", "protobuf"};
constexpr std::array<Words, 3> kCloudEvents{"off", "binary", "structured"};
constexpr std::array<Words, 1> kAuto{"auto"};
constexpr std::array<Words, 2> kDeliveries{"exactly_once", "at_least_once"};
constexpr std::array<Words, 2> kOnGaps{"refuse", "proceed"};
constexpr std::array<Words, 4> kLogLevels{"debug", "info", "warning", "error"};
constexpr std::array<Words, 3> kLogFormats{"auto", "text", "json"};

constexpr std::array kKafka{
    Field{.name = "brokers",
          .type = FieldType::broker,
          .shape = Shape::one_or_list,
          .required = true,
          .items_max = 100,
          .example = "[localhost:9092]",
          .help = "Some brokers of the cluster; the others are learned from them."},
    Field{.name = "properties",
          .type = FieldType::properties,
          .example = "{security.protocol: SASL_SSL}",
          .help = "Any librdkafka property, applied to the consumer, the producer or both, as "
                  "each knows it. Those that would break exactly-once are refused."},
    Field{.name = "transaction_timeout",
          .type = FieldType::duration,
          .fallback = "15s",
          .min = kSecond,
          .max = 15 * kMinute,
          .help = "Higher survives longer pauses of the process; but after a crash the readers of "
                  "its outputs wait that long."},
    Field{.name = "topic_wait",
          .type = FieldType::duration,
          .fallback = "30s",
          .min = 0,
          .max = 60 * kMinute,
          .help = "How long a start asks again for topics that are not there before it refuses: a "
                  "broker that has just come back does not know all of them at once."}};

constexpr std::array kScores{
    Field{.name = "topic",
          .type = FieldType::topic,
          .fallback_note = "`<app>-scores`",
          .example = "api-scores",
          .help = "Where scored records go. It must exist."},
    Field{.name = "emit",
          .type = FieldType::word,
          .fallback = "all",
          .words = kEmits,
          .help = "Which scored records are written; `sampled` is all anomalies and a share of "
                  "the rest."},
    Field{.name = "sample_share",
          .type = FieldType::number,
          .fallback = "0.01",
          .min = 1e-6,
          .max = 1,
          .help = "For `emit: sampled`: the share of normal events that is written."},
    Field{.name = "detail",
          .type = FieldType::word,
          .fallback = "minimal",
          .words = kDetails,
          .help = "Whether normal events, too, carry features, detectors and model; anomalies "
                  "always do."},
    Field{.name = "include_event",
          .type = FieldType::boolean,
          .fallback = "false",
          .help = "Whether a scored record carries the original event."},
    Field{.name = "encoding",
          .type = FieldType::word,
          .fallback = "json",
          .words = kEncodings,
          .help = "How records are written."},
    Field{.name = "cloudevents",
          .type = FieldType::word,
          .fallback = "off",
          .words = kCloudEvents,
          .help = "CloudEvents 1.0: attributes in headers (`binary`) or around the record "
                  "(`structured`). Headers cost time for every record."}};

constexpr std::array kAlerts{
    Field{.name = "topic",
          .type = FieldType::topic,
          .fallback_note = "`<app>-alerts`",
          .example = "api-alerts",
          .help = "Where alerts go. It must exist."},
    Field{.name = "encoding",
          .type = FieldType::word,
          .fallback = "json",
          .words = kEncodings,
          .help = "How alerts are written."},
    Field{.name = "cloudevents",
          .type = FieldType::word,
          .fallback = "binary",
          .words = kCloudEvents,
          .help = "CloudEvents 1.0: attributes in headers (`binary`) or around the alert "
                  "(`structured`)."}};

constexpr std::array kDeadLetters{
    Field{.name = "topic",
          .type = FieldType::topic,
          .fallback_note = "`<app>-dead-letters`",
          .example = "api-dead-letters",
          .help = "Where rejected records go, as they came, with the reason in headers. It must "
                  "exist."}};

constexpr std::array kOutputs{Field{.name = "scores",
                                    .type = FieldType::section,
                                    .fields = kScores,
                                    .help = "A record for each event that was scored."},
                              Field{.name = "alerts",
                                    .type = FieldType::section,
                                    .fields = kAlerts,
                                    .help = "A record when an incident opens, worsens and closes."},
                              Field{.name = "dead_letters",
                                    .type = FieldType::section,
                                    .fields = kDeadLetters,
                                    .help = "The records that could not be scored."}};

constexpr std::array kPipeline{
    Field{.name = "workers",
          .type = FieldType::integer,
          .fallback = "auto",
          .min = 1,
          .max = 256,
          .words = kAuto,
          .help = "Threads that score. More use more cores, up to one a partition; no result "
                  "depends on it."},
    Field{.name = "epoch",
          .type = FieldType::duration,
          .fallback = "200ms",
          .min = 10,
          .max = kMinute,
          .help = "How often results are committed. Higher costs less for each event and shows "
                  "results later."},
    Field{.name = "epoch_bytes",
          .type = FieldType::size,
          .fallback = "16MiB",
          .min = 64 * kKibibyte,
          .max = kGibibyte,
          .help = "Output that ends an epoch early; two epochs are in memory at a time."},
    Field{.name = "drain_timeout",
          .type = FieldType::duration,
          .fallback = "10s",
          .min = 100,
          .max = 10 * kMinute,
          .help = "How long a stop or a move of partitions waits for what was read to be "
                  "committed; the rest is read again."}};

constexpr std::array kState{
    Field{.name = "snapshot_interval",
          .type = FieldType::duration,
          .fallback = "60s",
          .min = kSecond,
          .max = kDay,
          .help = "How often what a partition has learned is saved. Longer saves work and makes a "
                  "restart after a crash replay more input; an orderly end saves everything."},
    Field{.name = "on_gap",
          .type = FieldType::word,
          .fallback = "refuse",
          .words = kOnGaps,
          .help = "What to do when input is gone that is needed to have the state of the committed "
                  "offset again, or when a topic was recreated: end with the reason, or `proceed` "
                  "without it."},
    Field{.name = "topic_replication",
          .type = FieldType::integer,
          .fallback = "auto",
          .min = 1,
          .max = 100,
          .words = kAuto,
          .help =
              "Copies of each state topic that is made at the start; `auto` is what the brokers "
              "give a topic. Topics that exist stay as they are."}};

constexpr std::array kMemory{
    Field{.name = "max_bytes",
          .type = FieldType::size,
          .fallback = "1GiB",
          .min = 16 * kMebibyte,
          .max = 16 * 1024 * kGibibyte,
          .help = "What the process may need in all; a configuration that could need more is "
                  "refused."},
    Field{.name = "partition_bytes",
          .type = FieldType::size,
          .fallback = "64MiB",
          .min = 64 * kKibibyte,
          .max = 1024 * kGibibyte,
          .help = "What the entities of one partition may need. Higher remembers more entities; "
                  "beyond it those unseen for longest are forgotten."},
    Field{.name = "partitions",
          .type = FieldType::integer,
          .fallback = "4",
          .min = 1,
          .max = 100'000,
          .help = "How many partitions this process is expected to own at a time, over all "
                  "streams; for the sum of memory."}};

constexpr std::array kHttp{
    Field{.name = "listen",
          .type = FieldType::listen,
          .fallback = "127.0.0.1:8001",
          .example = "0.0.0.0:8001",
          .help = "Where metrics and health are served; port 0 is any free one."}};

constexpr std::array kLog{Field{.name = "level",
                                .type = FieldType::word,
                                .fallback = "info",
                                .words = kLogLevels,
                                .help = "The least important lines that are written."},
                          Field{.name = "format",
                                .type = FieldType::word,
                                .fallback = "auto",
                                .words = kLogFormats,
                                .help = "`auto` is text on a terminal and JSON elsewhere."}};

constexpr std::array kConfig{
    Field{.name = "app",
          .type = FieldType::app,
          .fallback = "tocsin",
          .example = "api-watch",
          .help = "Names the consumer group, the state topics and the transactional ids. Another "
                  "name begins anew."},
    Field{.name = "kafka",
          .type = FieldType::section,
          .required = true,
          .fields = kKafka,
          .example = "{brokers: [localhost:9092]}",
          .help = "How to reach Kafka, and as whom."},
    Field{.name = "streams",
          .type = FieldType::section,
          .shape = Shape::list,
          .required = true,
          .items_max = 64,
          .fields = kStream,
          .example = "[{topics: [api-metrics]}]",
          .help = "What to read, and what is normal in it."},
    Field{.name = "outputs",
          .type = FieldType::section,
          .fields = kOutputs,
          .help = "What is written, and where."},
    Field{.name = "pipeline",
          .type = FieldType::section,
          .fields = kPipeline,
          .help = "How the work is spread. Nothing here changes a result."},
    Field{.name = "state",
          .type = FieldType::section,
          .fields = kState,
          .help = "How what was learned is kept."},
    Field{.name = "memory",
          .type = FieldType::section,
          .fields = kMemory,
          .help = "How much of it there is."},
    Field{.name = "delivery",
          .type = FieldType::word,
          .fallback = "exactly_once",
          .words = kDeliveries,
          .help = "`at_least_once` does without transactions: after a crash some results come "
                  "twice, with the same id."},
    Field{
        .name = "http", .type = FieldType::section, .fields = kHttp, .help = "Metrics and health."},
    Field{.name = "log", .type = FieldType::section, .fields = kLog, .help = "What it tells."}};

}  // namespace

std::span<const Field> config_fields() { return kConfig; }

std::span<const Field> common_detector_fields() { return kDetector; }

}  // namespace tocsin
