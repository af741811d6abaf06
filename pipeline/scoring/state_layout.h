// Where every block of a partition's state lies, and what it means.

#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/input/flat_bytes.h"
#include "pipeline/scoring/definition.h"
#include "pipeline/scoring/stream_plan.h"

namespace tocsin {

/// One block.
struct StateBlock {
  enum class Home : std::uint8_t { entity, shared, group };
  enum class Role : std::uint8_t {
    part,         ///< Of no detector.
    detector,     ///< A detector's own.
    calibration,  ///< A detector's calibration.
  };

  Home home = Home::entity;
  Role role = Role::part;
  std::uint32_t table = 0;     ///< Of groups, for home `group`.
  std::uint32_t detector = 0;  ///< Its place in the list, for the roles that have one.
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::string name;  ///< A detector's kind, a part's name.
  Definition definition;

  /// Whether bytes of `other` can be continued as bytes of this.
  bool means_the_same_as(const StateBlock& other) const {
    return home == other.home && role == other.role && bytes == other.bytes && name == other.name &&
           definition == other.definition;
  }
};

/// All blocks of a stream's state. Stands in the head of every cut, so that a later program with
/// another configuration knows what there is.
struct StateLayout {
  // Names of blocks that others ask for.
  static constexpr std::string_view kHeader = "header";
  static constexpr std::string_view kPolicy = "policy";
  static constexpr std::string_view kIncidents = "incidents";
  static constexpr std::string_view kDiscovery = "discovered features";
  static constexpr std::string_view kCombination = "combination";

  std::uint64_t payload_bytes = 0;  ///< Of an entity.
  std::uint64_t shared_bytes = 0;
  std::uint64_t tables = 0;  ///< Of groups.
  Definition entities;
  std::vector<std::string> features;  ///< Names by column; none where they are discovered.
  std::vector<StateBlock> blocks;

  static StateLayout of(const StreamPlan::Inside& plan);

  /// A block of role `part`, or null.
  const StateBlock* part(StateBlock::Home home, std::string_view name) const;

  std::string flat() const;
  /// What `flat` wrote; empty where it is something else or a block lies outside its home.
  static std::optional<StateLayout> from(std::string_view bytes);
};

}  // namespace tocsin
