#include "pipeline/flow/emit_errands.h"

#include "pipeline/flow/partition_starter.h"
#include "pipeline/snapshot/partition_mark.h"

namespace tocsin {
namespace {

constexpr std::int64_t kAskAgainNs = 200'000'000;

/// Whether the group has come further than what is asked about. State records are counted for ever;
/// offsets begin anew where a topic was recreated, be it after an operator's reset.
bool is_beyond(const CommittedOffset& committed, const SettlementQuestion& question) {
  const auto there = PartitionMark::parse(committed.metadata);
  const auto asked = PartitionMark::parse(question.metadata);
  if (there && asked && there->last.number != asked->last.number)
    return there->last.number > asked->last.number;
  if (asked && !there) return false;  // Words from before the lineage that is asked about.
  return committed.offset > question.next_offset;
}

}  // namespace

void EmitErrands::run(const std::map<PartitionHandle, InputPartition>& inputs,
                      std::int64_t now_ns) {
  settle(inputs);
  prove_membership(now_ns);
  trim();
}

/// Answers the emit stage, whose commit may or may not have happened.
void EmitErrands::settle(const std::map<PartitionHandle, InputPartition>& inputs) {
  const std::optional<SettlementQuestion> question = context_.emit.question();
  if (!question || inputs.count(question->partition) == 0) return;
  const auto committed = context_.reader.committed(question->partition);
  if (!committed) return;  // Asked again in the next step.
  const bool is_equal = *committed && (*committed)->offset == question->next_offset &&
                        (*committed)->metadata == question->metadata;
  context_.emit.answer(is_equal || (*committed && is_beyond(**committed, *question)));
}

void EmitErrands::prove_membership(std::int64_t now_ns) {
  is_no_member_ = false;
  if (!context_.emit.wants_proof_of_membership.load(std::memory_order_acquire)) return;
  if (now_ns < prove_after_ns_) return;
  const Result<bool> is_member = context_.reader.is_member();
  if (is_member && *is_member) {
    context_.emit.wants_proof_of_membership.store(false, std::memory_order_release);
    context_.emit.emit_bell.ring();
    return;
  }
  prove_after_ns_ = now_ns + kAskAgainNs;
  is_no_member_ = is_member.has_value();
  context_.observer.waiting(is_member ? "the group does not count this instance among its members"
                                      : is_member.error().message);
}

void EmitErrands::trim() {
  if (context_.states == nullptr) return;
  while (const std::optional<TrimOrder> order = context_.emit.take_trim())
    context_.states->trim(state_topic_of(context_.settings.app, order->topic), order->partition,
                          order->before);
}

}  // namespace tocsin
