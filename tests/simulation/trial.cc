#include "tests/simulation/trial.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <utility>

#include "tests/simulation/sequential_run.h"
#include "tests/simulation/world.h"

namespace tocsin::simulation {
namespace {

constexpr std::size_t kExcerptBytes = 160;

using Texts = std::vector<std::string>;

/// A piece of a text from where two begin to differ.
std::string excerpt(const std::string& text, std::size_t from) {
  const std::size_t begin = from > kExcerptBytes / 2 ? from - kExcerptBytes / 2 : 0;
  std::string piece = begin > 0 ? "…" : "";
  piece += text.substr(begin, kExcerptBytes);
  if (begin + kExcerptBytes < text.size()) piece += "…";
  return piece;
}

std::string describe(const Texts& expected, const Texts& found) {
  const std::size_t shared = std::min(expected.size(), found.size());
  const std::string counts = " (" + std::to_string(found.size()) + " records, expected " +
                             std::to_string(expected.size()) + ")";
  for (std::size_t i = 0; i < shared; ++i) {
    if (expected[i] == found[i]) continue;
    const auto differ =
        std::mismatch(expected[i].begin(), expected[i].end(), found[i].begin(), found[i].end());
    const auto at = static_cast<std::size_t>(differ.first - expected[i].begin());
    return "record " + std::to_string(i) + counts + " is\n    " + excerpt(found[i], at) +
           "\n  expected\n    " + excerpt(expected[i], at);
  }
  if (found.size() < expected.size())
    return "records are missing from " + std::to_string(shared) + " on" + counts + ", first\n    " +
           excerpt(expected[shared], 0);
  return "there are more records than there should be" + counts + ", first\n    " +
         excerpt(found[shared], 0);
}

/// Each text once. What was refused comes after its neighbours, so order says nothing here.
Outputs without_repetitions(Outputs outputs, Tally& tally) {
  for (auto& [place, texts] : outputs) {
    const std::size_t before = texts.size();
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    tally.add("repetitions taken out", before - texts.size());
  }
  return outputs;
}

std::optional<std::string> compare_outputs(const Source& source, const Outputs& expected,
                                           const Outputs& found) {
  std::set<std::string> places;
  for (const auto& [place, texts] : expected) places.insert(place);
  for (const auto& [place, texts] : found) places.insert(place);
  const auto at = [](const Outputs& outputs, const std::string& place) {
    const auto position = outputs.find(place);
    return position == outputs.end() ? Texts{} : position->second;
  };
  for (const std::string& place : places) {
    const Texts wanted = at(expected, place);
    const Texts got = at(found, place);
    if (wanted != got) return source + " in " + place + ": " + describe(wanted, got);
  }
  return std::nullopt;
}

void count(const Happened& happened, Tally& tally) {
  tally.add("events scored", happened.scored);
  tally.add("events warming up", happened.warming_up);
  tally.add("records rejected", happened.rejected);
  tally.add("tombstones", happened.tombstones);
  tally.add("anomalies", happened.anomalies);
  tally.add("alerts", happened.alerts);
  tally.add("evictions", happened.evictions);
  tally.add("refits", happened.refits);
  tally.add("records too large", happened.refused);
}

/// By input partition. A recreated one goes on with the results of the next, and knows only what
/// that has taught.
std::map<Source, Expected> expectations(const std::vector<Input>& inputs, Tally& tally) {
  std::map<Source, Expected> all;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Input& input = inputs[i];
    Expected more = run_sequentially(inputs, i);
    count(more.happened, tally);
    Expected& expected = all[source_name(input.topic, input.partition)];
    for (auto& [place, texts] : more.outputs) {
      Texts& known = expected.outputs[place];
      known.insert(known.end(), texts.begin(), texts.end());
    }
    expected.state = std::move(more.state);
  }
  return all;
}

std::optional<std::string> compare(const World& world, Delivery delivery, Tally& tally) {
  std::map<Source, Outputs> outputs = world.outputs();
  const std::map<Source, std::string> states = world.states();
  for (auto& [source, expected] : expectations(world.inputs(), tally)) {
    Outputs found = outputs[source];
    outputs.erase(source);
    if (delivery == Delivery::at_least_once) {
      Tally nothing_repeated;
      expected.outputs = without_repetitions(std::move(expected.outputs), nothing_repeated);
      found = without_repetitions(std::move(found), tally);
    }
    if (auto difference = compare_outputs(source, expected.outputs, found)) return difference;
    const auto state = states.find(source);
    if (state == states.end() || state->second != expected.state)
      return source + ": what its owner has learned is not what an unbroken run has";
  }
  if (!outputs.empty()) return "there are outputs of " + outputs.begin()->first;
  return std::nullopt;
}

}  // namespace

Trial carry_out(const Schedule& schedule, Tally& tally, const SabotageKind* sabotage) {
  World world(schedule, sabotage, tally);
  for (const Action& action : schedule.actions) world.perform(action);
  Trial trial{.difference = world.settle(), .history = {}};
  if (!trial.difference) trial.difference = compare(world, schedule.delivery, tally);
  trial.history = world.history();
  return trial;
}

Schedule shrink(const Schedule& failing, const SabotageKind* sabotage) {
  Schedule best = failing;
  const auto still_fails = [sabotage](const Schedule& schedule) {
    Tally tally;
    return carry_out(schedule, tally, sabotage).difference.has_value();
  };
  std::size_t piece = std::max<std::size_t>(best.actions.size() / 2, 1);
  while (true) {
    bool has_shrunk = false;
    for (std::size_t at = 0; at < best.actions.size();) {
      Schedule shorter = best;
      const auto begin = shorter.actions.begin() + static_cast<std::ptrdiff_t>(at);
      const std::size_t end = std::min(at + piece, best.actions.size());
      shorter.actions.erase(begin, begin + static_cast<std::ptrdiff_t>(end - at));
      if (still_fails(shorter)) {
        best = std::move(shorter);
        has_shrunk = true;
      } else {
        at += piece;
      }
    }
    if (piece == 1 && !has_shrunk) return best;
    piece = std::max<std::size_t>(piece / 2, 1);
  }
}

}  // namespace tocsin::simulation
