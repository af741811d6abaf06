// An assigned partition, as the ingest stage knows it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pipeline/flow/start_rules.h"
#include "pipeline/input/batch.h"
#include "pipeline/input/decoder.h"
#include "pipeline/log/log.h"
#include "pipeline/snapshot/partition_mark.h"
#include "pipeline/snapshot/restoration.h"

namespace tocsin {

struct InputPartition {
  enum class Phase : std::uint8_t {
    waiting,    ///< For its committed offset.
    restoring,  ///< Its saved state is being read.
    replaying,  ///< Records that were handled in an earlier life, silently.
    live,
  };

  Assignment place;
  std::size_t stream = 0;
  std::size_t worker = 0;
  Phase phase = Phase::waiting;
  std::int64_t start_after_ns = 0;  ///< Not tried again before.

  // While it starts.
  std::optional<CommittedOffset> committed;
  std::optional<Restoration> restoration;
  StateReading reading = 0;
  std::string refusal;  ///< Of a state record that was read; empty: none.
  /// The state is still there, under this handle, from before a rebalance.
  std::optional<PartitionHandle> kept;
  bool is_open = false;  ///< Its worker knows it.
  InputStart start;

  // Once it delivers.
  std::unique_ptr<Decoder> decoder;
  std::uint64_t unknown_fields = 0;  ///< Handed over so far.
  Batch* open = nullptr;
  std::int64_t next = 0;
  std::int64_t live_from = 0;  ///< Records before it are silent.
  std::int64_t data_next = 0;  ///< One past the last record; `next` also counts markers.
  bool is_at_end = false;
  std::uint64_t sequence = 0;  ///< Records of the partition's life: as many as its state has seen.
  std::uint64_t sequence_at_start = 0;  ///< When it became live.

  // Its snapshots.
  std::int64_t cut_due_ns = 0;
  std::uint64_t sequence_at_cut = 0;

  bool delivers() const { return phase >= Phase::replaying; }
  std::string name() const { return place.topic + "/" + std::to_string(place.partition); }
};

}  // namespace tocsin
