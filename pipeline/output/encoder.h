// Turns outcomes into the records that are written.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/output/alert_text.h"
#include "pipeline/output/cloud_event.h"
#include "pipeline/output/dead_letter.h"
#include "pipeline/output/output_arena.h"
#include "pipeline/output/output_identity.h"
#include "pipeline/output/output_topic.h"
#include "pipeline/output/record.h"
#include "pipeline/scoring/outcome.h"
#include "pipeline/settings.h"

namespace tocsin {

/// Encodes what a worker's partitions find, as the settings say, into one arena after another.
///
/// What is written depends on the settings, the identity and the outcome alone. An output whose
/// topic is empty is not written. Allocates nothing once its memory has grown to the longest
/// names and texts.
///
/// Threads: one, the worker's.
class Encoder final : public OutcomeSink {
 public:
  Encoder(const OutputSettings& settings, OutputIdentity identity);

  /// What comes now goes into `arena`, which outlives its use here. Must be called first.
  void write_to(OutputArena& arena) { arena_ = &arena; }

  /// From now on scored events before `offset` have the status `gap`: their state lacks input.
  void tell_gap_until(std::int64_t offset) { gap_until_ = offset; }

  void scored(const ScoredEvent& event) override;
  void alert(const Alert& alert, const ScoredEvent& cause) override;
  void rejected(const Source& source, const Batch& batch, std::size_t row) override;

 private:
  /// Whether `emit` lets the event whose id is in `id_` through.
  bool is_emitted(const ScoredEvent& event) const;

  /// Makes `prefix_` the `stream/topic/partition/` of `source`.
  void go_to(const Source& source);
  void add_place(std::string& out, std::int64_t offset) const;
  RecordContext context(const Source& source) const;

  /// Writes one record, calling `content` with the format of `topic`.
  template <class Content>
  void write(const TopicSettings& topic, CloudEvent event, const Content& content);
  template <class Content>
  std::string_view write_value(const TopicSettings& topic, const CloudEvent& event,
                               const Content& content);

  OutputSettings settings_;
  OutputIdentity identity_;
  std::uint64_t sample_below_ = 0;
  OutputArena* arena_ = nullptr;
  std::int64_t gap_until_ = 0;
  AlertText alert_text_;
  DeadLetterWriter dead_letters_;

  // Of the partition that spoke last.
  std::string stream_;
  std::string topic_;
  std::int32_t partition_ = -1;
  std::string prefix_;
  std::string event_source_;

  // Reused memory.
  std::string id_;
  std::string incident_;
  std::string worst_id_;
};

}  // namespace tocsin
