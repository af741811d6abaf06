#include "daemon/check_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/exit_code.h"
#include "daemon/foreseen_change.h"
#include "daemon/load_config.h"
#include "daemon/memory_plan.h"
#include "daemon/plans.h"
#include "daemon/topic_plan.h"
#include "pipeline/kafka/kafka_admin.h"

namespace tocsin {
namespace {

std::string joined(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) {
    text += text.empty() ? "" : ", ";
    text += word;
  }
  return text;
}

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case Scope::entity:
      return "entity";
    case Scope::group:
      return "group";
    case Scope::stream:
      break;
  }
  return "stream";
}

std::string features_text(const StreamSettings& stream) {
  if (stream.discovers_features()) {
    return fmt::format("discovered, at most {}", stream.features_max);
  }
  std::vector<std::string> names;
  for (const FeatureSettings& feature : stream.features) names.push_back(feature.name);
  return joined(names);
}

std::string detectors_text(const StreamSettings& stream) {
  std::vector<std::string> names;
  for (const DetectorSettings& detector : stream.detectors) {
    names.push_back(fmt::format("{} ({})", detector.kind->name, scope_name(detector.scope)));
  }
  return joined(names);
}

void append_ledger(std::string& text, std::span<const LedgerRow> rows) {
  for (const LedgerRow& row : rows)
    text += fmt::format("    {:<34}{:>12} B\n", row.part, count_text(row.bytes));
}

std::string sensitivity_text(const Sensitivity& wanted) {
  switch (wanted.unit) {
    case Sensitivity::Unit::probability:
      break;
    case Sensitivity::Unit::entity_day: {
      const double days = 1 / wanted.value;
      return fmt::format("about one false incident an entity in {}",
                         days > 1 ? fmt::format("{:.0f} days", days) : "a day");
    }
    case Sensitivity::Unit::stream_day:
      return fmt::format("about {:g} false incidents a day{}", wanted.value,
                         wanted.partitions > 1
                             ? fmt::format(", {:g} in each of {} partitions",
                                           wanted.value / wanted.partitions, wanted.partitions)
                             : "");
  }
  const auto events = static_cast<std::uint64_t>(std::llround(1 / wanted.value));
  return fmt::format("an alarm in {} normal events", count_text(events));
}

std::string sensitivity_text(const StreamSettings& stream) {
  std::string text = sensitivity_text(stream.sensitivity);
  for (const EntityRule& rule : stream.entity_rules)
    text += fmt::format("; `{}`: {}", rule.match, sensitivity_text(rule.sensitivity));
  for (const FeatureSettings& feature : stream.features)
    if (feature.sensitivity)
      text += fmt::format("; {}: {}", feature.name, sensitivity_text(*feature.sensitivity));
  return text;
}

/// What a stream reads, learns and needs.
std::string stream_text(const StreamPlan& plan) {
  const StreamSettings& stream = plan.settings();
  std::string text = fmt::format("\nstream {}\n", stream.name);
  const auto line = [&](std::string_view label, std::string_view value) {
    text += fmt::format("  {:<12}{}\n", label, value);
  };
  line("topics", joined(stream.topics));
  line("entity", stream.entity.empty() ? "$key" : joined(stream.entity));
  line("time", stream.time.field.empty() ? "the record's own" : stream.time.field);
  line("features", features_text(stream));
  line("detectors", detectors_text(stream));
  line("sensitivity", sensitivity_text(stream));
  line("memory", fmt::format("{} bytes an entity; {} entities fit the {} of a partition",
                             count_text(plan.entity_bytes()), count_text(plan.entities_max()),
                             bytes_text(stream.partition_max_bytes)));
  append_ledger(text, plan.entity_ledger());
  if (!plan.partition_ledger().empty()) {
    text += "  shared by a partition\n";
    append_ledger(text, plan.partition_ledger());
  }
  return text;
}

std::string summary(const Config& config, std::span<const StreamPlanRef> plans,
                    const MemoryPlan& memory) {
  std::string text = fmt::format(
      "app {}, configuration {}, {}\n", config.app, config.hash,
      config.kafka.delivery == Delivery::exactly_once ? "exactly_once" : "at_least_once");
  for (const StreamPlanRef& plan : plans) text += stream_text(*plan);
  text += "\nmemory of the process\n" + memory_table(memory);
  return text;
}

/// What the start would find, do and refuse.
int check_topics(const Config& config, std::size_t partitions_max, const std::string& file) {
  constexpr std::chrono::milliseconds kPatience{10'000};
  KafkaHealth health;
  const auto unreachable = [&file](const std::string& why) {
    std::fprintf(stderr, "%s: error: %s\n", file.c_str(), why.c_str());
    return kExitRuntime;
  };
  auto admin = KafkaAdmin::make(config.kafka, nullptr, health);
  if (!admin) return unreachable(admin.error().message);
  const auto cluster = (*admin)->look(topics_needed(config), kPatience);
  if (!cluster) return unreachable(cluster.error().message);
  const auto states = (*admin)->look(state_topics_needed(config, *cluster), kPatience);
  if (!states) return unreachable(states.error().message);
  const TopicPlan plan = plan_topics(config, *cluster, *states);
  std::printf("\ntopics, on %d broker%s\n%s", cluster->brokers, cluster->brokers == 1 ? "" : "s",
              topics_table(plan).c_str());
  const auto warn = [&file](const std::string& warning) {
    std::fprintf(stderr, "%s: warning: %s\n", file.c_str(), warning.c_str());
  };
  for (const std::string& warning : plan.warnings) warn(warning);
  if (const auto few = why_one_process_is_too_few(plan, partitions_max)) warn(*few);
  for (const std::string& mistake : plan.mistakes)
    std::fprintf(stderr, "%s: error: %s\n", file.c_str(), mistake.c_str());
  return plan.mistakes.empty() ? kExitOk : kExitConfiguration;
}

/// What the start would keep of what was learned.
int check_state(const Config& config, std::span<const StreamPlanRef> plans,
                const std::string& file) {
  const auto change = foresee_change(config, plans);
  if (!change) {
    std::fprintf(stderr, "%s: error: %s\n", file.c_str(), change.error().message.c_str());
    return kExitRuntime;
  }
  std::printf("\n%s", change->text.c_str());
  for (const std::string& refusal : change->refusals)
    std::fprintf(stderr, "%s: error: %s\n", file.c_str(), refusal.c_str());
  return change->refusals.empty() ? kExitOk : kExitConfiguration;
}

}  // namespace

int check_command(const CheckOptions& options) {
  const std::optional<Config> config = load_config(options.config);
  if (!config) return kExitConfiguration;
  if (options.effective) {
    std::fputs(effective_yaml(*config).c_str(), stdout);
    return kExitOk;
  }
  const auto plans = make_plans(*config);
  if (!plans) {
    std::fprintf(stderr, "%s: error: %s\n", options.config.c_str(), plans.error().message.c_str());
    return kExitConfiguration;
  }
  const MemoryPlan memory = plan_memory(memory_needs(*config, *plans), config->memory.max_bytes);
  std::fputs(summary(*config, *plans, memory).c_str(), stdout);
  if (const auto refused = why_refused(memory, *config)) {
    show({&*refused, 1});
    return kExitConfiguration;
  }
  if (options.connect) {
    if (const int trouble = check_topics(*config, memory.partitions_max, options.config);
        trouble != kExitOk)
      return trouble;
  }
  if (options.against_running) {
    if (const int trouble = check_state(*config, *plans, options.config); trouble != kExitOk)
      return trouble;
  }
  std::printf("\n%s is fine; %s partitions would fit.\n", options.config.c_str(),
              count_text(memory.partitions_max).c_str());
  return kExitOk;
}

}  // namespace tocsin
