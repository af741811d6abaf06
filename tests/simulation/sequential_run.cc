#include "tests/simulation/sequential_run.h"

#include <cstdlib>
#include <memory>

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

/// A partition's life, which begins with nothing, and goes on under other configurations.
class Life {
 public:
  Life(const Input& input, StreamCounters& counters)
      : input_(input),
        stream_(workload(0).stream_of(input.topic)),
        partition_(workload(0).plans[stream_], {input.topic, input.partition}, refits_, counters,
                   nullptr) {}

  /// What it makes of a record, into `arena`.
  void handle(const StoredRecord& record, std::size_t configuration, OutputArena& arena) {
    if (!decoder_ || configuration != configuration_) configure(configuration);
    encoder_->write_to(arena);
    encoder_->tell_gap_until(gap_until_);
    headers_.clear();
    for (const auto& [name, value] : record.headers) headers_.push_back({name, value});
    batch_.reset(Batch::Kind::rows, 0, decoder_->width(), decoder_->group_width());
    decoder_->decode({.offset = record.offset,
                      .timestamp_ms = record.timestamp_ms,
                      .key = record.key,
                      .value = record.value,
                      .headers = headers_},
                     batch_);
    partition_.handle(batch_, *encoder_);
  }
  void note_gap() { partition_.note_gap(); }
  void tell_gap_until(std::int64_t offset) { gap_until_ = offset; }
  void save(std::string& state) const { partition_.save(state); }

 private:
  void configure(std::size_t configuration) {
    const Workload& work = workload(configuration);
    std::string learned;
    if (decoder_) decoder_->save(learned);
    auto decoder =
        std::make_unique<Decoder>(work.streams[stream_], input_.partition, json_,
                                  work.outputs.include_event ? KeepEvents::yes : KeepEvents::no);
    if (decoder_ && !decoder->restore(learned)) std::abort();
    decoder_ = std::move(decoder);
    encoder_ = std::make_unique<Encoder>(work.outputs, work.identity);
    configuration_ = configuration;
  }

  const Input& input_;
  const std::size_t stream_;
  InlineRefits refits_;
  Partition partition_;
  JsonReader json_;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<Encoder> encoder_;
  std::size_t configuration_ = 0;
  std::int64_t gap_until_ = 0;
  Batch batch_;
  std::vector<HeaderView> headers_;
};

/// Lives as they would have been, from what all inputs held.
class Reconstruction {
 public:
  Reconstruction(const std::vector<Input>& inputs, StreamCounters& counters)
      : inputs_(inputs), counters_(counters) {}

  std::unique_ptr<Life> beginning(std::size_t index) {
    return std::make_unique<Life>(inputs_[index], counters_);
  }

  std::unique_ptr<Life> after(std::size_t index, const Turn& turn) {
    auto life = turn.state ? of(*turn.state) : beginning(index);
    life->note_gap();
    replay(*life, inputs_[index], turn.from, turn.at);
    life->tell_gap_until(turn.gap_until);
    return life;
  }

 private:
  std::unique_ptr<Life> of(const SavedState& state) {
    const Input& input = inputs_[state.input];
    for (std::size_t t = state.turns; t-- > 0;) {
      const Turn& turn = input.turns[t];
      if (turn.at > state.offset) continue;
      auto life = after(state.input, turn);
      replay(*life, input, turn.at, state.offset);
      return life;
    }
    auto life = beginning(state.input);
    replay(*life, input, 0, state.offset);
    return life;
  }

  void replay(Life& life, const Input& input, std::int64_t from, std::int64_t to) {
    for (std::int64_t offset = from; offset < to; ++offset) {
      if (input.missing.contains(offset))
        life.note_gap();
      else
        life.handle(input.records.at(static_cast<std::size_t>(offset)),
                    input.configuration_at(offset), arena_);
      arena_.clear();
    }
  }

  const std::vector<Input>& inputs_;
  StreamCounters& counters_;
  OutputArena arena_;
};

}  // namespace

std::size_t Input::configuration_at(std::int64_t offset) const {
  for (const auto& [end, configuration] : configurations)
    if (offset < end) return configuration;
  return 0;
}

Expected run_sequentially(const std::vector<Input>& inputs, std::size_t index) {
  const Input& input = inputs[index];
  StreamCounters counters(workload(0).streams[workload(0).stream_of(input.topic)].detectors.size());
  Reconstruction lives(inputs, counters);
  auto life = lives.beginning(index);
  auto turn = input.turns.begin();
  const auto turn_at = [&](std::int64_t offset) {
    for (; turn != input.turns.end() && turn->at <= offset; ++turn)
      life = lives.after(index, *turn);
  };
  Expected expected;
  Collector collector(workload(0), expected);
  OutputArena arena;
  for (const StoredRecord& record : input.records) {
    turn_at(record.offset);
    if (input.missing.contains(record.offset)) {
      life->note_gap();
      continue;
    }
    life->handle(record, input.configuration_at(record.offset), arena);
    collector.take(arena);
  }
  turn_at(input.end());
  life->save(expected.state);
  const std::uint64_t refused = expected.happened.refused;
  expected.happened = count(counters);
  expected.happened.refused = refused;
  return expected;
}

}  // namespace tocsin::simulation
