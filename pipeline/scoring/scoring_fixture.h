// What the tests of scoring share: batches made from a few words, outcomes kept as text, and
// detectors of three lines.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/block.h"
#include "detectors/catalog.h"
#include "detectors/elementary.h"
#include "pipeline/scoring/block_view.h"
#include "pipeline/scoring/counters.h"
#include "pipeline/scoring/inline_refits.h"
#include "pipeline/scoring/outcome.h"
#include "pipeline/scoring/partition.h"

namespace tocsin {

/// Scores a point by its first value; learns the sum of the weights.
class Echo : public Detector {
 public:
  explicit Echo(int dimensions) : Detector(dimensions) {}
  std::size_t state_bytes() const override { return 16; }
  void start(State state) const override { std::ranges::fill(state, std::byte{0}); }
  std::optional<Expectation> expectation(ConstState, int) const override {
    return Expectation{.expected = 0, .lower = -1, .upper = 1};
  }

 private:
  std::optional<double> score_admitted(ConstState, const Point& point) const override {
    return point.values[0];
  }
  void learn_admitted(State state, const Point&, double weight) const override {
    view<double>(state) += weight;
  }
  void weigh(ConstState, const Point& point, std::span<double> shares) const override {
    for (std::size_t i = 0; i < shares.size(); ++i) shares[i] = std::abs(point.values[i]);
  }
};

/// Scores what is left of the sum of all weights learned, after whole ones.
class Leftover final : public Echo {
 public:
  using Echo::Echo;

 private:
  std::optional<double> score_admitted(ConstState state, const Point&) const override {
    const double sum = view<double>(state);
    return sum - std::floor(sum);
  }
};

/// Adds to a point's first value what its refits have found: the number and the sum of the points
/// learned when the sample was frozen. Freezes at every 50th point, adopts 20 points later.
class Refitted final : public Echo, private Refit {
 public:
  struct Block {
    std::uint64_t learned;
    std::uint64_t frozen_at;
    double sum;
    double frozen_sum;
    double found;
  };
  using Echo::Echo;
  std::size_t state_bytes() const override { return sizeof(Block); }
  const Refit* refit() const override { return this; }

 private:
  std::optional<double> score_admitted(ConstState state, const Point& point) const override {
    return point.values[0] + view<Block>(state).found;
  }
  void learn_admitted(State state, const Point& point, double) const override {
    auto& block = view<Block>(state);
    ++block.learned;
    block.sum += point.values[0];
    if (block.learned % 50 != 0) return;
    block.frozen_at = block.learned;
    block.frozen_sum = block.sum;
  }
  Phase phase(ConstState state) const override {
    const auto& block = view<Block>(state);
    if (block.frozen_at == 0) return Phase::none;
    return block.learned >= block.frozen_at + 20 ? Phase::due : Phase::running;
  }
  std::size_t result_bytes() const override { return sizeof(double); }
  void run(ConstState state, std::span<std::byte> result) const override {
    const auto& block = view<Block>(state);
    view<double>(result) = static_cast<double>(block.frozen_at) + block.frozen_sum;
  }
  void adopt(State state, std::span<const std::byte> result) const override {
    auto& block = view<Block>(state);
    block.found += view<double>(result);
    block.frozen_at = 0;
  }
};

template <class T>
Result<std::unique_ptr<Detector>> make_fake(const Settings&, int dimensions, std::uint64_t) {
  return std::unique_ptr<Detector>(std::make_unique<T>(dimensions));
}

constinit inline const DetectorKind kEcho{.name = "echo",
                                          .summary = "The first value.",
                                          .blind_to = "All else.",
                                          .parameters = {},
                                          .scopes = kAllScopes,
                                          .kind_above = "spike",
                                          .kind_below = "drop",
                                          .version = 1,
                                          .make = make_fake<Echo>};
constinit inline const DetectorKind kLeftover{.name = "leftover",
                                              .summary = "What weights leave.",
                                              .blind_to = "All else.",
                                              .parameters = {},
                                              .scopes = kAllScopes,
                                              .kind_above = "odd",
                                              .kind_below = "odd",
                                              .version = 1,
                                              .make = make_fake<Leftover>};
constinit inline const DetectorKind kRefitted{.name = "refitted",
                                              .summary = "The first value, and more each refit.",
                                              .blind_to = "All else.",
                                              .parameters = {},
                                              .scopes = kAllScopes,
                                              .kind_above = "odd",
                                              .kind_below = "odd",
                                              .version = 1,
                                              .make = make_fake<Refitted>};

inline DetectorSettings detector_of(const DetectorKind& kind, Scope scope = Scope::entity) {
  return {.kind = &kind,
          .parameters = Settings(kind.parameters),
          .scope = scope,
          .group_by = scope == Scope::group ? "/region" : "",
          .features = {}};
}

/// A stream with these features, without transforms.
inline StreamSettings stream_of(std::initializer_list<std::string_view> features,
                                std::vector<DetectorSettings> detectors) {
  StreamSettings settings;
  settings.name = "api";
  for (const std::string_view name : features) {
    FeatureSettings feature;
    feature.name = name;
    feature.field = "/" + std::string(name);
    settings.features.push_back(feature);
  }
  settings.detectors = std::move(detectors);
  settings.sensitivity = Sensitivity::per_event(1e-3);
  settings.partition_max_bytes = 4U << 20U;
  return settings;
}

inline std::shared_ptr<const StreamPlan> plan_of(const StreamSettings& settings,
                                                 Detail detail = Detail::minimal) {
  auto plan = StreamPlan::make(settings, detail);
  return plan ? *plan : nullptr;
}

/// A hash of an entity; the decoder's is another one, which nothing here can see.
inline std::uint64_t test_hash(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return (hash ^ hash >> 29U) * 0x9E3779B97F4A7C15ULL;
}

/// One event in words.
struct TestEvent {
  std::string entity = "a";
  std::int64_t time_ms = 0;
  std::vector<double> values;
  std::string group;
};

inline void add_event(Batch& batch, const TestEvent& event, std::int64_t offset) {
  const std::size_t index = batch.add_row();
  Row& row = batch.rows[index];
  row.offset = offset;
  row.time_ms = event.time_ms;
  row.entity = batch.add_text(event.entity);
  row.entity_hash = test_hash(event.entity);
  for (std::size_t i = 0; i < event.values.size(); ++i) {
    if (std::isnan(event.values[i])) continue;
    batch.values_of(index)[i] = event.values[i];
    row.present |= 1ULL << i;
  }
  if (!batch.groups_of(index).empty() && !event.group.empty()) {
    batch.groups_of(index)[0] = batch.add_text(event.group);
  }
}

/// Keeps outcomes as text, whole and exact.
class OutcomeLog final : public OutcomeSink {
 public:
  struct KeptAlert {
    AlertState state;
    CloseReason reason;
    std::uint32_t ordinal;
    std::string entity;
    std::int64_t incident, caused_by, worst_offset;
    std::uint32_t count;
    double worst_score;
    Severity severity;
    std::string kind, feature;
    std::optional<double> lead_value, lead_expected;
    std::vector<std::string> related;
  };

  void scored(const ScoredEvent& event) override {
    add("scored", event.source.offset);
    text += event.entity;
    add(event.warming_up ? " warming" : "", event.time_ms);
    for (const double number : {event.p_value, event.score, event.alert_score, event.confidence}) {
      add("", number);
    }
    add("", std::int64_t{event.is_anomaly});
    add("", static_cast<std::int64_t>(event.severity));
    add("", static_cast<std::int64_t>(event.learning));
    for (const FeatureReading& feature : event.features) add_feature(feature);
    for (const DetectorReading& detector : event.detectors) {
      text += ' ';
      text += detector.type;
      add("", detector.score);
      add("", detector.p_value);
    }
    text += '\n';
    events.push_back(event);
    features.emplace_back(event.features.begin(), event.features.end());
    detectors.emplace_back(event.detectors.begin(), event.detectors.end());
  }
  void alert(const Alert& alert, const ScoredEvent& cause) override {
    add("alert", cause.source.offset);
    text += alert.entity;
    add("", static_cast<std::int64_t>(alert.state));
    add("", static_cast<std::int64_t>(alert.close_reason));
    add("", alert.incident_offset);
    add("", alert.worst_score);
    add("", alert.worst_offset);
    add("", std::int64_t{alert.count});
    add_feature(alert.lead);
    for (const std::string_view entity : alert.related) text += " +" + std::string(entity);
    text += '\n';
    alerts.push_back({.state = alert.state,
                      .reason = alert.close_reason,
                      .ordinal = alert.ordinal,
                      .entity = std::string(alert.entity),
                      .incident = alert.incident_offset,
                      .caused_by = cause.source.offset,
                      .worst_offset = alert.worst_offset,
                      .count = alert.count,
                      .worst_score = alert.worst_score,
                      .severity = alert.severity,
                      .kind = std::string(alert.kind),
                      .feature = std::string(alert.feature),
                      .lead_value = alert.lead.value,
                      .lead_expected = alert.lead.expected,
                      .related = {alert.related.begin(), alert.related.end()}});
  }
  void rejected(const Source& source, const Batch& /*batch*/, std::size_t row) override {
    add("rejected", source.offset);
    add("", static_cast<std::int64_t>(row));
    text += '\n';
    ++rejections;
  }

  std::string text;
  std::vector<ScoredEvent> events;  // Without their views.
  std::vector<std::vector<FeatureReading>> features;
  std::vector<std::vector<DetectorReading>> detectors;
  std::vector<KeptAlert> alerts;
  int rejections = 0;

 private:
  void add(std::string_view word, std::int64_t number) {
    text += word;
    text += ' ';
    text += std::to_string(number);
    text += ' ';
  }
  void add(std::string_view word, double number) {
    std::array<char, 40> digits{};
    std::snprintf(digits.data(), digits.size(), " %a", number);
    text += word;
    text += digits.data();
  }
  void add_feature(const FeatureReading& feature) {
    text += ' ';
    text += feature.name;
    for (const auto& number : {feature.value, feature.expected, feature.lower, feature.upper,
                               std::optional(feature.share)}) {
      if (number) add("", *number);
    }
  }
};

/// One partition with all it needs.
class ScoringFixture {
 public:
  explicit ScoringFixture(std::shared_ptr<const StreamPlan> stream, RefitRunner* runner = nullptr)
      : plan(std::move(stream)),
        counters(plan->settings().detectors.size() + 3),
        partition(plan, {.topic = "t", .number = 0}, runner != nullptr ? *runner : refits, counters,
                  nullptr) {
    batch.reset(Batch::Kind::rows, 1, static_cast<std::size_t>(plan->settings().dimensions()), 1);
  }

  /// Adds to the batch; full batches of `batch_rows` are handled.
  void add(const TestEvent& event) {
    add_event(batch, event, offset++);
    if (batch.rows.size() >= batch_rows) flush();
  }
  void flush() {
    partition.handle(batch, log);
    batch.reset(Batch::Kind::rows, 1, batch.width, batch.group_width);
  }
  /// One event, at once.
  void handle(const TestEvent& event) {
    add(event);
    flush();
  }
  std::string saved() const {
    std::string bytes;
    partition.save(bytes);
    return bytes;
  }

  std::shared_ptr<const StreamPlan> plan;
  InlineRefits refits;
  StreamCounters counters;
  Partition partition;
  Batch batch;
  OutcomeLog log;
  std::int64_t offset = 0;
  std::size_t batch_rows = 1;
};

/// Reproducible standard normal numbers.
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits() {
    std::uint64_t x = state_ += 0x9E3779B97F4A7C15ULL;
    x = (x ^ x >> 30U) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ x >> 27U) * 0x94D049BB133111EBULL;
    return x ^ x >> 31U;
  }
  double uniform() { return (static_cast<double>(bits() >> 11U) + .5) * 0x1p-53; }
  double normal() { return normal_tail_quantile(uniform()); }

 private:
  std::uint64_t state_;
};

}  // namespace tocsin
