#include "tests/simulation/input_topics.h"

#include <algorithm>

#include "pipeline/flow/partition_starter.h"
#include "tests/simulation/pod.h"

namespace tocsin::simulation {
namespace {

constexpr std::int32_t kWidthMax = 4;
constexpr std::size_t kRemembered = 12;
constexpr int kAll = 100;

std::int64_t share(std::int64_t of, int percent) { return of * percent / kAll; }

}  // namespace

InputTopics::InputTopics(const Schedule& schedule, MemoryLog& log, Tally& tally)
    : seed_(schedule.seed),
      on_gap_(schedule.on_gap),
      log_(log),
      tally_(tally),
      widths_(workload(0).input_widths) {
  for (const auto& [topic, width] : widths_) log_.create_topic(topic, width);
}

Input& InputTopics::input(const std::string& topic, std::int32_t partition) {
  const auto [found, is_new] = current_.try_emplace(source_name(topic, partition), inputs_.size());
  if (is_new) {
    inputs_.emplace_back();
    inputs_.back().topic = topic;
    inputs_.back().partition = partition;
  }
  return inputs_[found->second];
}

std::int64_t InputTopics::committed(const std::string& topic, std::int32_t partition) const {
  const auto offset = log_.committed(kApp, topic, partition);
  return offset ? offset->offset : 0;
}

void InputTopics::append_event() {
  InputEvent event = make_event(seed_, events_++, widths_);
  Input& history = input(event.topic, event.partition);
  if (!takes_an_event(history)) return;
  event.record.offset = history.end();
  history.records.push_back(event.record);
  log_.append(event.topic, event.partition, std::move(event.record));
}

bool InputTopics::takes_an_event(const Input& history) {
  const Condition& condition = conditions_[source_name(history.topic, history.partition)];
  if (!condition.is_recreated) return true;
  return condition.before && history.end() + 1 < condition.before->offset;
}

void InputTopics::add_partition(const std::string& topic) {
  if (widths_[topic] < kWidthMax) log_.create_topic(topic, ++widths_[topic]);
}

// ---- What happens to them.

void InputTopics::perform(const Action& action) {
  const std::string& topic = action.topic;
  const auto partition =
      static_cast<std::int32_t>(action.partition % static_cast<std::size_t>(widths_.at(topic)));
  switch (action.what) {
    case What::expire_input:
      return expire(topic, partition, action);
    case What::compact_input:
      return compact(topic, partition, action.count);
    case What::lose_state:
      return lose_state(topic, partition, action.count);
    case What::lose_offset:
      return lose_offset(topic, partition);
    case What::set_back_offset:
      return set_back_offset(topic, partition, action.count);
    case What::recreate_input:
      return recreate(topic);
    default:
      return;
  }
}

void InputTopics::expire(const std::string& topic, std::int32_t partition, const Action& action) {
  const Watermarks marks = log_.watermarks(topic, partition);
  std::int64_t end = marks.high;
  if (action.times == 1) end = std::min(end, committed(topic, partition));
  const std::int64_t low = marks.low + share(end - marks.low, action.count);
  if (low <= marks.low) return;
  log_.trim(topic, partition, low);
  conditions_[source_name(topic, partition)].hazards.insert("expired input");
  has_expired_ = true;
}

void InputTopics::compact(const std::string& topic, std::int32_t partition, int percent) {
  const Watermarks marks = log_.watermarks(topic, partition);
  const std::int64_t end = std::min(marks.high, committed(topic, partition));
  if (end <= marks.low) return;
  log_.remove(topic, partition, marks.low + share(end - marks.low - 1, percent));
  conditions_[source_name(topic, partition)].hazards.insert("compacted input");
}

/// One such thing at a time: where state and offset are gone together, nobody can know that there
/// was anything.
bool InputTopics::is_tampered(const std::string& topic, std::int32_t partition) {
  const Condition& condition = conditions_[source_name(topic, partition)];
  return condition.results_end || condition.is_recreated ||
         condition.hazards.contains("lost state");
}

void InputTopics::lose_state(const std::string& topic, std::int32_t partition, int percent) {
  if (is_tampered(topic, partition)) return;
  const std::string states = state_topic_of(kApp, topic);
  log_.create_topic(states, widths_.at(topic));
  const Watermarks marks = log_.watermarks(states, partition);
  log_.trim(states, partition, marks.low + share(marks.high - marks.low, percent));
  conditions_[source_name(topic, partition)].hazards.insert("lost state");
}

void InputTopics::lose_offset(const std::string& topic, std::int32_t partition) {
  const auto now = log_.committed(kApp, topic, partition);
  Condition& condition = conditions_[source_name(topic, partition)];
  // Where nothing has been committed since an operator's reset, there may be no state either.
  if (!now || !PartitionMark::parse(now->metadata) || is_tampered(topic, partition)) return;
  condition.results_end = now->offset;
  log_.set_committed(kApp, topic, partition, std::nullopt);
  condition.hazards.insert("lost offset");
}

/// To one that was committed before the last state record: others look as if nothing had been
/// committed since, and nobody can tell.
void InputTopics::set_back_offset(const std::string& topic, std::int32_t partition, int percent) {
  const auto number_of = [](const CommittedOffset& offset) {
    const auto mark = PartitionMark::parse(offset.metadata);
    return mark ? mark->last.number : 0;
  };
  const Source source = source_name(topic, partition);
  const auto now = log_.committed(kApp, topic, partition);
  Condition& condition = conditions_[source];
  if (!now || is_tampered(topic, partition)) return;
  std::vector<CommittedOffset> earlier;
  for (const CommittedOffset& offset : condition.committed)
    if (number_of(offset) > 0 && number_of(offset) < number_of(*now)) earlier.push_back(offset);
  if (earlier.empty()) return;
  const auto last = static_cast<std::int64_t>(earlier.size()) - 1;
  log_.set_committed(kApp, topic, partition,
                     earlier[static_cast<std::size_t>(share(last, percent))]);
  condition.results_end = now->offset;
  condition.hazards.insert("offset set back");
}

void InputTopics::recreate(const std::string& topic) {
  for (std::int32_t p = 0; p < widths_.at(topic); ++p)
    if (is_tampered(topic, p)) return;
  log_.recreate(topic);
  for (std::int32_t p = 0; p < widths_.at(topic); ++p) {
    const Source source = source_name(topic, p);
    const auto found = current_.find(source);
    if (found == current_.end()) continue;
    Input& former = inputs_[found->second];
    const auto before = log_.committed(kApp, topic, p);
    const std::int64_t end = before ? before->offset : 0;
    // What had not been read is gone; the next one begins with its daemon's refusal.
    former.records.resize(static_cast<std::size_t>(end));
    if (end == 0) {
      former.missing.clear();
      continue;
    }
    conditions_[source] = {.hazards = {}, .committed = {}, .is_recreated = true, .before = before};
    if (on_gap_ == OnGap::refuse) {
      conditions_[source].hazards = {"recreated input"};
      conditions_[source].results_end = 0;
      conditions_[source].before.reset();
    }
    current_.erase(found);
    input(topic, p);
  }
}

// ---- What is seen of it.

void InputTopics::note_commits() {
  for (const auto& [source, index] : current_) note_commit(inputs_[index]);
}

void InputTopics::note_commit(Input& input) {
  const auto now = log_.committed(kApp, input.topic, input.partition);
  Condition& condition = conditions_[source_name(input.topic, input.partition)];
  if (!now || condition.results_end) return;
  std::deque<CommittedOffset>& known = condition.committed;
  const auto mark = PartitionMark::parse(now->metadata);
  if (!mark || (!known.empty() && known.back() == *now)) return;
  if (condition.is_recreated) {
    if (*now == *condition.before) return;
    note_recreation(input, condition, *now);
  } else if (!known.empty()) {
    note_turn(input, known.back(), *now);
  }
  note_snapshot(input, *mark);
  known.push_back(*now);
  if (known.size() > kRemembered) known.pop_front();
  auto& of = input.configurations;
  if (now->offset <= (of.empty() ? 0 : of.back().first)) return;
  const std::size_t configuration = configuration_of(mark->configuration);
  if (of.empty() || of.back().second != configuration) {
    if (!of.empty()) tally_.add("changes of configuration");
    of.emplace_back(0, configuration);
  }
  of.back().first = now->offset;
}

/// A daemon has gone on without input that is gone: from which state, is in its mark.
void InputTopics::note_turn(Input& input, const CommittedOffset& before,
                            const CommittedOffset& now) {
  if (on_gap_ == OnGap::refuse) return;  // Nothing but unread records can be gone.
  const auto from = PartitionMark::parse(before.metadata);
  const auto to = PartitionMark::parse(now.metadata);
  if (!from || !to->resumed || to->resumed == from->resumed) return;
  const std::int64_t at = std::max(before.offset, *to->resumed);
  std::int64_t gap_until = from->gap_until;
  if (from->replay_from() < before.offset) {
    const std::int64_t end = std::min(*to->resumed, before.offset);  // What came then, nobody saw.
    gap_until = std::max(gap_until, at + end - from->replay_from());
    tally_.add("gaps gone over");
  }
  input.turns.push_back(
      {.at = at, .state = saved_state(input, *to), .from = *to->resumed, .gap_until = gap_until});
}

std::optional<SavedState> InputTopics::saved_state(const Input& input, const PartitionMark& mark) {
  if (!mark.snapshot) return std::nullopt;
  return saved_[source_name(input.topic, input.partition)].state;
}

/// Its first words of a new topic.
void InputTopics::note_recreation(Input& input, Condition& condition, const CommittedOffset& now) {
  const auto from = PartitionMark::parse(condition.before->metadata);
  const auto to = PartitionMark::parse(now.metadata);
  const std::int64_t begin = from ? *to->resumed : to->lineage_offset;
  for (std::int64_t offset = 0; offset < begin; ++offset) input.missing.insert(offset);
  if (from) {
    const auto lacking = static_cast<std::int64_t>(from->since.count) +
                         std::max<std::int64_t>(from->gap_until - condition.before->offset, 0);
    input.turns.push_back({.at = begin,
                           .state = saved_state(input, *to),
                           .from = begin,
                           .gap_until = lacking > 0 ? begin + lacking : 0});
  }
  tally_.add("recreated inputs gone on with");
  condition = {};
}

void InputTopics::note_snapshot(const Input& input, const PartitionMark& mark) {
  const Source source = source_name(input.topic, input.partition);
  Saved& saved = saved_[source];
  if (saved.snapshot == mark.snapshot) return;
  saved.snapshot = mark.snapshot;
  if (!mark.snapshot) return;
  saved.state = {.input = current_.at(source),
                 .turns = input.turns.size(),
                 .offset = mark.snapshot->input_offset};
}

void InputTopics::note_missing(std::string_view topic, std::int32_t partition, std::int64_t from,
                               std::int64_t to) {
  Input& lacking = input(std::string(topic), partition);
  for (std::int64_t offset = from; offset < to; ++offset) lacking.missing.insert(offset);
}

bool InputTopics::justifies(const std::string& failure) {
  if (has_expired_ && failure.find("has no record at offset") != std::string::npos) return true;
  const Source source = failure.substr(0, failure.find(": "));
  const auto found = conditions_.find(source);
  if (found == conditions_.end() || found->second.hazards.empty()) return false;
  for (const std::string& hazard : found->second.hazards) tally_.add("refusals after " + hazard);
  refused_.insert(source);
  return true;
}

void InputTopics::reset_refused() {
  for (const Source& source : refused_) {
    const std::size_t slash = source.find('/');
    Input& refused = input(source.substr(0, slash), std::stoi(source.substr(slash + 1)));
    Condition& condition = conditions_[source];
    const std::int64_t offset =
        condition.results_end.value_or(committed(refused.topic, refused.partition));
    log_.set_committed(kApp, refused.topic, refused.partition,
                       CommittedOffset{offset, std::string(kNewLineageWords)});
    refused.turns.push_back({.at = offset, .state = {}, .from = offset});
    condition = {};
  }
  refused_.clear();
}

bool InputTopics::is_everything_committed() const {
  return std::all_of(current_.begin(), current_.end(), [this](const auto& entry) {
    const Input& i = inputs_[entry.second];
    const std::int64_t low = log_.watermarks(i.topic, i.partition).low;
    return std::max(low, committed(i.topic, i.partition)) == i.end();
  });
}

std::string InputTopics::progress() const {
  std::string text;
  for (const auto& [source, index] : current_) {
    const Input& i = inputs_[index];
    text += source + " " + std::to_string(committed(i.topic, i.partition)) + "/" +
            std::to_string(i.end()) + " ";
  }
  return text;
}

}  // namespace tocsin::simulation
