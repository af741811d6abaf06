// Turns records into rows: entity, time and values, or the reason why not.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/result.h"
#include "pipeline/input/batch.h"
#include "pipeline/input/discovery.h"
#include "pipeline/input/extraction_plan.h"
#include "pipeline/input/feature_reader.h"
#include "pipeline/input/json_reader.h"
#include "pipeline/input/time_guard.h"
#include "pipeline/log/log.h"
#include "pipeline/settings.h"

namespace tocsin {

/// Whether rows of events keep the event's own text, for `include_event`.
enum class KeepEvents : bool { no, yes };

/// Decodes the records of one partition, in offset order.
///
/// A row depends on the settings, the record and, for discovery and for times in files, on the
/// records before it; not on how they are cut into batches, nor on the CPU. What values mean is
/// the table in README.md. The first reason that applies is given, in the order of
/// `RejectReason`, but that a broken document is broken before its keys are compared.
///
/// Steady state allocates nothing: memory grows with the largest record and with new keys, which
/// are bounded.
/// Threads: one at a time.
class Decoder {
 public:
  /// `settings` and `reader` outlive the decoder; a reader serves all decoders of its thread.
  Decoder(const StreamSettings& settings, std::int32_t partition_number, JsonReader& reader,
          KeepEvents keep_events);

  /// Appends exactly one row to `batch`, which was reset with `width()` and `group_width()`.
  void decode(const ReadRecord& record, Batch& batch);

  /// Values in a row: one for each feature, or room for those that may be discovered.
  std::size_t width() const { return static_cast<std::size_t>(settings_.dimensions()); }
  /// Group fields in a row: one for each detector of scope `group`, in their order.
  std::size_t group_width() const { return group_slots_.size(); }

  /// Numeric fields in events after the end of discovery that have no column, each occurrence.
  std::uint64_t unknown_fields() const { return discovery_ ? discovery_->unknown_fields() : 0; }

  /// Appends what was learned from the partition's records so far.
  void save(std::string& out) const;
  /// Goes on from what `save` of a decoder with the same settings wrote. Only on a new decoder.
  Result<void> restore(std::string_view bytes);

 private:
  /// A part of the entity: the record's key, or a field.
  struct EntityPart {
    std::string pointer;  ///< Empty: the key.
    std::uint32_t slot = ExtractionPlan::kNone;
  };
  struct Feature {
    FeatureReader reader;
    std::string pointer;  ///< Empty: filled from the event time, by scoring.
    std::uint32_t slot = ExtractionPlan::kNone;
  };
  struct Target {
    Batch& batch;
    std::size_t row;
  };

  RejectReason decode_event(const ReadRecord& record, Target target);
  RejectReason read_document(std::string_view text);
  RejectReason read_entity(const ReadRecord& record, Target target);
  RejectReason read_time(const ReadRecord& record, Row& row);
  RejectReason check_future(const ReadRecord& record, std::int64_t time_ms);
  RejectReason read_features(Target target);
  RejectReason read_discovered(Target target);
  RejectReason read_column(Target target, std::size_t column, const JsonToken& token);
  void read_groups(Target target);
  void keep_rejected(const ReadRecord& record, Target target);
  RejectReason not_a_number(std::string_view pointer, const JsonToken& token,
                            FieldReading::Kind kind, std::string_view wanted);
  /// The token with its escapes resolved; valid until the next call.
  JsonToken plain(const JsonToken& token);

  const StreamSettings& settings_;
  std::int32_t partition_number_;
  JsonReader& reader_;
  KeepEvents keep_events_;

  ExtractionPlan plan_;
  std::vector<EntityPart> entity_;
  std::optional<std::uint32_t> time_slot_;
  std::vector<Feature> features_;
  bool has_fields_ = false;  // At least one feature has a field.
  std::vector<std::uint32_t> group_slots_;
  std::optional<Discovery> discovery_;
  TimeGuard time_guard_;

  // Memory to work with.
  std::string name_;
  std::string plain_;
  std::string detail_;
};

}  // namespace tocsin
