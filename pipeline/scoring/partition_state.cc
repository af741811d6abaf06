#include "pipeline/scoring/partition_state.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "pipeline/input/flat_bytes.h"
#include "pipeline/scoring/block_view.h"
#include "pipeline/scoring/saved_head.h"
#include "pipeline/scoring/seal.h"

namespace tocsin {

namespace {

constexpr std::align_val_t kAlignment{64};
std::string_view text_of(ConstState bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
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
  tables_.push_back(&entities_);
  for (const auto& table : ensemble_.groups()) tables_.push_back(table.get());
  for (SlotTable* table : tables_) {
    for (ChunkStore* store : table->stores()) stores_.push_back(store);
  }
}

PartitionHeader& PartitionState::header() const { return view<PartitionHeader>(shared()); }

std::size_t PartitionState::bytes() const {
  return shared().size() + entities_.bytes() + ensemble_.group_bytes();
}

std::string PartitionState::head() const {
  HeadWriter head(plan_.definition_hash, plan_.layout, shared());
  for (const SlotTable* table : tables_) head.add(table->saved_header());
  return head.finish();
}

std::string PartitionState::begin_cut(CutScope scope) {
  for (ChunkStore* store : stores_) store->begin_cut(scope);
  return head();
}

bool PartitionState::copy_some(std::size_t chunks) {
  for (ChunkStore* store : stores_) chunks -= store->copy_some(chunks);
  return is_cutting();
}

bool PartitionState::is_cutting() const {
  return std::ranges::any_of(stores_, [](const ChunkStore* store) { return store->is_cutting(); });
}

std::vector<CutChunk> PartitionState::take_copied() {
  std::vector<CutChunk> taken;
  for (std::uint32_t store = 0; store < stores_.size(); ++store) {
    for (CopiedChunk& copied : stores_[store]->take_copied()) {
      seal(copied.bytes, place_of(store, copied.chunk));
      taken.push_back({.store = store, .chunk = copied.chunk, .bytes = std::move(copied.bytes)});
    }
  }
  return taken;
}

void PartitionState::save(std::string& out) const {
  append_text(out, head());
  for (std::uint32_t store = 0; store < stores_.size(); ++store) {
    for (std::uint32_t chunk = 0; chunk < stores_[store]->chunks(); ++chunk) {
      std::string bytes(text_of(stores_[store]->chunk(chunk)));
      seal(bytes, place_of(store, chunk));
      append_number(out, store);
      append_number(out, chunk);
      append_text(out, bytes);
    }
  }
}

}  // namespace tocsin
