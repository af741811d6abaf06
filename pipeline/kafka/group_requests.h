// What can be asked of a group from outside: who is in it, to have its offsets set. Internal to
// this folder.

#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "detectors/result.h"
#include "pipeline/kafka/asked.h"
#include "pipeline/kafka/client.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// Those whose session has not ended, each as `name at host`.
Asked<std::vector<std::string>> ask_members(rd_kafka_t* client, const std::string& group,
                                            std::chrono::milliseconds patience);

/// A member by the name that the group gave it, of which no two are alike.
struct MemberName {
  const std::string& group;
  const std::string& member;
};
/// Whether it is in the group, as of now. Of a broker that does not tell members: yes.
Asked<bool> ask_is_member(rd_kafka_t* client, const MemberName& name,
                          std::chrono::milliseconds patience);

/// The broker refuses it while somebody is in the group.
Result<void> ask_to_set_offsets(rd_kafka_t* client, const std::string& group,
                                std::span<const OffsetToCommit> offsets,
                                std::chrono::milliseconds patience);

}  // namespace tocsin
