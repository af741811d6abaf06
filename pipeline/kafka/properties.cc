#include "pipeline/kafka/properties.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "pipeline/kafka/client.h"
#include "pipeline/kafka/client_properties.h"

namespace tocsin {
namespace {

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using ConfPtr = std::unique_ptr<rd_kafka_conf_t, ConfDeleter>;

struct Refusal {
  std::string_view name;
  std::string_view reason;
};

constexpr std::string_view kExactlyOnce =
    "is set by tocsin: another value would break exactly-once";
constexpr std::string_view kDelivery =
    "is set by tocsin: it decides when a transaction's records count as stored";
constexpr std::string_view kCallback = "is a matter of code, not of configuration";
constexpr std::string_view kBrokers = "is set by tocsin: name the brokers in `kafka.brokers`";
constexpr std::string_view kCommits =
    "is set by tocsin: offsets are committed in the transaction of their results";
constexpr std::string_view kLegacyOffsets = "belongs to a client that tocsin does not use";
constexpr std::string_view kPlaces =
    "is set by tocsin: records go where Java's producer would put them";
constexpr std::string_view kQueue = "is set by tocsin: epochs bound what is under way";
constexpr std::string_view kOrder = "is set by tocsin: it decides the order of records";

// Alphabetical. Everything whose other values would break a promise, or that we own.
constexpr std::array kRefusals{
    Refusal{"acks", kExactlyOnce},
    Refusal{"allow.auto.create.topics", "is set by tocsin: a missing topic is refused at start"},
    Refusal{"auto.commit.enable", kCommits},
    Refusal{"auto.commit.interval.ms", kCommits},
    Refusal{"auto.offset.reset",
            "is set by tocsin: a missing offset is never guessed, because events would be lost or "
            "repeated"},
    Refusal{"bootstrap.servers", kBrokers},
    Refusal{"consume.callback.max.messages", "is set by tocsin: it bounds a batch"},
    Refusal{"default_topic_conf", kCallback},
    Refusal{"delivery.report.only.error", kDelivery},
    Refusal{"delivery.timeout.ms", kDelivery},
    Refusal{"enable.auto.commit", kCommits},
    Refusal{"enable.auto.offset.store", kCommits},
    Refusal{"enable.gapless.guarantee", kExactlyOnce},
    Refusal{"enable.idempotence", kExactlyOnce},
    Refusal{"enable.partition.eof", "is set by tocsin: it must know where a partition ends"},
    Refusal{"enabled_events", kCallback},
    Refusal{"group.id", "is set by tocsin: the group is named by `app`"},
    Refusal{"group.instance.id", "is set by tocsin: from the pod's or the host's name"},
    Refusal{"group.protocol", "is set by tocsin: it relies on the classic protocol's generations"},
    Refusal{"group.protocol.type", "is set by tocsin: it is always a consumer group"},
    Refusal{"group.remote.assignor", "is set by tocsin: the assignment is eager"},
    Refusal{"internal.termination.signal", kCallback},
    Refusal{"isolation.level", kExactlyOnce},
    Refusal{"log.queue", kCallback},
    Refusal{"max.in.flight", kOrder},
    Refusal{"max.in.flight.requests.per.connection", kOrder},
    Refusal{"message.send.max.retries", kDelivery},
    Refusal{"message.timeout.ms", kDelivery},
    Refusal{"metadata.broker.list", kBrokers},
    Refusal{"msg_order_cmp", kCallback},
    Refusal{"offset.store.method", kLegacyOffsets},
    Refusal{"offset.store.path", kLegacyOffsets},
    Refusal{"offset.store.sync.interval.ms", kLegacyOffsets},
    Refusal{"opaque", kCallback},
    Refusal{"partition.assignment.strategy", "is set by tocsin: the assignment is eager"},
    Refusal{"partitioner", kPlaces},
    Refusal{"plugin.library.paths", "would load foreign code into the daemon"},
    Refusal{"queue.buffering.backpressure.threshold", "must be 1 for an idempotent producer"},
    Refusal{"queue.buffering.max.kbytes", kQueue},
    Refusal{"queue.buffering.max.messages", kQueue},
    Refusal{"queuing.strategy", kOrder},
    Refusal{"request.required.acks", kExactlyOnce},
    Refusal{"retries", kDelivery},
    Refusal{"ssl_ca", kCallback},
    Refusal{"ssl_certificate", kCallback},
    Refusal{"ssl_engine_callback_data", kCallback},
    Refusal{"ssl_key", kCallback},
    Refusal{"statistics.interval.ms", "is set by tocsin: its own metrics carry these numbers"},
    Refusal{"sticky.partitioning.linger.ms", kPlaces},
    Refusal{"topic.blacklist", "is set by tocsin: it keeps the daemon from reading its own output"},
    Refusal{"transaction.timeout.ms",
            "is set by tocsin: short, because an open transaction holds back the readers of its "
            "topics"},
    Refusal{"transactional.id", "is set by tocsin: from `app`, the pod's name and the lane"},
};

constexpr bool before(const Refusal& a, std::string_view name) { return a.name < name; }

static_assert(std::ranges::is_sorted(kRefusals, {}, &Refusal::name));

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \n\r\t";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// librdkafka answers about the name it knows, where the user may have written an alias.
std::string in_the_words_of(std::string_view name, std::string_view answer) {
  constexpr std::string_view kBefore = "Configuration property \"";
  std::string text(trimmed(answer));
  const auto start = text.find(kBefore);
  if (start == std::string::npos) return text;
  const auto from = start + kBefore.size();
  const auto end = text.find('"', from);
  if (end != std::string::npos) text.replace(from, end - from, name);
  return text;
}

// librdkafka's own table of properties, as it prints it for its documentation.
std::string documentation() {
  char* text = nullptr;
  std::size_t size = 0;
  FILE* file = open_memstream(&text, &size);
  if (file == nullptr) return {};
  rd_kafka_conf_properties_show(file);
  std::fclose(file);
  std::string copy(text, size);
  std::free(text);  // NOLINT(cppcoreguidelines-no-malloc): open_memstream's.
  return copy;
}

// A line is `name | C, P or * | ...`; headings and rules are not.
std::optional<KnownProperty> property_of(std::string_view line) {
  const auto bar = line.find('|');
  if (bar == std::string_view::npos) return std::nullopt;
  const auto second = line.find('|', bar + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto who = trimmed(line.substr(bar + 1, second - bar - 1));
  if (who != "C" && who != "P" && who != "*") return std::nullopt;
  return KnownProperty{std::string(trimmed(line.substr(0, bar))), who != "P", who != "C"};
}

}  // namespace

Result<void> try_property(std::string_view name, std::string_view value) {
  const ConfPtr conf(rd_kafka_conf_new());
  std::array<char, 512> why{};
  const auto answer = rd_kafka_conf_set(conf.get(), std::string(name).c_str(),
                                        std::string(value).c_str(), why.data(), why.size());
  if (answer == RD_KAFKA_CONF_OK) return {};
  return Error{in_the_words_of(name, why.data())};
}

Result<void> try_clients(const KafkaSettings& settings) {
  KafkaSettings own = settings;
  own.brokers.clear();
  // What lies in files may only be there where the daemon runs.
  std::erase_if(own.properties, [](const auto& property) {
    return property.first.find("location") != std::string::npos ||
           property.first.find("keytab") != std::string::npos;
  });
  ClientContext context;
  if (auto reader =
          make_client(ClientKind::consumer, own, reader_properties(own), context, nullptr);
      !reader)
    return reader.error();
  if (auto writer =
          make_client(ClientKind::producer, own, writer_properties(own), context, nullptr);
      !writer)
    return writer.error();
  return {};
}

std::optional<std::string> why_refused(std::string_view name) {
  if (name.ends_with("_cb")) return std::string(kCallback);
  const auto* found = std::lower_bound(kRefusals.begin(), kRefusals.end(), name, before);
  if (found == kRefusals.end() || found->name != name) return std::nullopt;
  return std::string(found->reason);
}

std::vector<KnownProperty> known_properties() {
  const std::string text = documentation();
  std::vector<KnownProperty> known;
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size() - 1);
    auto property = property_of(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    if (!property) continue;
    const auto same = std::ranges::find(known, property->name, &KnownProperty::name);
    if (same == known.end()) {
      known.push_back(std::move(*property));
    } else {  // A property of topics may have the name of a global one.
      same->consumer |= property->consumer;
      same->producer |= property->producer;
    }
  }
  return known;
}

std::vector<std::string> settable_properties() {
  std::vector<std::string> names;
  for (auto& property : known_properties()) {
    if (!why_refused(property.name)) names.push_back(std::move(property.name));
  }
  return names;
}

}  // namespace tocsin
