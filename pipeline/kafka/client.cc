#include "pipeline/kafka/client.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "pipeline/kafka/c11_threads.h"
#include "pipeline/kafka/properties.h"

namespace tocsin {
namespace {

constexpr std::size_t kMessageBytes = 512;

ClientContext& context_of(const rd_kafka_t* client) {
  return *static_cast<ClientContext*>(rd_kafka_opaque(client));
}

void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  const ClientContext& context = context_of(client);
  if (context.log) context.log(level, facility, text);
}

void on_error(rd_kafka_t* client, int code, const char* reason, void* opaque) {
  auto& context = *static_cast<ClientContext*>(opaque);
  const auto error = static_cast<rd_kafka_resp_err_t>(code);
  if (error == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, kMessageBytes> why{};
    const auto fatal = rd_kafka_fatal_error(client, why.data(), why.size());
    context.dead = std::string(rd_kafka_err2name(fatal)) + ": " + why.data();
    context.is_forbidden = is_authorisation(fatal);
  } else if (is_authorisation(error)) {
    context.dead = std::string(rd_kafka_err2name(error)) + ": " + reason;
    context.is_forbidden = true;
  }
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) context.health->all_brokers_down.set(1);
  context.health->note_error(std::string(rd_kafka_err2name(error)) + ": " + reason);
}

// The number after `name` in `text`, from `from` on.
std::uint64_t number_after(std::string_view text, std::string_view name, std::size_t from) {
  const auto at = text.find(name, from);
  std::uint64_t number = 0;
  if (at == std::string_view::npos) return number;
  const auto digits = text.substr(at + name.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

// Statistics are JSON of librdkafka's own making, one object a broker with its members in a fixed
// order; four members of each are all we want of them. A broker that answered has a node id, be it
// one we were told of or one learned since; a logical one (a coordinator) is another name of it.
int on_statistics(rd_kafka_t* /*client*/, char* json, std::size_t size, void* opaque) {
  KafkaHealth& health = *static_cast<ClientContext*>(opaque)->health;
  constexpr std::string_view kNode = R"("nodeid":)";
  const std::string_view text(json, size);
  const auto value_of = [&](std::string_view member, std::size_t from) {
    const auto at = text.find(member, from);
    return at == std::string_view::npos ? std::string_view() : text.substr(at + member.size());
  };
  std::uint64_t up = 0;
  std::uint64_t slowest = 0;
  for (auto at = text.find(kNode); at != std::string_view::npos; at = text.find(kNode, at + 1)) {
    const bool is_known = !text.substr(at + kNode.size()).starts_with('-');
    const bool is_logical = value_of(R"("source":")", at).starts_with("logical");
    if (!is_known || is_logical || !value_of(R"("state":")", at).starts_with("UP\"")) continue;
    ++up;
    slowest = std::max(slowest, number_after(text, R"("avg":)", text.find(R"("rtt":)", at)));
  }
  health.brokers_up.set(up);
  health.round_trip_micros.set(slowest);
  if (up > 0) health.all_brokers_down.set(0);
  return 0;
}

Result<void> set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, kMessageBytes> why{};
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why.data(), why.size()) !=
      RD_KAFKA_CONF_OK) {
    return Error{std::string("librdkafka refuses a property: ") + why.data()};
  }
  return {};
}

// Every property that librdkafka knows, asked once.
const std::vector<KnownProperty>& all_properties() {
  static const std::vector<KnownProperty> all = known_properties();
  return all;
}

bool is_for(ClientKind kind, std::string_view name) {
  const auto& known = all_properties();
  const auto found = std::ranges::find(known, name, &KnownProperty::name);
  if (found == known.end()) return true;  // librdkafka shall say what is wrong with it.
  return kind == ClientKind::consumer ? found->consumer : found->producer;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += ',';
    text += word;
  }
  return text;
}

Properties for_both(const KafkaSettings& settings) {
  return {{"bootstrap.servers", joined(settings.brokers)},
          {"client.id", "tocsin"},
          {"statistics.interval.ms", "5000"},
          {"log.connection.close", "false"},
          {"socket.keepalive.enable", "true"},
          // Commits are small requests that someone waits for; Nagle would add 40 ms to each.
          {"socket.nagle.disable", "true"},
          {"reconnect.backoff.max.ms", "3000"},
          {"allow.auto.create.topics", "false"}};
}

}  // namespace

bool is_authorisation(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return true;
    default:
      return false;
  }
}

bool has_property(std::string_view name) {
  return std::ranges::find(all_properties(), name, &KnownProperty::name) != all_properties().end();
}

Result<RdPtr<rd_kafka_t>> make_client(ClientKind kind, const KafkaSettings& settings,
                                      const Properties& ours, ClientContext& context,
                                      void (*prepare)(rd_kafka_conf_t*)) {
  link_c11_threads();
  RdPtr<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  Properties properties = for_both(settings);
  properties.insert(properties.end(), ours.begin(), ours.end());
  for (const auto& property : settings.properties) {
    if (is_for(kind, property.first)) properties.push_back(property);
  }
  for (const auto& [name, value] : properties) {
    if (!is_for(kind, name)) continue;
    if (auto done = set(conf.get(), name, value); !done) return done.error();
  }
  rd_kafka_conf_set_opaque(conf.get(), &context);
  rd_kafka_conf_set_log_cb(conf.get(), on_log);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  rd_kafka_conf_set_stats_cb(conf.get(), on_statistics);
  if (prepare != nullptr) prepare(conf.get());

  std::array<char, kMessageBytes> why{};
  const auto type = kind == ClientKind::consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER;
  RdPtr<rd_kafka_t> client(rd_kafka_new(type, conf.get(), why.data(), why.size()));
  if (!client) return Error{std::string("librdkafka refuses the configuration: ") + why.data()};
  static_cast<void>(conf.release());  // The client owns it now.
  return client;
}

void end_consumer(RdPtr<rd_kafka_t> client) {
  constexpr std::chrono::seconds kPatience{3};
  if (!client) return;
  // Its threads may outlive what the log's lines go to.
  rd_kafka_set_log_level(client.get(), -1);
  std::promise<void> ended;
  std::future<void> end = ended.get_future();
  std::thread([client = client.release(), ended = std::move(ended)]() mutable {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    ended.set_value();
  }).detach();
  end.wait_for(kPatience);
}

}  // namespace tocsin
