#include "pipeline/kafka/client_properties.h"

#include <algorithm>

namespace tocsin {
namespace {

// librdkafka's expressions cannot exclude, but it can be made blind to topics: ours, and Kafka's
// own.
std::string blind_to(const std::vector<std::string>& topics) {
  std::vector<std::string> all(kafkas_own_topics());
  all.insert(all.end(), topics.begin(), topics.end());
  std::string expressions;
  for (const auto& topic : all) {
    if (!expressions.empty()) expressions += ',';
    if (topic.starts_with('^')) {
      expressions += topic;
      continue;
    }
    expressions += '^';
    for (const char c : topic) {
      if (c == '.') expressions += '\\';
      expressions += c;
    }
    expressions += '$';
  }
  return expressions;
}

bool has_expression(const std::vector<std::string>& topics) {
  return std::ranges::any_of(topics, [](const auto& topic) { return topic.starts_with('^'); });
}

// What every reader of records has in common.
Properties fetching(const KafkaSettings& settings) {
  // A full queue stops fetching for a second (librdkafka before 2.2), so the bound must be bytes,
  // not messages, unless messages are tiny.
  const auto messages = std::clamp<std::size_t>(settings.fetch_queue_bytes / 256, 1000, 10'000'000);
  const auto kilobytes = std::clamp<std::size_t>(settings.fetch_queue_bytes / 1024, 1, 2'097'151);
  Properties properties{
      {"enable.auto.commit", "false"},
      {"auto.offset.reset", "error"},
      {"isolation.level", "read_committed"},
      {"enable.partition.eof", "true"},
      {"check.crcs", "true"},
      // What a fetch may wait is also what a newly started partition may wait for its first fetch.
      {"fetch.wait.max.ms", "100"},
      {"fetch.error.backoff.ms", "100"},
      {"queued.min.messages", std::to_string(messages)},
      {"queued.max.messages.kbytes", std::to_string(kilobytes)}};
  if (has_property("fetch.queue.backoff.ms")) {
    properties.emplace_back("fetch.queue.backoff.ms", "10");
  }
  return properties;
}

}  // namespace

const std::vector<std::string>& kafkas_own_topics() {
  static const std::vector<std::string> own{"__consumer_offsets", "__share_group_state",
                                            "__transaction_state"};
  return own;
}

Properties reader_properties(const KafkaSettings& settings) {
  Properties properties = fetching(settings);
  for (const auto& [name, value] :
       Properties{{"group.id", settings.app},
                  {"enable.auto.offset.store", "false"},
                  // Cooperative assignment has bugs in librdkafka before 2.10, and state moves best
                  // as a whole.
                  {"partition.assignment.strategy", "roundrobin"},
                  {"session.timeout.ms", settings.instance.empty() ? "15000" : "45000"},
                  {"heartbeat.interval.ms", "1000"},
                  // How soon topics and partitions that are added are seen, and those deleted.
                  {"topic.metadata.refresh.interval.ms", "10000"}}) {
    properties.emplace_back(name, value);
  }
  if (!settings.instance.empty()) {
    properties.emplace_back("group.instance.id", settings.instance);
  }
  if (has_expression(settings.topics)) {
    properties.emplace_back("topic.blacklist", blind_to(settings.never_read));
  }
  if (has_property("group.protocol")) properties.emplace_back("group.protocol", "classic");
  return properties;
}

Properties history_properties(const KafkaSettings& settings) {
  Properties properties = fetching(settings);
  properties.emplace_back("statistics.interval.ms", "0");
  return properties;
}

Properties writer_properties(const KafkaSettings& settings) {
  Properties properties{{"enable.idempotence", "true"},
                        {"compression.codec", "lz4"},
                        // What is to go is given whole (RecordSender): no time to wait for more.
                        {"linger.ms", "2"},
                        {"batch.num.messages", std::to_string(kRequestRecords)},
                        {"batch.size", std::to_string(settings.batch_bytes_max)},
                        // Or records without a key would go to random partitions, unasked.
                        {"sticky.partitioning.linger.ms", "0"},
                        // The writer keeps its own bound, far below these.
                        {"queue.buffering.max.messages", "10000000"},
                        {"queue.buffering.max.kbytes", "2097151"}};
  if (settings.delivery == Delivery::exactly_once) {
    properties.emplace_back("transactional.id", transactional_id(settings));
    properties.emplace_back("transaction.timeout.ms",
                            std::to_string(settings.transaction_timeout_ms));
  }
  return properties;
}

Properties state_properties(const KafkaSettings& settings) {
  Properties properties = fetching(settings);
  // What has been trimmed meanwhile is left out.
  properties.emplace_back("auto.offset.reset", "earliest");
  properties.emplace_back("statistics.interval.ms", "0");
  return properties;
}

Properties asking_properties() {
  return {{"isolation.level", "read_uncommitted"},
          {"enable.auto.commit", "false"},
          {"statistics.interval.ms", "0"}};
}

Properties outsider_properties(const KafkaSettings& settings) {
  return {{"group.id", settings.app},
          {"isolation.level", "read_committed"},
          {"enable.auto.commit", "false"},
          {"statistics.interval.ms", "0"}};
}

}  // namespace tocsin
