#include "tests/pipeline_run.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <chrono>
#include <cstdio>
#include <stop_token>
#include <thread>

#include "detectors/catalog.h"
#include "detectors/counter_random.h"
#include "pipeline/log/memory_log.h"
#include "pipeline/scoring/inline_refits.h"
#include "pipeline/scoring/threaded_refits.h"
#include "pipeline/snapshot/partition_mark.h"
#include "tests/engine_rig.h"

namespace tocsin {
namespace {

/// `stream/topic/partition` of a record, from its id or from a dead letter's headers.
std::string source_of(const StoredRecord& record) {
  std::string topic;
  std::string partition;
  for (const auto& [name, value] : record.headers) {
    if (name == "tocsin.topic") topic = *value;
    if (name == "tocsin.partition") partition = *value;
  }
  if (!topic.empty()) return topic + "/" + partition;
  const std::string& value = *record.value;
  const std::size_t id = value.find("\"id\":\"") + 6;
  const std::size_t stream_end = value.find('/', id);
  const std::size_t topic_end = value.find('/', stream_end + 1);
  const std::size_t partition_end = value.find('/', topic_end + 1);
  return value.substr(stream_end + 1, partition_end - stream_end - 1);
}

void append_record(const std::string& topic, const StoredRecord& record, std::string& out) {
  out += topic + "|" + record.key.value_or("(none)") + "|" + record.value.value_or("(none)");
  for (const auto& [name, value] : record.headers)
    out += "|" + name + "=" + value.value_or("(none)");
  out += "\n";
}

PipelineResult collect(const Rig& rig) {
  PipelineResult result;
  for (const std::string& topic : kOutputTopics)
    for (const StoredRecord& record : rig.log.read(topic, 0, 0))
      append_record(topic, record, result.outputs[source_of(record)]);
  for (const Partition* partition : rig.engine->partitions()) {
    const Partition::Place& place = partition->place();
    partition->save(result.states[place.topic + "/" + std::to_string(place.number)]);
  }
  const FlowCounters& counters = rig.engine->counters();
  result.commits = counters.commits.value();
  result.replayed = counters.records_replayed.value();
  for (const auto& worker : counters.workers) {
    for (const auto& stream : worker->streams) {
      result.scored += stream->scored.value();
      result.warming_up += stream->warming_up.value();
      result.tombstones += stream->tombstones.value();
      for (const Counter& c : stream->rejected) result.rejected += c.value();
      for (const Counter& c : stream->anomalies) result.anomalies += c.value();
      for (const auto& state : stream->alerts)
        for (const Counter& c : state) result.alerts += c.value();
      result.alerts_open += stream->incidents_open.value();
      result.evictions += stream->evictions.value();
      result.refits += stream->refits.value();
      result.entities += stream->entities.value();
    }
  }
  return result;
}

}  // namespace

namespace {

/// Deletes the input that no restore needs.
void forget_what_is_saved(MemoryLog& log, const PipelineCase& input) {
  for (const auto& [topic, partitions] : input.topics) {
    for (std::int32_t p = 0; p < partitions; ++p) {
      const auto committed = log.committed(kGroup, topic, p);
      const auto mark = committed ? PartitionMark::parse(committed->metadata) : std::nullopt;
      if (mark && mark->snapshot) log.trim(topic, p, mark->snapshot->input_offset);
    }
  }
}

}  // namespace

PipelineResult run_stepwise(const PipelineCase& input, const FlowSettings& settings) {
  InlineRefits refits;
  Topics topics(input);
  Rig rig(topics.log, input, settings, refits, Memory::forgotten);
  std::int64_t now_ns = 0;
  rig.drain(now_ns);
  return collect(rig);
}

PipelineResult run_in_lives(const PipelineCase& input, const std::vector<Life>& lives) {
  InlineRefits refits;
  Topics topics(input);
  std::int64_t now_ns = 0;
  for (std::size_t i = 0;; ++i) {
    FlowSettings settings = lives[i].settings;
    settings.app = "test";
    settings.owner = i + 1;
    Rig rig(topics.log, input, settings, refits, Memory::kept);
    for (int step = 0; step < lives[i].steps; ++step) rig.step(now_ns);
    if (lives[i].steps == 0) rig.drain(now_ns);
    if (lives[i].ends_well) {
      rig.engine->begin_stop();
      while (!rig.engine->is_stopped()) rig.step(now_ns);
    }
    if (i + 1 == lives.size()) return collect(rig);
    forget_what_is_saved(topics.log, input);
  }
}

PipelineResult run_threaded(const PipelineCase& input, const FlowSettings& settings) {
  ThreadedRefits refits;
  Topics topics(input);
  Rig rig(topics.log, input, settings, refits, Memory::forgotten);
  std::stop_source stop;
  std::jthread thread([&] { (void)rig.engine->run(stop.get_token()); });
  const auto is_done = [&] {
    for (const auto& [topic, partitions] : input.topics) {
      for (std::int32_t p = 0; p < partitions; ++p) {
        const std::int64_t high = rig.log.watermarks(topic, p).high;
        const auto committed = rig.log.committed(kGroup, topic, p);
        if (high > 0 && (!committed || committed->offset < high)) return false;
      }
    }
    return true;
  };
  while (!is_done()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  stop.request_stop();
  thread.join();
  return collect(rig);
}

namespace {

DetectorSettings detector(const char* name, Scope scope) {
  const DetectorKind* kind = find_detector(name);
  return {.kind = kind, .parameters = Settings(kind->parameters), .scope = scope};
}

StreamSettings api_stream() {
  StreamSettings api;
  api.name = "api";
  api.topics = {"^api[.].*"};
  api.entity = {"/service", "/endpoint"};
  api.time = {.field = "/ts", .unit = TimeUnit::ms};
  api.features = {
      {.name = "duration", .field = "/duration", .transforms = {Transform::log1p}},
      {.name = "error", .field = "/status", .test = FeatureTest::at_least, .at_least = 500},
      {.name = "bytes", .field = "/bytes", .transforms = {Transform::diff}}};
  api.detectors = {detector("spike", Scope::entity), detector("range", Scope::entity),
                   detector("half_space_trees", Scope::stream),
                   detector("half_space_trees", Scope::group)};
  api.detectors.back().group_by = "/region";
  api.partition_max_bytes = 512U << 10U;
  api.sensitivity = Sensitivity::per_event(1e-3);
  return api;
}

StreamSettings sensor_stream() {
  StreamSettings sensors;
  sensors.name = "sensors";
  sensors.topics = {"sensors"};
  sensors.entity = {"$key"};
  sensors.features_max = 4;
  sensors.detectors = {detector("spike", Scope::entity),
                       detector("half_space_trees", Scope::stream)};
  sensors.partition_max_bytes = 4U << 20U;
  sensors.sensitivity = Sensitivity::per_event(1e-3);
  return sensors;
}

/// Deterministic numbers for one case.
struct Dice {
  std::uint64_t seed = 0;
  std::uint64_t thrown = 0;

  std::uint64_t next() { return random_bits({.seed = seed, .count = thrown++}); }
  double unit() { return static_cast<double>(next() >> 11U) * 0x1p-53; }
  /// Roughly normal: mean 0, variance 1.
  double bell() {
    double sum = 0;
    for (int i = 0; i < 12; ++i) sum += unit();
    return sum - 6;
  }
};

std::string bad_value(std::uint64_t kind) {
  switch (kind % 8) {
    case 0:
      return "{\"truncated\":";
    case 1:
      return "[1,2,3]";
    case 2:
      return "{\"a\":1,\"a\":2}";
    case 3:
      return "\xff\xfe not text";
    case 4:
      return "{\"duration\":\"many\",\"service\":\"s\",\"endpoint\":\"e\",\"ts\":1}";
    case 5:
      return "{\"duration\":1,\"ts\":1}";
    case 6:
      return "{\"service\":\"s\",\"endpoint\":\"e\",\"ts\":4102444800000,\"duration\":1}";
    default:
      return "";  // A tombstone.
  }
}

InputEvent api_event(Dice& dice, int index, int count) {
  // Half of the events are of 120 entities that return, the others of ids hardly seen twice.
  const bool returns = dice.next() % 2 == 0;
  const auto service = dice.next() % (returns ? 6 : 90);
  const auto endpoint = dice.next() % (returns ? 20 : 900);
  const std::int64_t ts = 1'700'000'000'000 + index * 40LL;
  double duration = 50 + static_cast<double>(endpoint) + 5 * dice.bell();
  // Some services degrade towards the end, and stay so.
  if (service < 3 && index > count * 9 / 10) duration *= 20;
  if (dice.next() % 2000 == 0) duration *= 30;
  InputEvent event{.topic = fmt::format("api.{}", service % 3),
                   .partition = static_cast<std::int32_t>(endpoint % 3),
                   .key = fmt::format("s{}", service),
                   .timestamp_ms = ts};
  event.value = fmt::format(
      R"({{"service":"s{}","endpoint":"/e/{}","region":"r{}","ts":{},"duration":{:.3f},)"
      R"("status":{},"bytes":{}}})",
      service, endpoint, endpoint % 5, ts, duration, dice.next() % 50 == 0 ? 503 : 200,
      dice.next() % 5000);
  return event;
}

InputEvent sensor_event(Dice& dice, int index) {
  const auto sensor = dice.next() % 6000;
  InputEvent event{.topic = "sensors",
                   .partition = static_cast<std::int32_t>(sensor % 3),
                   .key = fmt::format("sensor-{}", sensor),
                   .timestamp_ms = 1'700'000'000'000 + index * 40LL};
  event.value = fmt::format(R"({{"temperature":{:.2f},"humidity":{:.1f},"ok":true,"id":{}}})",
                            20 + dice.bell(), 40 + 3 * dice.bell(), sensor);
  return event;
}

}  // namespace

PipelineCase demanding_case(std::uint64_t seed, int events) {
  PipelineCase input;
  input.streams = {api_stream(), sensor_stream()};
  input.outputs.scores.topic = kOutputTopics[0];
  input.outputs.alerts.topic = kOutputTopics[1];
  input.outputs.dead_letters = kOutputTopics[2];
  input.topics = {{"api.0", 3}, {"api.1", 3}, {"api.2", 3}, {"sensors", 3}};
  Dice dice{seed};
  for (int i = 0; i < events; ++i) {
    input.events.push_back(i % 3 == 2 ? sensor_event(dice, i) : api_event(dice, i, events));
    if (i % 97 == 0) input.events.back().value = bad_value(dice.next());
  }
  return input;
}

std::string digest(const PipelineResult& result) {
  XXH3_state_t* state = XXH3_createState();
  XXH3_128bits_reset(state);
  for (const auto* parts : {&result.outputs, &result.states})
    for (const auto& [name, bytes] : *parts) {
      XXH3_128bits_update(state, name.data(), name.size());
      XXH3_128bits_update(state, bytes.data(), bytes.size());
    }
  const XXH128_hash_t hash = XXH3_128bits_digest(state);
  XXH3_freeState(state);
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace tocsin
