#include "tests/simulation/world.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace tocsin::simulation {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kStepNs = 2 * kMillisecond;
/// Rounds until a daemon that ended by itself is started again.
constexpr int kRoundsDown = 10;
/// The brokers' patience with a transaction, as the daemon asks for by default.
constexpr std::int64_t kTransactionTimeoutNs = 15'000 * kMillisecond;
constexpr std::int64_t kIdleNs = 20 * kMillisecond;
/// A minute of idle rounds, and then some.
constexpr int kRoundsToSettle = 6'000;
constexpr int kFailuresToSettle = 40;

/// For which reasons a daemon may end; whatever else it says is a mistake of its own.
bool is_known_end(std::string_view failure) {
  constexpr std::array<std::string_view, 3> kKnown{
      "a fault was injected",                      // A fault that stops.
      "another member with the same id",           // A former self, fenced.
      "this is the second time within a minute"};  // Fenced again and again.
  return std::any_of(kKnown.begin(), kKnown.end(), [&](std::string_view known) {
    return failure.find(known) != std::string_view::npos;
  });
}

}  // namespace

World::World(const Schedule& schedule, const SabotageKind* sabotage, Tally& tally)
    : tally_(tally),
      on_gap_(schedule.on_gap),
      inputs_(schedule, log_, tally),
      sabotage_(sabotage == nullptr ? nullptr : sabotage->make(log_)),
      around_{
          .log = log_,
          .delivery = schedule.delivery,
          .tally = tally,
          .missing = [this](std::string_view topic, std::int32_t partition, std::int64_t from,
                            std::int64_t to) { inputs_.note_missing(topic, partition, from, to); },
          .sabotage = sabotage_.get()} {
  for (std::size_t pod = 0; pod < kPodsMax; ++pod) seats_.emplace_back(tally);
  for (const auto& [topic, width] : workload(0).output_widths) log_.create_topic(topic, width);
}

void World::perform(const Action& action) {
  tally_.add("action: " + std::string(kWhatNames.at(static_cast<std::size_t>(action.what))));
  Seat& seat = seats_[action.pod];
  switch (action.what) {
    case What::round:
      for (int i = 0; i < action.count; ++i) round();
      break;
    case What::step:
      for (int i = 0; i < action.count; ++i) step(action.pod);
      break;
    case What::append:
      for (int i = 0; i < action.count; ++i) inputs_.append_event();
      break;
    case What::pass_time:
      now_ns_ += action.count * kMillisecond;
      break;
    case What::replace:
      if (seat.pod) zombies_.push_back(std::move(seat.pod));
      [[fallthrough]];
    case What::start:
      if (!seat.pod)
        start(action.pod, {.flow = action.flow, .configuration = action.configuration});
      break;
    case What::stop:
      seat.is_wanted = false;
      if (seat.pod) seat.pod->stop(now_ns_);
      break;
    case What::crash:
      end(seat, action.count);
      break;
    case What::freeze:
      freeze(seat, action);
      break;
    case What::expel:
      log_.expel(kApp, pod_id(action.pod));
      break;
    case What::time_out:
      log_.time_out(transactional_id(action.pod));
      break;
    case What::add_partition:
      inputs_.add_partition(action.topic);
      break;
    case What::lose_state:
    case What::lose_offset:
    case What::set_back_offset:
    case What::recreate_input:
      lose_all_pods();
      [[fallthrough]];
    case What::expire_input:
    case What::compact_input:
      inputs_.perform(action);
      break;
    case What::crash_at:
    case What::freeze_at:
    case What::writer_fault:
    case What::reader_fault:
    case What::lose_brokers:
    case What::delay_state:
      seat.faults.add(action);
      break;
  }
}

void World::start(std::size_t pod, const PodSettings& settings) {
  Seat& seat = seats_[pod];
  seat.settings = settings;
  seat.settings.flow.on_gap = on_gap_;
  seat.is_wanted = true;
  seat.pod = std::make_unique<Pod>(around_, PodIdentity{.number = pod, .owner = ++lives_},
                                   seat.settings, seat.faults);
}

void World::lose_all_pods() {
  zombies_.clear();
  for (std::size_t pod = 0; pod < seats_.size(); ++pod) {
    end(seats_[pod], 1);
    give_up(pod);
  }
}

/// Whoever refuses to start goes on refusing until somebody resets the partition.
void World::call_operator() {
  if (!inputs_.needs_operator()) return;
  lose_all_pods();
  inputs_.reset_refused();
}

void World::round() {
  has_worked_ = false;
  for (std::size_t pod = 0; pod < seats_.size(); ++pod) {
    step(pod);
    pass_round(pod);
  }
  step_zombies();
  call_operator();
}

void World::step(std::size_t pod) {
  Seat& seat = seats_[pod];
  if (!seat.pod || seat.frozen_rounds > 0) return;
  const bool lives = step(*seat.pod);
  const std::optional<Action> due = seat.faults.take_due();
  if (due && due->what == What::freeze_at) freeze(seat, *due);
  if (due && due->what == What::crash_at)
    end(seat, due->count);
  else if (!lives)
    end(seat, kRoundsDown);
}

void World::end(Seat& seat, int rounds_down) {
  seat.pod.reset();
  seat.rounds_down = rounds_down;
}

void World::freeze(Seat& seat, const Action& action) {
  seat.frozen_rounds = action.count;
  if (action.ends_session) seat.rounds_of_session = action.count / 2;
}

void World::pass_round(std::size_t pod) {
  Seat& seat = seats_[pod];
  if (seat.frozen_rounds > 0) --seat.frozen_rounds;
  if (!seat.pod && seat.is_wanted && seat.rounds_down-- <= 0) start(pod, seat.settings);
  if (seat.rounds_of_session >= 0 && seat.rounds_of_session-- == 0) log_.expel(kApp, pod_id(pod));
  time_out_transaction(pod);
}

/// What a former self has begun and left: its successor may have nothing to write, and would never
/// end it.
void World::time_out_transaction(std::size_t pod) {
  Seat& seat = seats_[pod];
  const auto open = log_.open_transaction(transactional_id(pod));
  if (std::exchange(seat.transaction, open) != open) seat.transaction_since_ns = now_ns_;
  if (!open || now_ns_ - seat.transaction_since_ns < kTransactionTimeoutNs) return;
  tally_.add("transactions timed out");
  log_.time_out(transactional_id(pod));
}

void World::step_zombies() {
  std::erase_if(zombies_, [this](const auto& zombie) {
    const bool lives = step(*zombie);
    const std::optional<Action> due = seats_[zombie->number()].faults.take_due();
    return !lives || (due && due->what == What::crash_at);
  });
}

bool World::step(Pod& pod) {
  now_ns_ += kStepNs;
  ++steps_;
  const Pod::Life life = pod.step(now_ns_);
  inputs_.note_commits();
  has_worked_ = has_worked_ || pod.has_worked();
  if (life == Pod::Life::failed) {
    ++failures_;
    tally_.add("daemons that ended with a reason");
    if (!is_known_end(pod.failure()) && !inputs_.justifies(pod.failure()))
      wrong_ = pod_id(pod.number()) + " ended for no good reason: " + pod.failure();
  }
  return life == Pod::Life::lives;
}

/// Nothing goes wrong any more; who is not wanted is gone for all, too.
void World::mend() {
  for (std::size_t pod = 0; pod < seats_.size(); ++pod) {
    seats_[pod].faults.clear();
    seats_[pod].frozen_rounds = 0;
    seats_[pod].rounds_of_session = -1;
    if (!seats_[pod].is_wanted && !seats_[pod].pod) give_up(pod);
  }
  const bool is_any_wanted =
      std::any_of(seats_.begin(), seats_.end(), [](const Seat& s) { return s.is_wanted; });
  if (!is_any_wanted) seats_[0].is_wanted = true;
  failures_ = 0;
}

void World::give_up(std::size_t pod) {
  log_.expel(kApp, pod_id(pod));
  log_.time_out(transactional_id(pod));
}

void World::restart_the_wanted() {
  for (std::size_t pod = 0; pod < seats_.size(); ++pod) {
    Seat& seat = seats_[pod];
    if (seat.pod) continue;
    if (seat.is_wanted)
      start(pod, seat.settings);
    else
      give_up(pod);
  }
}

std::optional<std::string> World::settle() {
  mend();
  bool was_settled = false;
  for (int rounds = 0; rounds < kRoundsToSettle; ++rounds) {
    restart_the_wanted();
    round();
    if (!wrong_.empty()) return wrong_;
    if (failures_ > kFailuresToSettle) return "the daemons end again and again";
    // What one stage has handed over in its last step, the next one takes in the round after.
    const bool is_quiet = !has_worked_ && is_settled();
    if (is_quiet && was_settled) return std::nullopt;
    was_settled = is_quiet;
    if (!has_worked_) now_ns_ += kIdleNs;
  }
  return "no rest after " + std::to_string(kRoundsToSettle) +
         " rounds without a fault: " + unrest();
}

/// Who is not done with what.
std::string World::unrest() const {
  std::string text;
  for (const Seat& seat : seats_) {
    if (!seat.pod) continue;
    text += pod_id(seat.pod->number()) + (seat.pod->is_drained() ? " is" : " is not") +
            " drained and has " + std::to_string(seat.pod->partitions().size()) + " partitions, ";
  }
  for (const auto& zombie : zombies_) text += pod_id(zombie->number()) + " has a zombie, ";
  return text + inputs_.progress();
}

/// Then readers do not see what comes after it yet, until the brokers lose patience.
bool World::is_any_transaction_open() const {
  for (std::size_t pod = 0; pod < seats_.size(); ++pod)
    if (log_.open_transaction(transactional_id(pod))) return true;
  return false;
}

bool World::is_settled() const {
  std::size_t owned = 0;
  for (const Seat& seat : seats_) {
    if (!seat.pod) continue;
    if (!seat.pod->is_drained()) return false;
    owned += seat.pod->partitions().size();
  }
  std::size_t width = 0;
  for (const auto& [topic, partitions] : inputs_.widths())
    width += static_cast<std::size_t>(partitions);
  if (owned != width || !zombies_.empty() || is_any_transaction_open()) return false;
  return inputs_.is_everything_committed();
}

std::map<Source, Outputs> World::outputs() const {
  std::map<Source, Outputs> all;
  for (const auto& [topic, width] : workload(0).output_widths)
    for (std::int32_t p = 0; p < width; ++p)
      for (const StoredRecord& record : log_.read(topic, p, 0))
        all[source_of(record)][source_name(topic, p)].push_back(text_of(record));
  return all;
}

std::map<Source, std::string> World::states() const {
  std::map<Source, std::string> all;
  for (const Seat& seat : seats_) {
    if (!seat.pod) continue;
    for (const Partition* partition : seat.pod->partitions())
      partition->save(all[source_name(partition->place().topic, partition->place().number)]);
  }
  return all;
}

std::string World::history() const {
  std::string text = std::to_string(steps_) + " steps, " + std::to_string(now_ns_) + " ns";
  for (const auto& [topic, width] : workload(0).output_widths)
    for (std::int32_t p = 0; p < width; ++p)
      text += ", " + source_name(topic, p) + " " + std::to_string(log_.watermarks(topic, p).high);
  return text;
}

}  // namespace tocsin::simulation
