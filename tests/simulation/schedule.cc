#include "tests/simulation/schedule.h"

#include <span>

#include "tests/simulation/dice.h"

namespace tocsin::simulation {
namespace {

/// The dice of schedules; those of events are keyed by their index.
constexpr std::uint64_t kKey = ~std::uint64_t{0};
/// In every fourth seed daemons go on without input that is gone.
constexpr std::uint64_t kProceeds = 4;

constexpr std::array<std::string_view, 7> kWriterCallNames{
    "open", "begin", "produce", "flush", "send offsets", "commit", "abort"};
constexpr std::array<std::string_view, 5> kStatusNames{"ok", "retry", "resend", "reopen", "stop"};
constexpr std::array<std::string_view, 4> kReaderCallNames{"poll", "committed", "watermarks",
                                                           "is member"};
constexpr std::array<std::string_view, 3> kReaderFaultNames{"nothing", "waits", "ends"};

template <class Names, class Value>
std::string name_in(const Names& names, Value value) {
  return std::string(names.at(static_cast<std::size_t>(value)));
}

struct Chance {
  What what;
  int weight;
};
constexpr std::array kChances{Chance{What::round, 34},
                              Chance{What::step, 16},
                              Chance{What::append, 28},
                              Chance{What::pass_time, 8},
                              Chance{What::start, 10},
                              Chance{What::replace, 1},
                              Chance{What::stop, 2},
                              Chance{What::crash, 3},
                              Chance{What::freeze, 3},
                              Chance{What::expel, 3},
                              Chance{What::time_out, 2},
                              Chance{What::add_partition, 1},
                              Chance{What::writer_fault, 12},
                              Chance{What::reader_fault, 3},
                              Chance{What::lose_brokers, 1},
                              Chance{What::delay_state, 2},
                              Chance{What::crash_at, 4},
                              Chance{What::freeze_at, 4},
                              Chance{What::expire_input, 1},
                              Chance{What::compact_input, 1},
                              Chance{What::lose_state, 1},
                              Chance{What::lose_offset, 1},
                              Chance{What::set_back_offset, 1},
                              Chance{What::recreate_input, 1}};

What draw(Dice& dice, std::span<const Chance> chances) {
  int sum = 0;
  for (const Chance& chance : chances) sum += chance.weight;
  int left = dice.between(1, sum);
  for (const Chance& chance : chances)
    if ((left -= chance.weight) <= 0) return chance.what;
  return What::round;
}

FlowSettings draw_settings(Dice& dice) {
  constexpr std::array<std::size_t, 4> kRows{1, 2, 7, 512};
  constexpr std::array<std::int64_t, 4> kEpochsMs{1, 3, 10, 40};
  constexpr std::array<std::size_t, 3> kEpochRecords{3, 20, 100'000};
  constexpr std::array<std::size_t, 3> kRings{1, 2, 16};
  constexpr std::array<std::int64_t, 2> kDrainsMs{40, 10'000};
  FlowSettings flow;
  constexpr std::array<std::int64_t, 3> kIntervalsMs{20, 200, 60'000};
  constexpr std::array<std::uint64_t, 3> kSnapshotRecords{0, 5, 40};
  flow.workers = dice.between(1, 3);
  flow.batch_rows_max = kRows.at(dice.below(kRows.size()));
  flow.epoch_ms = kEpochsMs.at(dice.below(kEpochsMs.size()));
  flow.epoch_records_max = kEpochRecords.at(dice.below(kEpochRecords.size()));
  flow.ring_batches = kRings.at(dice.below(kRings.size()));
  flow.drain_timeout_ms = kDrainsMs.at(dice.below(kDrainsMs.size()));
  flow.snapshot_interval_ms = kIntervalsMs.at(dice.below(kIntervalsMs.size()));
  flow.snapshot_records = kSnapshotRecords.at(dice.below(kSnapshotRecords.size()));
  constexpr std::array<std::size_t, 3> kStateBytes{1U << 10U, 8U << 10U, 1U << 20U};
  constexpr std::array<std::size_t, 3> kChunks{0, 1, 16};
  flow.state_bytes_per_epoch_min = kStateBytes.at(dice.below(kStateBytes.size()));
  flow.state_chunks_per_batch = kChunks.at(dice.below(kChunks.size()));
  return flow;
}

int draw_count(Dice& dice, What what) {
  switch (what) {
    case What::round:
      return dice.between(2, 25);
    case What::step:
      return dice.between(1, 30);
    case What::append:
      return dice.between(1, dice.one_in(8) ? 40 : 5);
    case What::pass_time:
      return dice.one_in(3) ? dice.between(500, 90'000) : dice.between(1, 200);
    case What::freeze:
    case What::freeze_at:
    case What::crash:
    case What::crash_at:
      return dice.between(2, 80);
    case What::lose_brokers:
    case What::delay_state:
      return dice.between(3, 30);
    case What::expire_input:
    case What::compact_input:
    case What::lose_state:
    case What::set_back_offset:
      return dice.one_in(4) ? 100 : dice.between(1, 100);
    case What::writer_fault:
    case What::reader_fault:
      return dice.between(1, 3);
    default:
      return 1;
  }
}

Action draw_action(Dice& dice, std::size_t pods) {
  Action action;
  action.what = draw(dice, kChances);
  action.pod = dice.below(pods);
  action.count = draw_count(dice, action.what);
  if (action.what == What::start || action.what == What::replace) action.flow = draw_settings(dice);
  if (action.what == What::writer_fault) action.trouble = dice.below(writer_troubles().size());
  if (action.what == What::reader_fault) action.trouble = dice.below(reader_troubles().size());
  if (action.what == What::crash_at || action.what == What::freeze_at)
    action.trouble = dice.below(moments().size());
  if (action.what == What::freeze || action.what == What::freeze_at)
    action.ends_session = dice.one_in(2);
  if (dice.one_in(4)) action.times = dice.between(2, 6);
  action.topic = dice.one_in(2) ? "metrics" : "sensors";
  action.partition = dice.one_in(2) ? 0 : dice.below(4);
  if (action.what == What::start || action.what == What::replace)
    action.configuration = dice.below(2);
  return action;
}

/// Without transactions results are there before their offsets are. What would be made of the same
/// input under another configuration, or from other state, is then there too.
void keep_to_one_history(std::vector<Action>& actions) {
  std::erase_if(actions, [](const Action& action) { return action.what >= What::expire_input; });
  for (Action& action : actions) action.configuration = 0;
}

/// Of compacted input nobody can tell which records a restore lacks.
void proceed(Schedule& schedule) {
  schedule.on_gap = OnGap::proceed;
  std::erase_if(schedule.actions,
                [](const Action& action) { return action.what == What::compact_input; });
}

}  // namespace

const std::vector<WriterTrouble>& writer_troubles() {
  using enum WriterCall;
  using enum WriteStatus;
  static const std::vector<WriterTrouble> all{
      {open, {retry, false}},          {open, {retry, true}},
      {open, {reopen, false}},         {open, {stop, false}},
      {begin, {retry, false}},         {begin, {resend, false}},
      {begin, {reopen, false}},        {begin, {stop, false}},
      {produce, {retry, false}},       {produce, {retry, true}},
      {flush, {retry, false}},         {flush, {resend, false}},
      {flush, {resend, true}},         {flush, {reopen, false}},
      {flush, {reopen, true}},         {flush, {stop, false}},
      {send_offsets, {retry, false}},  {send_offsets, {retry, true}},
      {send_offsets, {resend, false}}, {send_offsets, {resend, true}},
      {send_offsets, {reopen, false}}, {send_offsets, {reopen, true}},
      {send_offsets, {stop, false}},   {send_offsets, {stop, true}},
      {commit, {retry, false}},        {commit, {retry, true}},
      {commit, {resend, false}},       {commit, {resend, true}},
      {commit, {reopen, false}},       {commit, {reopen, true}},
      {commit, {stop, false}},         {commit, {stop, true}},
      {abort, {retry, false}},         {abort, {retry, true}},
      {abort, {reopen, false}},        {abort, {reopen, true}},
      {abort, {stop, false}},          {abort, {stop, true}}};
  return all;
}

const std::vector<ReaderTrouble>& reader_troubles() {
  static const std::vector<ReaderTrouble> all{{ReaderCall::poll, ReaderFault::wait},
                                              {ReaderCall::poll, ReaderFault::end},
                                              {ReaderCall::committed, ReaderFault::wait},
                                              {ReaderCall::watermarks, ReaderFault::wait},
                                              {ReaderCall::is_member, ReaderFault::wait}};
  return all;
}

const std::vector<Moment>& moments() {
  static const std::vector<Moment> all = [] {
    std::vector<Moment> made;
    for (std::size_t call = 0; call < kWriterCallNames.size(); ++call)
      for (const bool is_after : {false, true})
        made.push_back({.call = static_cast<WriterCall>(call), .is_after = is_after});
    return made;
  }();
  return all;
}

std::string name_of(const Moment& moment) {
  return (moment.is_after ? "after " : "before ") + name_in(kWriterCallNames, moment.call);
}

std::string name_of(const WriterTrouble& trouble) {
  std::string name =
      name_in(kWriterCallNames, trouble.call) + ": " + name_in(kStatusNames, trouble.fault.status);
  if (trouble.call == WriterCall::produce)
    return name + (trouble.fault.takes_effect ? ", half taken" : "");
  return name + (trouble.fault.takes_effect ? ", done" : "");
}

std::string name_of(const ReaderTrouble& trouble) {
  return name_in(kReaderCallNames, trouble.call) + " " + name_in(kReaderFaultNames, trouble.fault);
}

std::string text_of(const Action& action) {
  std::string text = name_in(kWhatNames, action.what);
  const std::string pod = " pod-" + std::to_string(action.pod);
  const std::string count = " " + std::to_string(action.count);
  const std::string times = " x" + std::to_string(action.times);
  const std::string session = action.ends_session ? ", its session ends" : "";
  const FlowSettings& flow = action.flow;
  switch (action.what) {
    case What::round:
    case What::append:
    case What::pass_time:
      return text + count;
    case What::start:
    case What::replace:
      return text + pod + " workers=" + std::to_string(flow.workers) +
             " rows=" + std::to_string(flow.batch_rows_max) +
             " epoch_ms=" + std::to_string(flow.epoch_ms) +
             " epoch_records=" + std::to_string(flow.epoch_records_max) +
             " ring=" + std::to_string(flow.ring_batches) +
             " drain_ms=" + std::to_string(flow.drain_timeout_ms) +
             " interval_ms=" + std::to_string(flow.snapshot_interval_ms) +
             " snapshot_records=" + std::to_string(flow.snapshot_records) +
             " state_bytes=" + std::to_string(flow.state_bytes_per_epoch_min) +
             " chunks=" + std::to_string(flow.state_chunks_per_batch) +
             " configuration=" + std::to_string(action.configuration);
    case What::add_partition:
    case What::recreate_input:
      return text + " " + action.topic;
    case What::expire_input:
    case What::compact_input:
    case What::lose_state:
    case What::lose_offset:
    case What::set_back_offset:
      return text + " " + action.topic + "/" + std::to_string(action.partition) + count + "%" +
             times;
    case What::writer_fault:
      return text + pod + " in" + count + times + " " + name_of(writer_troubles()[action.trouble]);
    case What::reader_fault:
      return text + pod + " in" + count + times + " " + name_of(reader_troubles()[action.trouble]);
    case What::crash_at:
      return text + pod + count + times + " " + name_of(moments()[action.trouble]);
    case What::freeze_at:
      return text + pod + count + times + " " + name_of(moments()[action.trouble]) + session;
    case What::freeze:
      return text + pod + count + session;
    case What::crash:
    case What::step:
    case What::lose_brokers:
    case What::delay_state:
      return text + pod + count;
    default:
      return text + pod;
  }
}

Schedule make_schedule(std::uint64_t seed) {
  Dice dice(seed, kKey);
  Schedule schedule{
      .seed = seed, .on_gap = OnGap::refuse, .delivery = Delivery::exactly_once, .actions = {}};
  if (dice.one_in(5)) schedule.delivery = Delivery::at_least_once;
  const auto pods = static_cast<std::size_t>(dice.between(1, kPodsMax));
  for (std::size_t pod = 0; pod < pods; ++pod)
    schedule.actions.push_back({.what = What::start, .pod = pod, .flow = draw_settings(dice)});
  schedule.actions.push_back(
      {.what = What::append, .count = dice.between(20, dice.one_in(3) ? 400 : 100)});
  const int length = dice.between(40, 180);
  for (int i = 0; i < length; ++i) schedule.actions.push_back(draw_action(dice, pods));
  if (schedule.delivery == Delivery::at_least_once)
    keep_to_one_history(schedule.actions);
  else if (seed % kProceeds == 0)
    proceed(schedule);
  for (std::size_t i = 0; i < schedule.actions.size(); ++i) schedule.actions[i].index = i;
  return schedule;
}

}  // namespace tocsin::simulation
