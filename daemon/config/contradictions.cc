#include "daemon/config/contradictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/fields.h"
#include "daemon/config/source_text.h"
#include "pipeline/kafka/properties.h"
#include "pipeline/log/topic_expression.h"

namespace tocsin {
namespace {

constexpr std::size_t kTopicBytesMax = 249;  // Kafka's own limit.

/// One name or expression of one stream.
struct Subscription {
  const Value* value;
  std::string topic;
  std::optional<TopicExpression> expression;
  std::size_t stream;

  bool covers(const std::string& name) const {
    return expression ? expression->matches(name) : topic == name;
  }
};

/// A topic that we write.
struct Own {
  std::string topic;
  std::string what;    // "the topic of `outputs.scores`"
  const Value* value;  // Null where it is a default.
  bool is_state = false;
};

std::vector<Subscription> subscriptions_of(const Value& root) {
  std::vector<Subscription> result;
  const Section file(&root, config_fields());
  std::size_t index = 0;
  for (const Value* stream : file.items("streams")) {
    const Section section(stream, find_field(config_fields(), "streams")->fields);
    for (const Value* topic : section.items("topics")) {
      Subscription subscription{topic, topic->scalar.text, std::nullopt, index};
      if (subscription.topic.starts_with('^')) {
        auto expression = TopicExpression::make(subscription.topic);
        if (!expression) continue;
        subscription.expression = std::move(*expression);
      }
      result.push_back(std::move(subscription));
    }
    ++index;
  }
  return result;
}

void check_names(const Value& root, const Config& config, Findings& findings) {
  const Section file(&root, config_fields());
  std::vector<std::pair<std::string, const Value*>> known;
  std::size_t index = 0;
  for (const Value* stream : file.items("streams")) {
    const std::string& name = config.streams[index++].name;
    const bool is_wrong = stream->mentions("name") && stream->find("name") == nullptr;
    if (name.empty() || is_wrong) continue;
    const auto same = std::find_if(known.begin(), known.end(),
                                   [&](const auto& other) { return other.first == name; });
    if (same != known.end()) {
      const Value* place = stream->find("name");
      findings.error({place != nullptr ? place->place : stream->place, stream->path + ".name",
                      fmt::format("a stream is called `{}` already, in line {}", name,
                                  same->second->place.line),
                      place != nullptr
                          ? "Give each stream a name of its own."
                          : "Without `name` a stream is called like its first topic."});
    }
    known.emplace_back(name, stream);
  }
}

/// What `now` and `before`, which stands before it, have in common; empty if nothing.
std::string overlap(const Subscription& now, const Subscription& before) {
  const std::string where =
      fmt::format("`{}` in line {}", before.value->path, before.value->place.line);
  if (now.topic == before.topic) {
    return fmt::format("the topic `{}` is read already, by {}", now.topic, where);
  }
  // Within one stream an expression may well find what is named beside it; whether two
  // expressions find the same is not known before they do.
  if (now.stream == before.stream) return "";
  if (!now.expression && before.covers(now.topic)) {
    return fmt::format("the topic `{}` is also read by {}", now.topic, where);
  }
  if (!before.expression && now.covers(before.topic)) {
    return fmt::format("`{}` matches the topic `{}`, which `{}` reads in line {}", now.topic,
                       before.topic, before.value->path, before.value->place.line);
  }
  return "";
}

void check_inputs(const std::vector<Subscription>& subscriptions, Findings& findings) {
  for (std::size_t i = 0; i < subscriptions.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      std::string message = overlap(subscriptions[i], subscriptions[j]);
      if (message.empty()) continue;
      const Value& value = *subscriptions[i].value;
      findings.error(
          {value.place, value.path, std::move(message), "A topic belongs to one stream."});
      break;
    }
  }
}

std::vector<Own> outputs_of(const Value& root, const Config& config) {
  const Section outputs = Section(&root, config_fields()).section("outputs");
  std::vector<Own> own;
  const auto add = [&](const char* name, const std::string& topic) {
    const Section output = outputs.section(name);
    // A topic whose name is wrong has been reported, and stands for no default.
    if (output.mentions("topic") && output.find("topic") == nullptr) return;
    own.push_back({topic, fmt::format("the topic of `outputs.{}`", name), output.find("topic")});
  };
  add("scores", config.outputs.scores.topic);
  add("alerts", config.outputs.alerts.topic);
  add("dead_letters", config.outputs.dead_letters);
  return own;
}

void check_outputs(const std::vector<Own>& outputs, Findings& findings) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (outputs[i].topic != outputs[j].topic) continue;
      // Of two topics that are the same at least one is not a default, for defaults differ.
      const bool first_is_later =
          outputs[i].value == nullptr ||
          (outputs[j].value != nullptr && outputs[j].value->place > outputs[i].value->place);
      const Own& at = first_is_later ? outputs[j] : outputs[i];
      const Own& other = first_is_later ? outputs[i] : outputs[j];
      findings.error({at.value->place, at.value->path,
                      fmt::format("`{}` is also {}", at.topic, other.what),
                      "Each output has a topic of its own."});
      break;
    }
  }
}

/// What we write ourselves must never come in again: an endless loop.
void check_loops(const std::vector<Subscription>& subscriptions, const std::vector<Own>& own,
                 Findings& findings) {
  for (const Subscription& subscription : subscriptions) {
    for (const Own& output : own) {
      if (!subscription.covers(output.topic)) continue;
      const char* verb = subscription.expression ? "matches" : "is";
      const std::string name =
          subscription.expression ? fmt::format(" `{}`,", output.topic) : std::string();
      findings.error({subscription.value->place, subscription.value->path,
                      fmt::format("`{}` {}{} {}: it would read what it writes", subscription.topic,
                                  verb, name, output.what),
                      subscription.expression ? "Write an expression that does not match it."
                      : output.is_state       ? "Remove it, or give `app` another name."
                                              : "Give the output another name."});
      break;
    }
  }
}

void add_state_topics(const std::vector<Subscription>& subscriptions, const std::string& app,
                      std::vector<Own>& own, Findings& findings) {
  for (const Subscription& subscription : subscriptions) {
    // What an expression will find is not known; a name that any of them may have stands for it.
    const std::string topic =
        state_topic(app, subscription.expression ? "any" : subscription.topic);
    own.push_back({topic, "a state topic of this app", nullptr, true});
    if (topic.size() <= kTopicBytesMax) continue;
    findings.error(
        {subscription.value->place, subscription.value->path,
         fmt::format("its state topic `{}` would be longer than {} bytes", topic, kTopicBytesMax),
         "Shorten `app`."});
  }
}

/// An output must not be where state is kept.
void check_state(const std::vector<Own>& outputs, const std::string& app, Findings& findings) {
  for (const Own& output : outputs) {
    if (output.value == nullptr || !output.topic.starts_with(state_topic(app, ""))) continue;
    findings.error({output.value->place, output.value->path,
                    fmt::format("`{}` may be a state topic: those of this app begin with `{}`",
                                output.topic, state_topic(app, "")),
                    "Give the output another name."});
  }
}

/// Properties that librdkafka accepts one by one, but not together or beside ours.
void check_properties_together(const Value& root, const Config& config, Findings& findings) {
  const Value* properties = Section(&root, config_fields()).section("kafka").find("properties");
  if (properties == nullptr || properties->parts.empty() ||
      !std::ranges::all_of(properties->parts, &Value::is_valid))
    return;
  const Result<void> tried = try_clients(config.kafka);
  if (tried) return;
  const std::string& reason = tried.error().message;
  const Value* at = properties;
  bool is_telling = false;  // Of something that nobody shall see.
  for (const Value& property : properties->parts) {
    if (reason.find(property.name) != std::string::npos) at = &property;
    const std::string& text = property.scalar.text;
    const bool is_hidden = is_secret_name(property.name) || property.scalar.from_file;
    is_telling =
        is_telling || (is_hidden && !text.empty() && reason.find(text) != std::string::npos);
  }
  findings.error({at->place, at->path,
                  is_telling ? "librdkafka does not accept these properties together" : reason,
                  ""});
}

}  // namespace

std::string state_topic(const std::string& app, const std::string& topic) {
  return app + "-state-" + topic;
}

std::string state_topics_expression(const std::string& app) {
  std::string escaped;
  for (const char c : state_topic(app, "")) {
    if (c == '.') escaped += '\\';
    escaped += c;
  }
  return "^" + escaped;
}

void find_contradictions(const Value& root, const Config& config, Findings& findings) {
  check_names(root, config, findings);
  const std::vector<Subscription> subscriptions = subscriptions_of(root);
  check_inputs(subscriptions, findings);
  std::vector<Own> own = outputs_of(root, config);
  check_outputs(own, findings);
  check_state(own, config.app, findings);
  add_state_topics(subscriptions, config.app, own, findings);
  check_loops(subscriptions, own, findings);
  check_properties_together(root, config, findings);
}

}  // namespace tocsin
