// A stream that uses everything scoring has, and what a partition of it keeps of its cuts.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "pipeline/input/flat_bytes.h"
#include "pipeline/scoring/scoring_fixture.h"

namespace tocsin {

/// Entities with noise of their own, some with long names, two features, regions, and now and
/// then an outlier.
inline TestEvent rich_event(Noise& noise, int i, std::uint64_t entities = 40) {
  const auto entity = noise.bits() % entities;
  const double size = noise.bits() % 300 == 0 ? 30 : 1;
  const bool is_long = entity % 4 == 0;
  return {.entity = (is_long ? "a-host-whose-name-does-not-fit-into-its-slot-" : "host-") +
                    std::to_string(entity),
          .time_ms = i * 2000LL,
          .values = {size * noise.normal() + static_cast<double>(entity), noise.uniform()},
          .group = "region-" + std::to_string(entity % 30)};
}

/// A detector that sees these features only.
inline DetectorSettings detector_on(const DetectorKind& kind, Scope scope,
                                    std::vector<std::string> features) {
  DetectorSettings detector = detector_of(kind, scope);
  detector.features = std::move(features);
  return detector;
}

/// Every seam at once: own and shared models, groups more than fit, refits, transforms, entities
/// more than fit.
inline StreamSettings rich_stream() {
  StreamSettings settings = stream_of(
      {"v", "w"}, {detector_of(*find_detector("spike")), detector_of(*find_detector("range")),
                   detector_of(kRefitted, Scope::stream), detector_of(kRefitted, Scope::group),
                   detector_of(kRefitted)});
  settings.features[1].transforms = {Transform::diff};
  settings.detectors[1].features = {"w"};
  settings.sensitivity = Sensitivity::per_event(1e-2);
  settings.partition_max_bytes = 20'000;
  return settings;
}

/// What whoever stores cuts has of them: the latest head, and the newest version of each chunk.
struct KeptCuts {
  using Place = std::pair<std::uint32_t, std::uint32_t>;

  std::string head;
  std::map<Place, std::vector<std::byte>> chunks;

  /// Returns how many there were.
  std::size_t keep(std::vector<CutChunk> taken) {
    for (CutChunk& chunk : taken) chunks[{chunk.store, chunk.chunk}] = std::move(chunk.bytes);
    return taken.size();
  }
  /// Restores a partition that has seen nothing.
  Result<RestoreReport> restore(Partition& partition) const {
    if (auto begun = partition.begin_restore(head); !begun) return begun.error();
    for (const auto& [place, bytes] : chunks) {
      const CutChunkView view{.store = place.first, .chunk = place.second, .bytes = bytes};
      if (auto put = partition.put(view); !put) return put.error();
    }
    return partition.finish_restore();
  }

  /// What `Partition::save` wrote.
  static KeptCuts of(std::string_view saved) {
    KeptCuts kept;
    FlatBytes bytes(saved);
    kept.head = bytes.text().value();
    while (!bytes.is_at_end()) {
      const auto store = static_cast<std::uint32_t>(bytes.number().value());
      const auto chunk = static_cast<std::uint32_t>(bytes.number().value());
      const auto content = std::as_bytes(std::span(bytes.text().value()));
      kept.chunks[{store, chunk}].assign(content.begin(), content.end());
    }
    return kept;
  }
};

}  // namespace tocsin
