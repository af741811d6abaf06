// tocsin_simulation: whole daemons on a log in memory, as many lives as there are seeds.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/sabotage.h"
#include "tests/simulation/schedule.h"
#include "tests/simulation/tally.h"
#include "tests/simulation/trial.h"

namespace tocsin::simulation {
namespace {

constexpr const char* kUsage =
    "usage: tocsin_simulation [--seeds A..B | --seed X] [--keep I,J,…] [--print]\n"
    "                         [--sabotage NAME] [--find-all]\n"
    "  --seeds     every seed from A to B (default 1..2000)\n"
    "  --keep      of a seed's actions only these, by number\n"
    "  --print     says what happens, action by action\n"
    "  --sabotage  with a mistake made on purpose; an unknown name lists them\n"
    "  --find-all  fails where a kind of fault never happened\n";
constexpr int kBadUsage = 64;

struct Options {
  std::uint64_t first = 1;
  std::uint64_t last = 2000;
  std::vector<std::size_t> keep;
  bool has_keep = false;
  bool prints = false;
  bool finds_all = false;
  const SabotageKind* sabotage = nullptr;
};

std::vector<std::size_t> numbers_of(std::string_view text) {
  std::vector<std::size_t> numbers;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    numbers.push_back(std::strtoull(std::string(text.substr(0, end)).c_str(), nullptr, 10));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return numbers;
}

const SabotageKind* sabotage_named(std::string_view name) {
  for (const SabotageKind& kind : sabotages())
    if (kind.name == name) return &kind;
  for (const SabotageKind& kind : sabotages())
    std::fprintf(stderr, "  %-20s %s\n", std::string(kind.name).c_str(),
                 std::string(kind.summary).c_str());
  return nullptr;
}

bool parse_seeds(const std::string& text, Options& options) {
  const std::size_t dots = text.find("..");
  options.first = std::strtoull(text.c_str(), nullptr, 10);
  options.last = dots == std::string::npos ? options.first
                                           : std::strtoull(text.c_str() + dots + 2, nullptr, 10);
  return options.first <= options.last;
}

std::optional<Options> parse(const std::vector<std::string>& words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--print") {
      options.prints = true;
    } else if (word == "--find-all") {
      options.finds_all = true;
    } else if (++i == words.size()) {
      return std::nullopt;
    } else if (word == "--seed" || word == "--seeds") {
      if (!parse_seeds(words[i], options)) return std::nullopt;
    } else if (word == "--keep") {
      options.has_keep = true;
      options.keep = numbers_of(words[i]);
    } else if (word == "--sabotage") {
      options.sabotage = sabotage_named(words[i]);
      if (options.sabotage == nullptr) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

Schedule schedule_of(std::uint64_t seed, const Options& options) {
  Schedule schedule = make_schedule(seed);
  if (options.has_keep)
    std::erase_if(schedule.actions, [&](const Action& action) {
      return std::find(options.keep.begin(), options.keep.end(), action.index) ==
             options.keep.end();
    });
  return schedule;
}

void print(const Schedule& schedule) {
  std::printf("seed %llu, %s\n", static_cast<unsigned long long>(schedule.seed),
              schedule.delivery == Delivery::exactly_once ? "exactly once" : "at least once");
  for (const Action& action : schedule.actions)
    std::printf("%5zu %s\n", action.index, text_of(action).c_str());
}

std::string command_of(const Schedule& schedule, const Options& options, bool is_whole) {
  std::string command = "tocsin_simulation --seed " + std::to_string(schedule.seed) + " --print";
  if (options.sabotage != nullptr)
    command += " --sabotage '" + std::string(options.sabotage->name) + "'";
  if (is_whole) return command;
  command += " --keep ";
  for (const Action& action : schedule.actions) command += std::to_string(action.index) + ",";
  if (command.back() == ',') command.pop_back();
  return command;
}

void report(const Schedule& schedule, const std::string& difference, const Options& options) {
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(schedule.seed),
              difference.c_str());
  std::printf("again: %s\n", command_of(schedule, options, !options.has_keep).c_str());
  std::fflush(stdout);
  const Schedule shortest = shrink(schedule, options.sabotage);
  std::printf("%zu of %zu actions are enough: %s\n", shortest.actions.size(),
              schedule.actions.size(), command_of(shortest, options, false).c_str());
  print(shortest);
}

/// What must have happened in many runs, or they say little.
constexpr std::array kMustHappen =
    std::to_array<std::string_view>({"alerts",
                                     "changes of configuration",
                                     "evictions",
                                     "gaps gone over",
                                     "events scored",
                                     "partitions restored",
                                     "pauses for want of room",
                                     "producers reopened",
                                     "records missing",
                                     "recreated inputs gone on with",
                                     "records refused",
                                     "records rejected",
                                     "records too large",
                                     "refits",
                                     "refits dropped unfinished",
                                     "refits that were waited for",
                                     "refusals after compacted input",
                                     "refusals after expired input",
                                     "refusals after lost offset",
                                     "refusals after lost state",
                                     "refusals after offset set back",
                                     "refusals after recreated input",
                                     "repetitions taken out",
                                     "replays of input",
                                     "revocations as lost",
                                     "revocations in order",
                                     "snapshots begun",
                                     "snapshots named",
                                     "snapshots over several epochs",
                                     "stops in order",
                                     "stops that took too long",
                                     "tombstones",
                                     "transactions aborted",
                                     "waits for the log"});

/// Names of what can happen and did not.
std::vector<std::string> never_seen(const Tally& tally) {
  std::vector<std::string> names(kMustHappen.begin(), kMustHappen.end());
  for (const WriterTrouble& trouble : writer_troubles())
    names.push_back("fault in " + name_of(trouble));
  for (const ReaderTrouble& trouble : reader_troubles())
    names.push_back("fault in " + name_of(trouble));
  for (const Moment& moment : moments())
    for (const char* what : {"crash ", "freeze "}) names.push_back(what + name_of(moment));
  for (const std::string_view what : kWhatNames) names.push_back("action: " + std::string(what));
  std::erase_if(names, [&](const std::string& name) { return tally[name] > 0; });
  return names;
}

int run(const Options& options) {
  Tally tally;
  std::uint64_t differences = 0;
  const auto began = std::chrono::steady_clock::now();
  for (std::uint64_t seed = options.first; seed <= options.last; ++seed) {
    const Schedule schedule = schedule_of(seed, options);
    if (options.prints) print(schedule);
    const Trial trial = carry_out(schedule, tally, options.sabotage);
    if (options.prints) std::printf("%s\n", trial.history.c_str());
    if (!trial.difference) continue;
    ++differences;
    report(schedule, *trial.difference, options);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  for (const auto& [name, count] : tally.counts())
    std::printf("%12llu %s\n", static_cast<unsigned long long>(count), name.c_str());
  const auto seeds = static_cast<double>(options.last - options.first + 1);
  std::printf("%.0f seeds in %.1f s (%.0f a minute), %llu differ\n", seeds, took.count(),
              seeds / took.count() * 60, static_cast<unsigned long long>(differences));
  bool is_complete = true;
  if (options.finds_all)
    for (const std::string& name : never_seen(tally)) {
      std::printf("never happened: %s\n", name.c_str());
      is_complete = false;
    }
  return differences == 0 && is_complete ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace tocsin::simulation

int main(int argc, char** argv) {
  const auto options = tocsin::simulation::parse({argv + 1, argv + argc});
  if (!options) {
    std::fputs(tocsin::simulation::kUsage, stderr);
    return tocsin::simulation::kBadUsage;
  }
  return tocsin::simulation::run(*options);
}
