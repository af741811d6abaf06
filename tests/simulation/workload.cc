#include "tests/simulation/workload.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include "detectors/catalog.h"
#include "tests/simulation/dice.h"

namespace tocsin::simulation {
namespace {

constexpr const char* kMetrics = "metrics";
constexpr const char* kSensors = "sensors";
constexpr std::int64_t kBeginMs = 1'700'000'000'000;
/// Event time between two events: far enough that incidents end by quiet within a run.
constexpr std::int64_t kStepMs = 30'000;
constexpr std::size_t kEntitiesOfAPartition = 8;
constexpr std::size_t kRecordBytesMax = 4'000;

DetectorSettings detector(const char* name, Scope scope) {
  const DetectorKind* kind = find_detector(name);
  DetectorSettings settings{.kind = kind, .parameters = Settings(kind->parameters), .scope = scope};
  if (settings.kind->name == "spike") settings.parameters.set("warmup_points", 3);
  if (settings.kind->name == "range") settings.parameters.set("warmup_points", 4);
  if (settings.kind->name == "half_space_trees") {
    settings.parameters.set("trees", 3);
    settings.parameters.set("depth", 4);
    settings.parameters.set("window_points", 16);
    settings.parameters.set("refit_every", 100);
  }
  return settings;
}

StreamSettings metrics_stream() {
  StreamSettings stream;
  stream.name = "api";
  stream.topics = {kMetrics};
  stream.entity = {"/service", "/endpoint"};
  stream.time = {.field = "/ts", .unit = TimeUnit::ms};
  stream.features = {
      {.name = "duration", .field = "/duration", .transforms = {Transform::log1p}},
      {.name = "error", .field = "/status", .test = FeatureTest::at_least, .at_least = 500},
      {.name = "bytes", .field = "/bytes", .transforms = {Transform::diff}}};
  stream.detectors = {detector("spike", Scope::entity), detector("range", Scope::entity),
                      detector("half_space_trees", Scope::stream),
                      detector("half_space_trees", Scope::group)};
  stream.detectors.back().group_by = "/region";
  return stream;
}

StreamSettings sensors_stream() {
  StreamSettings stream;
  stream.name = "sensors";
  stream.topics = {kSensors};
  stream.entity = {"$key"};
  stream.features_max = 3;
  stream.detectors = {detector("spike", Scope::entity),
                      detector("half_space_trees", Scope::stream)};
  return stream;
}

std::shared_ptr<const StreamPlan> compiled(const StreamSettings& settings) {
  auto plan = StreamPlan::make(settings);
  if (!plan) {
    std::fprintf(stderr, "the workload: %s\n", plan.error().message.c_str());
    std::abort();
  }
  return *plan;
}

/// Bytes that hold so many entities, and hardly more.
std::size_t budget_for(StreamSettings stream) {
  constexpr std::size_t kStep = 1'024;
  for (stream.partition_max_bytes = 10 * kStep;
       compiled(stream)->entities_max() < kEntitiesOfAPartition;)
    stream.partition_max_bytes += kStep;
  return stream.partition_max_bytes;
}

Workload make_workload(bool includes_events) {
  Workload work;
  work.streams = {metrics_stream(), sensors_stream()};
  for (StreamSettings& stream : work.streams) {
    stream.sensitivity = Sensitivity::per_event(.2);
    stream.partition_max_bytes = budget_for(stream);
    work.plans.push_back(compiled(stream));
  }
  work.output_topics = {"scores", "alerts", "dead-letters"};
  work.outputs.scores.topic = work.output_topics[0];
  work.outputs.alerts.topic = work.output_topics[1];
  work.outputs.dead_letters = work.output_topics[2];
  work.outputs.include_event = includes_events;
  work.identity = {.config_hash = includes_events ? "fedcba9876543210" : "0123456789abcdef",
                   .program_version = "simulated"};
  work.input_widths = {{kMetrics, 2}, {kSensors, 1}};
  work.output_widths = {{"scores", 2}, {"alerts", 2}, {"dead-letters", 1}};
  work.record_bytes_max = kRecordBytesMax;
  return work;
}

std::optional<std::string> bad_value(Dice& dice) {
  switch (dice.below(8)) {
    case 0:
      return "{\"truncated\":";
    case 1:
      return "[1,2,3]";
    case 2:
      return "{\"a\":1,\"a\":2}";
    case 3:
      return "\xff\xfe not text";
    case 4:
      return R"({"duration":"many","temperature":"warm","service":"s","endpoint":"e","ts":1})";
    case 5:
      return R"({"duration":1,"ts":1})";
    case 6:  // A dead letter that the log refuses.
      return std::string(kRecordBytesMax + 1, '[');
    default:
      return std::nullopt;  // A tombstone.
  }
}

/// What makes its score too large for the log where events are included.
std::string padding(Dice& dice) {
  if (!dice.one_in(60)) return {};
  return ",\"note\":\"" + std::string(kRecordBytesMax, 'x') + "\"";
}

StoredRecord metrics_record(Dice& dice, std::int64_t time_ms) {
  const bool returns = !dice.one_in(4);
  const std::uint64_t service = dice.below(returns ? 2 : 4);
  const std::uint64_t endpoint = dice.below(returns ? 2 : 12);
  double duration = 50 + 10 * static_cast<double>(endpoint) + 2 * dice.bell();
  if (dice.one_in(12)) duration *= 20;
  const int status = dice.one_in(20) ? 503 : 200;
  const std::int64_t ts = dice.one_in(50) ? time_ms + 100LL * 24 * 3600 * 1000 : time_ms;
  std::string value = fmt::format(
      R"({{"service":"s{}","endpoint":"/e/{}","region":"r{}","ts":{},"duration":{:.3f},)"
      R"("status":{},"bytes":{})",
      service, endpoint, endpoint % 3, ts, duration, status, dice.below(2'000));
  return {.timestamp_ms = time_ms, .key = {}, .value = value + padding(dice) + "}"};
}

StoredRecord sensors_record(Dice& dice, std::int64_t time_ms) {
  const std::uint64_t sensor = dice.below(dice.one_in(4) ? 20 : 3);
  const double warmth = (dice.one_in(12) ? 90 : 20) + dice.bell();
  std::string value = fmt::format(R"({{"temperature":{:.2f},"id":{})", warmth, sensor);
  // Fields that come late: discovery goes on beyond restarts.
  if (dice.one_in(3)) value += fmt::format(R"(,"humidity":{:.1f})", 40 + 3 * dice.bell());
  if (dice.one_in(40)) value += fmt::format(R"(,"pressure":{:.1f})", 1000 + 5 * dice.bell());
  return {.timestamp_ms = time_ms,
          .key = fmt::format("sensor-{}", sensor),
          .value = value + padding(dice) + "}"};
}

}  // namespace

std::size_t Workload::stream_of(const std::string& topic) const {
  for (std::size_t s = 0; s < streams.size(); ++s)
    if (streams[s].topics.front() == topic) return s;
  std::abort();
}

const Workload& workload(std::size_t configuration) {
  static const std::array<Workload, kConfigurations> all{make_workload(false), make_workload(true)};
  return all.at(configuration);
}

std::size_t configuration_of(const std::string& hash) {
  for (std::size_t c = 0; c < kConfigurations; ++c)
    if (workload(c).identity.config_hash == hash) return c;
  std::abort();
}

InputEvent make_event(std::uint64_t seed, std::uint64_t index, const Widths& widths) {
  Dice dice(seed, index);
  const bool is_metrics = !dice.one_in(3);
  InputEvent event{.topic = is_metrics ? kMetrics : kSensors, .partition = 0, .record = {}};
  // Half of a topic's events go to its first partition, so that one of them learns a lot.
  if (dice.one_in(2))
    event.partition =
        static_cast<std::int32_t>(dice.below(static_cast<std::uint64_t>(widths.at(event.topic))));
  const std::int64_t time_ms = kBeginMs + static_cast<std::int64_t>(index) * kStepMs;
  event.record = is_metrics ? metrics_record(dice, time_ms) : sensors_record(dice, time_ms);
  if (dice.one_in(25)) event.record.value = bad_value(dice);
  return event;
}

}  // namespace tocsin::simulation
