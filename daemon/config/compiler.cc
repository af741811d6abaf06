#include "daemon/config/compiler.h"

#include <utility>

#include "daemon/config/assembly.h"
#include "daemon/config/checker.h"
#include "daemon/config/configuration_hash.h"
#include "daemon/config/contradictions.h"
#include "daemon/config/document.h"
#include "daemon/config/findings.h"
#include "daemon/config/source_text.h"

namespace tocsin {
namespace {

/// What the Kafka log reads, and what it must never read.
void fill_topics(Config& config) {
  for (const StreamSettings& stream : config.streams) {
    config.kafka.topics.insert(config.kafka.topics.end(), stream.topics.begin(),
                               stream.topics.end());
  }
  config.kafka.output_topics = {config.outputs.scores.topic, config.outputs.alerts.topic,
                                config.outputs.dead_letters};
  config.kafka.never_read = config.kafka.output_topics;
  config.kafka.never_read.push_back(state_topics_expression(config.app));
}

/// Where `memory` is spoken of: its limit, or what else it says; no line where it says nothing.
Diagnostic memory_place(const Value& root, const SourceText& source) {
  const Section memory = Section(&root, config_fields()).section("memory");
  Finding where{.place = memory.place(), .path = "memory", .message = {}, .hint = {}};
  for (const char* name : {"partition_bytes", "partitions", "max_bytes"}) {
    if (const Value* value = memory.find(name)) where = {value->place, value->path, {}, {}};
  }
  Findings found;
  found.error(std::move(where));
  return found.in_file_order(source).front();
}

std::optional<Config> compiled(const Document& document, const Surroundings& surroundings,
                               SourceText& source, Findings& findings) {
  const Value root = Checker(document, surroundings, source, findings).check();
  if (!root.is_valid) return std::nullopt;
  Config config = assemble(root, findings);
  find_contradictions(root, config, findings);
  if (findings.has_errors()) return std::nullopt;
  fill_topics(config);
  config.hash = hash_of(config);
  config.memory_place = memory_place(root, source);
  return config;
}

}  // namespace

Compiled compile(std::string file, std::string text, const Surroundings& surroundings) {
  SourceText source(std::move(file), std::move(text));
  Findings findings;
  Compiled result;
  if (const std::optional<Document> document = parse_document(source, findings)) {
    result.config = compiled(*document, surroundings, source, findings);
  } else {
    source.hide_what_looks_secret();
  }
  result.diagnostics = findings.in_file_order(source);
  if (result.config) result.config->warnings = result.diagnostics;
  return result;
}

Compiled compile_file(const std::string& path, const Surroundings& surroundings) {
  Result<std::string> text = surroundings.file(path);
  if (text) return compile(path, std::move(*text), surroundings);
  Compiled result;
  result.diagnostics.push_back(
      {.file = path, .message = "cannot be read: " + text.error().message});
  return result;
}

}  // namespace tocsin
