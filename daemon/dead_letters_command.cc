#include "daemon/dead_letters_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/exit_code.h"
#include "daemon/json_text.h"
#include "daemon/load_config.h"
#include "daemon/memory_plan.h"
#include "daemon/progress.h"
#include "daemon/record_lines.h"
#include "daemon/repaired_values.h"
#include "daemon/resend.h"
#include "daemon/text_table.h"
#include "pipeline/flow/stream_matcher.h"
#include "pipeline/output/timestamp.h"

namespace tocsin {
namespace {

using Wanted = KafkaScan::Wanted;

int fail(const std::string& reason, int exit_code) {
  std::fprintf(stderr, "tocsin dead-letters: %s\n", reason.c_str());
  return exit_code;
}

std::string time_text(std::int64_t time_ms) {
  if (time_ms < 0 || time_ms > kTimestampMaxMs) return "-";
  std::string text(kTimestampLength, ' ');
  write_timestamp(text.data(), time_ms);
  return text;
}

std::string place_text(const DeadLetterPlace& place) {
  return fmt::format("{}/{}", place.partition, place.offset);
}

std::string_view state_of(const DeadLetter& letter, bool is_resent) {
  if (is_resent) return "put back";
  if (!letter.resent.empty()) return "came back";
  return letter.is_substitute ? "value gone" : "";
}

std::string line_of(const std::string& topic, const DeadLetter& letter, bool is_resent) {
  JsonObject line;
  line.add("topic", topic)
      .add("partition", letter.place.partition)
      .add("offset", letter.place.offset);
  if (letter.written_ms >= 0) line.add("written", time_text(letter.written_ms));
  if (!letter.reason.empty()) line.add("reason", letter.reason);
  if (!letter.detail.empty()) line.add("detail", letter.detail);
  if (!letter.stream.empty()) line.add("stream", letter.stream);
  if (letter.is_ours) {
    JsonObject source;
    source.add("topic", letter.source.topic)
        .add("partition", letter.source.partition)
        .add("offset", letter.source_offset);
    if (letter.source_time_ms) source.add("timestamp", *letter.source_time_ms);
    line.add_raw("source", source.text());
  }
  line.add("put_back", is_resent);
  if (!letter.resent.empty()) line.add("was", letter.resent);
  if (letter.is_substitute) line.add("value_gone", true);
  add_bytes(line, "key", letter.key);
  add_bytes(line, "value", letter.value);
  std::vector<HeaderView> headers;
  for (const auto& [name, value] : letter.headers) {
    HeaderView& view = headers.emplace_back(HeaderView{.name = name, .value = {}});
    if (value) view.value = *value;
  }
  return line.add_raw("headers", headers_json(headers)).text();
}

/// Prints as it reads: what a topic holds may not fit memory.
class Listing {
 public:
  explicit Listing(const DeadLettersListOptions& options) : options_(options) {}

  Wanted take(const std::string& topic, const DeadLetter& letter, bool is_resent) {
    if (options_.is_waiting_only && is_resent) return Wanted::more;
    ++found_;
    ++reasons_[letter.reason.empty() ? "(no reason)" : letter.reason];
    if (found_ > options_.limit) return Wanted::more;
    if (options_.json) {
      std::printf("%s\n", line_of(topic, letter, is_resent).c_str());
      return Wanted::more;
    }
    table_.add({place_text(letter.place), time_text(letter.written_ms), letter.reason,
                letter.is_ours ? fmt::format("{}/{}/{}", letter.source.topic,
                                             letter.source.partition, letter.source_offset)
                               : "-",
                count_text(letter.value.size()), std::string(state_of(letter, is_resent)),
                letter.detail});
    return Wanted::more;
  }

  void finish() const {
    if (options_.json) return;
    if (found_ > 0) std::printf("%s\n", table_.text().c_str());
    std::string sum = fmt::format("{} dead letter{}", count_text(found_), found_ == 1 ? "" : "s");
    std::string parts;
    for (const auto& [reason, count] : reasons_)
      parts += (parts.empty() ? ": " : ", ") + count_text(count) + " " + reason;
    if (found_ > options_.limit)
      parts += fmt::format("; the first {} are shown (--limit)", count_text(options_.limit));
    std::printf("%s%s\n", sum.c_str(), parts.c_str());
  }

 private:
  const DeadLettersListOptions& options_;
  std::uint64_t found_ = 0;
  std::map<std::string, std::uint64_t> reasons_;
  TextTable table_{{{.name = "PLACE"},
                    {.name = "WRITTEN"},
                    {.name = "REASON"},
                    {.name = "SOURCE"},
                    {.name = "BYTES", .is_right = true},
                    {.name = "STATE"},
                    {.name = "DETAIL"}}};
};

/// What becomes of each dead letter that is chosen, and how many of each.
class Choice {
 public:
  Choice(const Config& config, const DeadLettersResendOptions& options, RepairedValues repaired,
         std::map<std::string, std::int32_t> inputs)
      : matcher_(config.streams),
        options_(options),
        repaired_(std::move(repaired)),
        inputs_(std::move(inputs)) {}

  /// Whether it is to be put back, with its value mended.
  bool takes(DeadLetter& letter, bool is_resent) {
    const auto mended = repaired_.find(letter.place);
    const bool is_named = mended != repaired_.end() || !options_.filter.places.empty();
    if (!repaired_.empty() && mended == repaired_.end()) return false;
    if (is_resent && !options_.again) return pass_over("put back before; --again sends them twice");
    if (!letter.is_ours) return pass_over("without headers that say where they came from");
    if (!letter.resent.empty() && !is_named && !options_.again)
      return pass_over("came back after they were put back; name them by --place or --repaired");
    if (letter.is_substitute && mended == repaired_.end())
      return pass_over("without their value, which the broker refused");
    const auto input = inputs_.find(letter.source.topic);
    if (input == inputs_.end() || !matcher_.match(letter.source.topic))
      return pass_over("of topics that this configuration does not read");
    if (letter.source.partition >= input->second)
      return pass_over("of partitions that their topic does not have any more");
    if (chosen_ == options_.limit) {
      ++waiting_;
      return false;
    }
    ++chosen_;
    if (mended == repaired_.end()) return true;
    letter.value = mended->second;
    found_.insert(letter.place);
    return true;
  }

  std::uint64_t chosen() const { return chosen_; }
  void print_rest() const {
    for (const auto& [why, count] : passed_over_)
      std::printf("%s passed over: %s\n", count_text(count).c_str(), why.c_str());
    if (waiting_ > 0)
      std::printf("%s more wait: run it again, or with a larger --limit\n",
                  count_text(waiting_).c_str());
  }
  /// Places of repaired values that no dead letter has, or none that may be put back.
  std::size_t unused() const { return repaired_.size() - found_.size(); }

 private:
  bool pass_over(const char* why) {
    ++passed_over_[why];
    return false;
  }

  StreamMatcher matcher_;
  const DeadLettersResendOptions& options_;
  RepairedValues repaired_;
  std::map<std::string, std::int32_t> inputs_;  // Partitions of each.
  std::uint64_t chosen_ = 0;
  std::uint64_t waiting_ = 0;
  std::map<std::string, std::uint64_t> passed_over_;
  std::set<DeadLetterPlace> found_;
};

/// The topics that are read, with how many partitions they have.
Result<std::map<std::string, std::int32_t>> find_inputs(const Config& config,
                                                        DeadLetterTopic& topic) {
  const auto cluster = topic.admin().look(config.kafka.topics, DeadLetterTopic::kPatience);
  if (!cluster) return cluster.error();
  std::map<std::string, std::int32_t> inputs;
  for (const TopicView& one : cluster->topics) inputs[one.name] = one.partitions;
  return inputs;
}

void report(const Choice& choice, const std::map<std::string, std::uint64_t>& sent_to,
            std::string_view verb) {
  std::uint64_t sum = 0;
  for (const auto& [topic, count] : sent_to) sum += count;
  std::printf("%s dead letter%s %s\n", count_text(sum).c_str(), sum == 1 ? "" : "s",
              std::string(verb).c_str());
  for (const auto& [topic, count] : sent_to)
    std::printf("  %s to %s\n", count_text(count).c_str(), topic.c_str());
  choice.print_rest();
}

int dry_run(DeadLetterTopic& topic, const DeadLetterFilter& filter, Choice& choice) {
  std::map<std::string, std::uint64_t> sent_to;
  const Result<void> read = topic.read(filter, [&](DeadLetter&& letter, bool is_resent) {
    if (choice.takes(letter, is_resent)) ++sent_to[letter.source.topic];
    return Wanted::more;
  });
  if (!read) return fail(read.error().message, kExitRuntime);
  report(choice, sent_to, "would be put back");
  return kExitOk;
}

int resend(const Config& config, DeadLetterTopic& topic, const DeadLetterFilter& filter,
           const std::map<std::string, std::int32_t>& inputs, Choice& choice) {
  std::vector<std::string> names;
  for (const auto& [name, partitions] : inputs) names.push_back(name);
  std::uint64_t refused = 0;
  auto sender =
      Resend::begin(config, names, topic, [&](const DeadLetter& letter, const std::string& why) {
        ++refused;
        std::fprintf(stderr, "tocsin dead-letters: %s is refused by the broker: %s\n",
                     place_text(letter.place).c_str(), why.c_str());
      });
  if (!sender) return fail(sender.error().message, kExitRuntime);
  Resend& sending = **sender;
  std::optional<Progress> progress("putting back");
  Result<void> sent;
  const Result<void> read = topic.read(filter, [&](DeadLetter&& letter, bool is_resent) {
    if (!choice.takes(letter, is_resent)) return Wanted::more;
    sent = sending.add(std::move(letter));
    progress->show(-1, count_text(choice.chosen()) + " dead letters");
    return sent ? Wanted::more : Wanted::no_more;
  });
  if (read && sent) sent = sending.finish();
  progress.reset();
  report(choice, sending.sent_to(), "put back");
  if (!read) return fail(read.error().message, kExitRuntime);
  if (!sent) {
    return fail(sent.error().message + "; what was put back is remembered: run it again",
                kExitRuntime);
  }
  return refused == 0 ? kExitOk : kExitRuntime;
}

}  // namespace

int dead_letters_list_command(const DeadLettersListOptions& options) {
  const std::optional<Config> config = load_config(options.config);
  if (!config) return kExitConfiguration;
  const auto topic = DeadLetterTopic::open(*config);
  if (!topic) return fail(topic.error().message, kExitRuntime);
  Listing listing(options);
  const Result<void> read =
      (*topic)->read(options.filter, [&](const DeadLetter& letter, bool is_resent) {
        return listing.take((*topic)->name(), letter, is_resent);
      });
  if (!read) return fail(read.error().message, kExitRuntime);
  listing.finish();
  return kExitOk;
}

int dead_letters_resend_command(const DeadLettersResendOptions& options) {
  const std::optional<Config> config = load_config(options.config);
  if (!config) return kExitConfiguration;
  RepairedValues repaired;
  if (!options.repaired.empty()) {
    auto values = read_repaired(options.repaired);
    if (!values) return fail(values.error().message, kExitUsage);
    repaired = *std::move(values);
  }
  const auto topic = DeadLetterTopic::open(*config);
  if (!topic) return fail(topic.error().message, kExitRuntime);
  const auto inputs = find_inputs(*config, **topic);
  if (!inputs) return fail(inputs.error().message, kExitRuntime);
  Choice choice(*config, options, std::move(repaired), *inputs);
  const int exit_code = options.is_dry ? dry_run(**topic, options.filter, choice)
                                       : resend(*config, **topic, options.filter, *inputs, choice);
  if (exit_code != kExitOk || choice.unused() == 0) return exit_code;
  return fail(fmt::format("{} repaired value{} not put back", choice.unused(),
                          choice.unused() == 1 ? " was" : "s were"),
              kExitRuntime);
}

}  // namespace tocsin
