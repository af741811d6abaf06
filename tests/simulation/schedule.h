// What happens in one run: a list of actions, made from a seed.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/flow/flow_settings.h"
#include "pipeline/log/memory_log.h"

namespace tocsin::simulation {

inline constexpr std::size_t kPodsMax = 3;

enum class What : std::uint8_t {
  round,          ///< Every pod steps, `count` times in turn.
  step,           ///< One pod steps `count` times.
  append,         ///< `count` events arrive.
  pass_time,      ///< `count` milliseconds.
  start,          ///< A pod begins, with settings of its own.
  replace,        ///< A pod begins beside its former self, which goes on as a zombie.
  stop,           ///< A pod is asked to end.
  crash,          ///< A pod is gone, and comes back after `count` rounds.
  freeze,         ///< A pod does nothing for `count` rounds, while the world goes on.
  crash_at,       ///< A pod is gone before or after the `times`-th call of a kind from now.
  freeze_at,      ///< It freezes there for `count` rounds.
  expel,          ///< The group gives a pod up, whether it lives or not.
  time_out,       ///< The brokers end a pod's transaction.
  add_partition,  ///< An input topic gets one more.
  writer_fault,   ///< The `count`-th call of a kind from now goes wrong.
  reader_fault,   ///< The same, of the calls of a reader.
  lose_brokers,   ///< For `count` calls of a pod nothing can be reached.
  delay_state,    ///< For `count` polls of a pod nothing comes of the state topics.
  // What happens to topics and offsets, to `count` percent of what there is; from `lose_state` on
  // while no daemon lives.
  expire_input,     ///< The oldest records of an input partition; `times` 1: only committed ones.
  compact_input,    ///< A record of an input partition that has been handled.
  lose_state,       ///< The oldest records of a state partition.
  lose_offset,      ///< A committed offset.
  set_back_offset,  ///< A committed offset is put back to an earlier one, with its metadata.
  recreate_input,   ///< An input topic is deleted and made anew.
};
inline constexpr std::array<std::string_view, 24> kWhatNames{
    "round",        "step",         "append",          "pass time",     "start",
    "replace",      "stop",         "crash",           "freeze",        "crash at",
    "freeze at",    "expel",        "time out",        "add partition", "writer fault",
    "reader fault", "lose brokers", "delay state",     "expire input",  "compact input",
    "lose state",   "lose offset",  "set back offset", "recreate input"};

/// A fault of one kind of call, `times` in a row.
struct WriterTrouble {
  WriterCall call = WriterCall::open;
  Fault fault;
};
struct ReaderTrouble {
  ReaderCall call = ReaderCall::poll;
  ReaderFault fault = ReaderFault::none;
};

/// Just before or just after a call of a writer.
struct Moment {
  WriterCall call = WriterCall::open;
  bool is_after = false;
};

/// The faults of a writer that Kafka and its client can bring about, and no others: an abort asks
/// for no abort, and what did not happen once cannot be said to have happened.
const std::vector<WriterTrouble>& writer_troubles();
const std::vector<ReaderTrouble>& reader_troubles();
const std::vector<Moment>& moments();

std::string name_of(const WriterTrouble& trouble);
std::string name_of(const ReaderTrouble& trouble);
std::string name_of(const Moment& moment);

struct Action {
  std::size_t index = 0;  ///< In the schedule as it was made.
  What what = What::round;
  std::size_t pod = 0;
  int count = 1;
  int times = 1;  ///< Of faults: in a row.
  /// Index into `writer_troubles()`, `reader_troubles()` or `moments()`.
  std::size_t trouble = 0;
  bool ends_session = false;      ///< Of a freeze: before it is over.
  FlowSettings flow;              ///< Of a pod that begins.
  std::size_t configuration = 0;  ///< Of a pod that begins.
  std::string topic;              ///< That gets a partition, or that something happens to.
  std::size_t partition = 0;      ///< Of it, if it has so many; else modulo.
};
std::string text_of(const Action& action);

enum class Delivery : std::uint8_t { exactly_once, at_least_once };

struct Schedule {
  std::uint64_t seed = 0;
  OnGap on_gap = OnGap::refuse;  ///< What the operator has said beforehand, to all daemons.
  Delivery delivery = Delivery::exactly_once;
  std::vector<Action> actions;
};
Schedule make_schedule(std::uint64_t seed);

}  // namespace tocsin::simulation
