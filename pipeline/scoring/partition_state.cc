#include "pipeline/scoring/partition_state.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <optional>

#include "pipeline/scoring/block_view.h"

namespace tocsin {

namespace {

constexpr std::align_val_t kAlignment{64};
constexpr std::string_view kMagic = "tocsin partition 1\n";

void append_part(std::string& out, std::string_view bytes) {
  const std::uint64_t length = bytes.size();
  out.append(reinterpret_cast<const char*>(&length), sizeof length);
  out += bytes;
}

std::optional<std::string_view> take_part(std::string_view& bytes) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length) return std::nullopt;
  std::memcpy(&length, bytes.data(), sizeof length);
  bytes.remove_prefix(sizeof length);
  if (bytes.size() < length) return std::nullopt;
  const std::string_view part = bytes.substr(0, length);
  bytes.remove_prefix(length);
  return part;
}

}  // namespace

AlignedBlock::AlignedBlock(std::size_t bytes)
    : size_(bytes), memory_(static_cast<std::byte*>(::operator new(bytes, kAlignment))) {
  std::memset(memory_.get(), 0, bytes);
}

void AlignedBlock::Free::operator()(std::byte* memory) const {
  ::operator delete(memory, kAlignment);
}

PartitionState::PartitionState(const StreamPlan::Inside& plan, RefitRunner& refits)
    : plan_(plan),
      shared_(plan.shared_bytes),
      entities_(plan.payload_bytes, plan.settings.partition_max_bytes),
      ensemble_(plan, shared_.bytes(), refits) {
  header() = {.sequence = 0,
              .next_offset = -1,
              .clock_ms = std::numeric_limits<std::int64_t>::min(),
              .entities_warm = 0};
  Incidents::start(
      shared().subspan(plan.incidents_offset, Incidents::block_bytes(plan.incidents_max)),
      plan.incidents_max);
  ensemble_.start();
}

PartitionHeader& PartitionState::header() const { return view<PartitionHeader>(shared()); }

std::size_t PartitionState::bytes() const {
  return shared().size() + entities_.bytes() + ensemble_.group_bytes();
}

void PartitionState::save(std::string& out) const {
  out += kMagic;
  append_part(out, plan_.definition_hash);
  append_part(out, {reinterpret_cast<const char*>(shared().data()), shared().size()});
  std::string part;
  entities_.save(part);
  append_part(out, part);
  part.clear();
  ensemble_.save_groups(part);
  append_part(out, part);
}

Result<void> PartitionState::restore(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) {
    return Error{"the saved partition does not begin with `tocsin partition 1`"};
  }
  bytes.remove_prefix(kMagic.size());
  const auto definition = take_part(bytes);
  const auto shared_part = take_part(bytes);
  const auto entities_part = take_part(bytes);
  const auto groups_part = take_part(bytes);
  if (!definition || !shared_part || !entities_part || !groups_part) {
    return Error{"the saved partition is cut short"};
  }
  if (*definition != plan_.definition_hash) {
    return Error{"the saved partition belongs to definition " + std::string(*definition) +
                 ", but this is " + plan_.definition_hash};
  }
  if (shared_part->size() != shared().size() || !bytes.empty()) {
    return Error{"the saved partition has another size than its definition says"};
  }
  std::memcpy(shared().data(), shared_part->data(), shared_part->size());
  if (auto restored = entities_.restore(*entities_part); !restored) return restored;
  return ensemble_.restore_groups(*groups_part);
}

}  // namespace tocsin
