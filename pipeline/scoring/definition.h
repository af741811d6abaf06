// What decides the meaning of a stream's state, point by point.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/settings.h"

namespace tocsin {

/// One thing that decides what some bytes of the state mean.
struct DefinitionPoint {
  std::string name;   ///< In the words of the configuration: "`window`", "feature `v`".
  std::string value;  ///< Canonical: equal meanings are equal texts, and the other way round.
  bool operator==(const DefinitionPoint&) const = default;
};

/// All that decides what a block of the state means: bytes made under an equal definition are
/// read and continued alike. What only decides what is made of a score (sensitivity), or which
/// records are read, is in none.
///
/// Each begins with a version, raised whenever the same settings would lay out or continue the
/// block differently.
using Definition = std::vector<DefinitionPoint>;

Definition definition_of_header();
Definition definition_of_gap();
/// Which entities there are.
Definition definition_of_entities(const StreamSettings& settings);
/// A detector's block: its kind and settings, the features it sees with their transforms, who is
/// an entity, and what is its time.
Definition definition_of_detector(const StreamSettings& settings, std::size_t detector);
/// A detector's calibration.
Definition definition_of_calibration(const StreamSettings& settings, std::size_t detector);
/// The calibration of all detectors together, whatever their order.
Definition definition_of_combination(const StreamSettings& settings);
/// What the transforms of a feature remember.
Definition definition_of_transforms(const StreamSettings& settings, std::size_t feature);
/// What is known of a feature to forecast it; of all, where features are discovered.
Definition definition_of_forecast(const StreamSettings& settings, std::size_t feature);
/// The list of discovered features.
Definition definition_of_discovery(const StreamSettings& settings);
Definition definition_of_policy(const StreamSettings& settings);
/// How often events come, and what is rare among sums of evidence.
Definition definition_of_learning(const StreamSettings& settings);
Definition definition_of_alarms(const StreamSettings& settings);
Definition definition_of_news(const StreamSettings& settings);
Definition definition_of_related_alerts(const StreamSettings& settings);
Definition definition_of_incidents(const StreamSettings& settings);
/// What the decoder has learned of a partition's records.
Definition definition_of_input(const StreamSettings& settings);

/// The seed of a detector: that of the stream, and the detector's own settings. Not its place in
/// the list, so that others can be added and removed.
std::uint64_t detector_seed(const StreamSettings& settings, std::size_t detector);

/// XXH3 as 16 hexadecimal digits.
std::string hash_text(std::string_view text);
/// The same of a definition.
std::string hash_text(const Definition& definition);

/// Why what was made under `before` cannot be continued under `now`, which differs: "`window` and
/// `scope` changed".
std::string difference(const Definition& before, const Definition& now);

}  // namespace tocsin
