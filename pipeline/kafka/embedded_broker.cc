#include "pipeline/kafka/embedded_broker.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <utility>

#include "pipeline/kafka/c11_threads.h"
#include "pipeline/kafka/client.h"

namespace tocsin {
namespace {

struct ClusterDeleter {
  void operator()(rd_kafka_mock_cluster_t* cluster) const {
    rd_kafka_mock_cluster_destroy(cluster);
  }
};

}  // namespace

struct EmbeddedBroker::Inside {
  int brokers = 1;
  RdPtr<rd_kafka_t> client;  // Owns the cluster's thread.
  std::unique_ptr<rd_kafka_mock_cluster_t, ClusterDeleter> cluster;
};

EmbeddedBroker::EmbeddedBroker(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
EmbeddedBroker::~EmbeddedBroker() = default;

Result<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::start(int brokers) {
  link_c11_threads();
  auto inside = std::make_unique<Inside>();
  RdPtr<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  std::array<char, 256> why{};
  inside->client.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), why.data(), why.size()));
  if (!inside->client) return Error{std::string("cannot start the embedded broker: ") + why.data()};
  static_cast<void>(conf.release());  // The client owns it now.
  inside->brokers = brokers;
  inside->cluster.reset(rd_kafka_mock_cluster_new(inside->client.get(), brokers));
  if (!inside->cluster) return Error{"cannot start the embedded broker: no free loopback port"};
  return std::unique_ptr<EmbeddedBroker>(new EmbeddedBroker(std::move(inside)));
}

std::string EmbeddedBroker::bootstrap() const {
  return rd_kafka_mock_cluster_bootstraps(inside_->cluster.get());
}

Result<void> EmbeddedBroker::create_topic(const std::string& name, int partitions) {
  const auto error =
      rd_kafka_mock_topic_create(inside_->cluster.get(), name.c_str(), partitions, 1);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return Error{"cannot create topic " + name + ": " + rd_kafka_err2str(error)};
}

void EmbeddedBroker::set_reachable(bool reachable) {
  for (int id = 1; id <= inside_->brokers; ++id) {
    if (reachable) {
      rd_kafka_mock_broker_set_up(inside_->cluster.get(), id);
    } else {
      rd_kafka_mock_broker_set_down(inside_->cluster.get(), id);
    }
  }
}

}  // namespace tocsin
