#include "pipeline/kafka/kafka_admin.h"

#include <algorithm>
#include <charconv>
#include <thread>

#include "pipeline/kafka/client.h"
#include "pipeline/kafka/client_properties.h"
#include "pipeline/kafka/list_questions.h"
#include "pipeline/kafka/topic_requests.h"
#include "pipeline/log/topic_expression.h"

namespace tocsin {
namespace {

using std::chrono::milliseconds;

constexpr auto kSlice = milliseconds(1000);
constexpr auto kSeenAgain = milliseconds(20);
constexpr auto kConfigPatience = milliseconds(3000);

bool contains(std::span<const std::string> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// Names, and expressions that begin with `^`.
bool matches_any(std::span<const std::string> wanted, const std::string& topic) {
  return std::ranges::any_of(wanted, [&](const std::string& name) {
    if (!name.starts_with('^')) return name == topic;
    const auto expression = TopicExpression::make(name);
    return expression && expression->matches(topic);
  });
}

using MetadataTopics = std::span<const rd_kafka_metadata_topic_t>;

void add(ClusterView& view, const rd_kafka_metadata_topic_t& topic) {
  if (view.find(topic.topic) != nullptr) return;
  view.topics.push_back({.name = topic.topic,
                         .partitions = topic.partition_cnt,
                         .max_message_bytes = {},
                         .config = {}});
}

void add_matches(ClusterView& view, const std::string& expression, MetadataTopics topics,
                 const std::vector<std::string>& never_read) {
  const auto compiled = TopicExpression::make(expression);
  bool is_matched = false;
  for (const auto& topic : topics) {
    if (!compiled || !compiled->matches(topic.topic) || matches_any(never_read, topic.topic) ||
        contains(kafkas_own_topics(), topic.topic)) {
      continue;
    }
    add(view, topic);
    is_matched = true;
  }
  if (!is_matched) view.unmatched.push_back(expression);
}

void add_named(ClusterView& view, const std::string& name, MetadataTopics topics) {
  const auto found = std::ranges::find_if(topics, [&name](const auto& topic) {
    return name == topic.topic && topic.partition_cnt > 0;
  });
  if (found == topics.end()) {
    view.missing.push_back(name);
  } else {
    add(view, *found);
  }
}

ClusterView view_of(const rd_kafka_metadata_t& data, std::span<const std::string> wanted,
                    const std::vector<std::string>& never_read) {
  ClusterView view{.brokers = data.broker_cnt};
  const MetadataTopics topics(data.topics, static_cast<std::size_t>(data.topic_cnt));
  for (const std::string& name : wanted) {
    if (name.starts_with('^')) {
      add_matches(view, name, topics, never_read);
    } else {
      add_named(view, name, topics);
    }
  }
  std::ranges::sort(view.topics, {}, &TopicView::name);
  return view;
}

std::map<std::string, std::string, std::less<>> config_of(
    const rd_kafka_ConfigResource_t* resource) {
  std::map<std::string, std::string, std::less<>> config;
  std::size_t count = 0;
  const auto* entries = rd_kafka_ConfigResource_configs(resource, &count);
  for (const auto* entry : std::span(entries, count)) {
    const char* value = rd_kafka_ConfigEntry_value(entry);
    if (value != nullptr) config.emplace(rd_kafka_ConfigEntry_name(entry), value);
  }
  return config;
}

std::optional<std::int64_t> number_in(const TopicView& topic, std::string_view name) {
  const auto found = topic.config.find(name);
  if (found == topic.config.end()) return std::nullopt;
  const std::string& text = found->second;
  std::int64_t number = 0;
  const bool is_number =
      std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
  return is_number ? std::optional(number) : std::nullopt;
}

TopicChanged changed(const TopicAnswer& answer) {
  if (answer.is_ok() || answer.is_there_already()) return {};
  if (answer.is_unsupported()) return {TopicChange::unsupported, answer.reason};
  return {answer.is_refused() ? TopicChange::refused : TopicChange::try_again, answer.reason};
}

}  // namespace

const TopicView* ClusterView::find(std::string_view name) const {
  const auto found = std::ranges::find(topics, name, &TopicView::name);
  return found == topics.end() ? nullptr : &*found;
}

struct KafkaAdmin::Inside {
  /// Asks the brokers for the topics' limits; what does not come stays unknown.
  void describe(ClusterView& view) const;

  KafkaSettings settings;
  ClientContext context;
  RdPtr<rd_kafka_t> client;
  RdPtr<rd_kafka_queue_t> answers;
};

void KafkaAdmin::Inside::describe(ClusterView& view) const {
  if (view.topics.empty()) return;
  std::vector<RequestPtr<rd_kafka_ConfigResource_t>> resources;
  std::vector<rd_kafka_ConfigResource_t*> pointers;
  for (const TopicView& topic : view.topics) {
    resources.emplace_back(
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.name.c_str()));
    pointers.push_back(resources.back().get());
  }
  rd_kafka_DescribeConfigs(client.get(), pointers.data(), pointers.size(), nullptr, answers.get());
  const RdPtr<rd_kafka_event_t> answer(
      rd_kafka_queue_poll(answers.get(), static_cast<int>(kConfigPatience.count())));
  const auto* result = answer ? rd_kafka_event_DescribeConfigs_result(answer.get()) : nullptr;
  if (result == nullptr || rd_kafka_event_error(answer.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    view.untold = answer ? rd_kafka_event_error_string(answer.get()) : "nobody answers in time";
    return;
  }
  std::size_t count = 0;
  const auto** described = rd_kafka_DescribeConfigs_result_resources(result, &count);
  for (const auto* resource : std::span(described, count)) {
    const auto topic = std::ranges::find(
        view.topics, std::string_view(rd_kafka_ConfigResource_name(resource)), &TopicView::name);
    if (topic == view.topics.end()) continue;
    if (rd_kafka_ConfigResource_error(resource) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      view.untold = topic->name + ": " + rd_kafka_ConfigResource_error_string(resource);
      continue;
    }
    topic->config = config_of(resource);
    topic->max_message_bytes = number_in(*topic, "max.message.bytes");
  }
}

KafkaAdmin::KafkaAdmin(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
KafkaAdmin::~KafkaAdmin() = default;

Result<std::unique_ptr<KafkaAdmin>> KafkaAdmin::make(const KafkaSettings& settings, KafkaLog log,
                                                     KafkaHealth& health) {
  auto inside = std::make_unique<Inside>();
  inside->settings = settings;
  inside->context.log = std::move(log);
  inside->context.health = &health;
  auto made =
      make_client(ClientKind::consumer, settings, asking_properties(), inside->context, nullptr);
  if (!made) return made.error();
  inside->client = std::move(*made);
  inside->answers.reset(rd_kafka_queue_new(inside->client.get()));
  return std::unique_ptr<KafkaAdmin>(new KafkaAdmin(std::move(inside)));
}

Result<ClusterView> KafkaAdmin::look(std::span<const std::string> topics, milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    const auto slice = std::clamp(left, milliseconds(1), kSlice);
    const rd_kafka_metadata_t* data = nullptr;
    const auto error = rd_kafka_metadata(inside_->client.get(), 1, nullptr, &data,
                                         static_cast<int>(slice.count()));
    const RdPtr<const rd_kafka_metadata_t> owner(data);
    rd_kafka_poll(inside_->client.get(), 0);  // Errors, for the health.
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ClusterView view = view_of(*data, topics, inside_->settings.never_read);
      if (has_controller(inside_->client.get(), *data)) {
        inside_->describe(view);
      } else {
        view.untold = "this broker does not tell settings";
      }
      return view;
    }
    if (left > milliseconds(0) && !inside_->context.dead) continue;
    std::string reason = inside_->context.health->last_error();
    if (inside_->context.dead) reason = *inside_->context.dead;
    if (reason.empty()) reason = rd_kafka_err2str(error);
    return Error{"no broker answers: " + reason};
  }
}

TopicChanged KafkaAdmin::make_topic(const NewTopic& topic, milliseconds patience) {
  return changed(ask_for_topic(inside_->client.get(), topic, patience));
}

TopicChanged KafkaAdmin::widen_topic(const std::string& name, std::int32_t partitions,
                                     milliseconds patience) {
  return changed(ask_for_partitions(inside_->client.get(), name, partitions, patience));
}

Result<std::vector<Watermarks>> KafkaAdmin::watermarks(std::span<const TopicPartition> partitions,
                                                       milliseconds patience) {
  const Asker asker{.client = inside_->client.get(), .context = inside_->context};
  const auto low = ask_offsets(asker, partitions, kEarliestTime, patience);
  if (!low.answer) return Error{low.reason};
  const auto high = ask_offsets(asker, partitions, kLatestTime, patience);
  if (!high.answer) return Error{high.reason};
  std::vector<Watermarks> marks;
  for (std::size_t i = 0; i < partitions.size(); ++i)
    marks.push_back({.low = (*low.answer)[i], .high = (*high.answer)[i]});
  return marks;
}

Result<void> KafkaAdmin::delete_records(std::span<const TopicPartition> partitions,
                                        milliseconds patience) {
  if (partitions.empty()) return {};
  rd_kafka_t* client = inside_->client.get();
  const auto list = list_of(partitions, RD_KAFKA_OFFSET_END);
  const RequestPtr<rd_kafka_DeleteRecords_t> request(rd_kafka_DeleteRecords_new(list.get()));
  const auto options = options_for(client, RD_KAFKA_ADMIN_OP_DELETERECORDS, patience);
  rd_kafka_DeleteRecords_t* pointer = request.get();
  rd_kafka_DeleteRecords(client, &pointer, 1, options.get(), inside_->answers.get());
  const RdPtr<rd_kafka_event_t> event(rd_kafka_queue_poll(
      inside_->answers.get(), static_cast<int>((patience + kAnswerGrace).count())));
  if (!event) return Error{"records are not deleted: nobody answers"};
  const auto* result = rd_kafka_event_DeleteRecords_result(event.get());
  if (result == nullptr || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* why = rd_kafka_event_error_string(event.get());
    return Error{std::string("records are not deleted: ") +
                 (why != nullptr ? why : "an odd answer")};
  }
  for (const auto& one : elements_of(*rd_kafka_DeleteRecords_result_offsets(result))) {
    if (one.err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    return Error{std::string("records of ") + one.topic + "/" + std::to_string(one.partition) +
                 " are not deleted: " + rd_kafka_err2name(one.err) + ": " +
                 rd_kafka_err2str(one.err)};
  }
  return {};
}

Result<void> KafkaAdmin::create(const NewTopic& topic, milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const TopicChanged made = make_topic(topic, patience);
  if (made.change != TopicChange::done) {
    return Error{"cannot create topic " + topic.name + ": " + made.reason};
  }
  // It is made, but a broker learns of it a moment later.
  while (std::chrono::steady_clock::now() < deadline) {
    const TopicAnswer seen = ask_partitions_of(inside_->client.get(), topic.name, kSlice);
    if (seen.is_ok() && seen.partitions > 0) return {};
    std::this_thread::sleep_for(kSeenAgain);  // Back-off at the edge.
  }
  return Error{"topic " + topic.name + " was created, but no broker has it yet"};
}

}  // namespace tocsin
