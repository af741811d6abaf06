// What the decoder's tests and benchmark share: settings, records, and rows as they came out.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/input/decoder.h"

namespace tocsin {

/// A stream whose features are the fields named, without tests.
inline StreamSettings stream_with(std::initializer_list<std::string_view> fields) {
  StreamSettings settings;
  for (const std::string_view field : fields) {
    FeatureSettings feature;
    feature.name = field.substr(1);
    feature.field = field;
    settings.features.push_back(feature);
  }
  return settings;
}

/// A detector of which only its place matters.
inline DetectorSettings detector_in(Scope scope, std::string group_by = {}) {
  return {.parameters = Settings(std::span<const Parameter>()),
          .scope = scope,
          .group_by = std::move(group_by),
          .features = {}};
}

/// A partition's decoder with the batch it writes to.
class DecoderFixture {
 public:
  explicit DecoderFixture(StreamSettings settings, KeepEvents keep_events = KeepEvents::no)
      : settings_(std::move(settings)), decoder(settings_, 3, reader_, keep_events) {
    batch.reset(Batch::Kind::rows, 1, decoder.width(), decoder.group_width());
  }

  /// Decodes `value` under key `k` and returns its row.
  const Row& decode(std::string_view value) {
    ReadRecord record;
    record.value = value;
    return decode(record);
  }
  const Row& decode(ReadRecord record) {
    record.offset = offset_++;
    if (!record.key && has_key) record.key = "k";
    if (record.timestamp_ms < 0) record.timestamp_ms = timestamp_ms;
    decoder.decode(record, batch);
    return batch.rows.back();
  }

  std::string entity() const { return std::string(batch.view(batch.rows.back().entity)); }
  std::string detail() const { return std::string(batch.view(batch.rows.back().detail)); }
  double value(std::size_t column) const { return batch.values_of(batch.rows.size() - 1)[column]; }
  bool has(std::size_t column) const { return (batch.rows.back().present >> column & 1U) != 0; }

  bool has_key = true;
  std::int64_t timestamp_ms = 1'751'000'000'000;

 private:
  StreamSettings settings_;
  JsonReader reader_;
  std::int64_t offset_ = 0;

 public:
  Decoder decoder;
  Batch batch;
};

}  // namespace tocsin
