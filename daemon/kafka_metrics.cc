// What librdkafka says of its clients.

#include <array>
#include <utility>

#include "daemon/metric.h"

namespace tocsin {
namespace {

template <Counter KafkaHealth::*Member>
void by_client(const Scrape& scrape, Samples& samples) {
  const std::array<std::pair<std::string_view, const KafkaHealth*>, 2> clients{
      {{"consumer", scrape.clients.consumer}, {"producer", scrape.clients.producer}}};
  for (const auto& [name, health] : clients) {
    if (health != nullptr) samples.add({name}, (health->*Member).value());
  }
}

void errors(const Scrape& scrape, Samples& samples) {
  by_client<&KafkaHealth::errors>(scrape, samples);
  if (scrape.clients.state != nullptr) samples.add({"state"}, scrape.clients.state->client.errors);
}

template <Counter StateLogHealth::*Done, Counter StateLogHealth::*Other>
void by_result(const Scrape& scrape, Samples& samples, std::array<std::string_view, 2> results) {
  const StateLogHealth* state = scrape.clients.state;
  if (state == nullptr) return;
  samples.add({results[0]}, (state->*Done).value());
  samples.add({results[1]}, (state->*Other).value());
}

void topic_changes(const Scrape& scrape, Samples& samples) {
  by_result<&StateLogHealth::topics_made, &StateLogHealth::topics_grown>(scrape, samples,
                                                                         {"made", "widened"});
}

void trims(const Scrape& scrape, Samples& samples) {
  by_result<&StateLogHealth::trims, &StateLogHealth::failed_trims>(scrape, samples,
                                                                   {"done", "failed"});
}

void round_trip(const Scrape& scrape, Samples& samples) {
  Samples micros;
  by_client<&KafkaHealth::round_trip_micros>(scrape, micros);
  for (const Samples::Sample& sample : micros.all()) {
    samples.add({sample.labels.front()}, sample.value * 1e-6);
  }
}

constexpr std::array<Metric, 6> kMetrics{{
    {.name = "tocsin_kafka_brokers_up",
     .type = MetricType::gauge,
     .labels = {"client"},
     .help = "Brokers that a client has an open connection to",
     .collect = by_client<&KafkaHealth::brokers_up>},
    {.name = "tocsin_kafka_all_brokers_down",
     .type = MetricType::gauge,
     .labels = {"client"},
     .help = "1 while a client can reach no broker, else 0",
     .collect = by_client<&KafkaHealth::all_brokers_down>},
    {.name = "tocsin_kafka_errors_total",
     .type = MetricType::counter,
     .labels = {"client"},
     .help = "Errors of a client that waiting may mend",
     .collect = errors},
    {.name = "tocsin_kafka_round_trip_seconds",
     .type = MetricType::gauge,
     .labels = {"client"},
     .help = "Average time that the slowest broker takes to answer",
     .collect = round_trip},
    {.name = "tocsin_state_topic_changes_total",
     .type = MetricType::counter,
     .labels = {"change"},
     .help = "State topics made or widened while running, because their input is new or has grown",
     .collect = topic_changes},
    {.name = "tocsin_state_trims_total",
     .type = MetricType::counter,
     .labels = {"result"},
     .help = "Times that old records of a state partition were deleted, or could not be",
     .collect = trims},
}};

}  // namespace

std::span<const Metric> kafka_metrics() { return kMetrics; }

}  // namespace tocsin
