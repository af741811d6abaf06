#include "tests/simulation/sequential_run.h"

#include "pipeline/input/decoder.h"
#include "pipeline/input/json_reader.h"
#include "pipeline/log/murmur2.h"
#include "pipeline/output/encoder.h"
#include "pipeline/output/substitute.h"
#include "pipeline/scoring/inline_refits.h"

namespace tocsin::simulation {
namespace {

/// Stores what an arena holds, as a log would that refuses large values.
class Collector {
 public:
  Collector(const Workload& work, Expected& expected) : work_(work), expected_(expected) {}

  void take(OutputArena& arena) {
    for (std::size_t i = 0; i < arena.records().size(); ++i) {
      WriteRecord record = arena.records()[i];
      if (record.value.size() > work_.record_bytes_max) {
        record = make_substitute(record, MemoryLog::kRecordTooLarge, arena);
        ++expected_.happened.refused;
      }
      store(record);
    }
    arena.clear();
  }

 private:
  void store(const WriteRecord& record) {
    const std::string& topic = work_.output_topics[record.topic];
    StoredRecord stored{.value = std::string(record.value)};
    std::int32_t partition = 0;
    if (record.key) {
      stored.key = std::string(*record.key);
      partition = partition_of(*record.key, work_.output_widths.at(topic));
    }
    for (const HeaderView& header : record.headers)
      stored.headers.emplace_back(
          std::string(header.name),
          header.value ? std::optional<std::string>(*header.value) : std::nullopt);
    expected_.outputs[source_name(topic, partition)].push_back(text_of(stored));
  }

  const Workload& work_;
  Expected& expected_;
};

Happened count(const StreamCounters& counters) {
  Happened happened{.scored = counters.scored.value(),
                    .warming_up = counters.warming_up.value(),
                    .tombstones = counters.tombstones.value(),
                    .evictions = counters.evictions.value(),
                    .refits = counters.refits.value()};
  for (const Counter& c : counters.rejected) happened.rejected += c.value();
  for (const Counter& c : counters.anomalies) happened.anomalies += c.value();
  for (const auto& state : counters.alerts)
    for (const Counter& c : state) happened.alerts += c.value();
  return happened;
}

}  // namespace

Expected run_sequentially(const Workload& work, const Input& input) {
  const std::size_t stream = work.stream_of(input.topic);
  JsonReader json;
  Decoder decoder(work.streams[stream], input.partition, json,
                  work.outputs.include_event ? KeepEvents::yes : KeepEvents::no);
  InlineRefits refits;
  StreamCounters counters(work.streams[stream].detectors.size());
  Partition partition(work.plans[stream], {input.topic, input.partition}, refits, counters,
                      nullptr);
  Encoder encoder(work.outputs, work.identity);
  OutputArena arena;
  encoder.write_to(arena);
  Expected expected;
  Collector collector(work, expected);
  Batch batch;
  std::vector<HeaderView> headers;
  for (const StoredRecord& record : input.records) {
    headers.clear();
    for (const auto& [name, value] : record.headers) headers.push_back({name, value});
    batch.reset(Batch::Kind::rows, 0, decoder.width(), decoder.group_width());
    decoder.decode({.offset = record.offset,
                    .timestamp_ms = record.timestamp_ms,
                    .key = record.key,
                    .value = record.value,
                    .headers = headers},
                   batch);
    partition.handle(batch, encoder);
    collector.take(arena);
  }
  partition.save(expected.state);
  const std::uint64_t refused = expected.happened.refused;
  expected.happened = count(counters);
  expected.happened.refused = refused;
  return expected;
}

}  // namespace tocsin::simulation
