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

void round_trip(const Scrape& scrape, Samples& samples) {
  Samples micros;
  by_client<&KafkaHealth::round_trip_micros>(scrape, micros);
  for (const Samples::Sample& sample : micros.all()) {
    samples.add({sample.labels.front()}, sample.value * 1e-6);
  }
}

constexpr std::array<Metric, 4> kMetrics{{
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
     .collect = by_client<&KafkaHealth::errors>},
    {.name = "tocsin_kafka_round_trip_seconds",
     .type = MetricType::gauge,
     .labels = {"client"},
     .help = "Average time that the slowest broker takes to answer",
     .collect = round_trip},
}};

}  // namespace

std::span<const Metric> kafka_metrics() { return kMetrics; }

}  // namespace tocsin
