#include "daemon/metrics.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace tocsin {
namespace {

/// One stream with two detectors on two workers, each number different.
struct Watched {
  Watched() {
    for (int i = 0; i < 2; ++i) {
      auto worker = std::make_unique<WorkerCounters>();
      worker->streams.push_back(std::make_unique<StreamCounters>(2));
      flow.workers.push_back(std::move(worker));
    }
    metrics.watch(&flow);
    metrics.watch({.consumer = &consumer, .producer = &producer, .state = &state});
  }
  StreamCounters& stream(std::size_t worker) { return *flow.workers[worker]->streams[0]; }

  FlowCounters flow;
  KafkaHealth consumer;
  KafkaHealth producer;
  StateLogHealth state;
  Metrics metrics{{.app = "watch",
                   .config_hash = "0123456789abcdef",
                   .delivery = "exactly_once",
                   .streams = {{.stream = "api",
                                .detectors = {"spike", "range"},
                                .kinds = {"spike", "drop", "range", "range"}}},
                   .queue_capacity_batches = 64,
                   .memory_max_bytes = 1024}};
};

/// The value of the one line that begins with `name` and its labels.
std::string value_of(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.rfind(name + " ", 0) == 0) return line.substr(name.size() + 1);
  }
  return "absent";
}

TEST(Metrics, AreExactlyThoseOfTheTable) {
  Watched watched;
  std::map<std::string, std::string> exposed;  // Name to type.
  std::istringstream lines(watched.metrics.scrape());
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string hash, what, name, type;
    words >> hash >> what >> name >> type;
    if (what == "TYPE") {
      EXPECT_TRUE(exposed.emplace(name, type).second) << name << " twice";
    }
  }

  std::map<std::string, std::string> declared;
  for (const Metric& metric : all_metrics()) {
    declared[std::string(metric.name)] = name_of(metric.type);
  }
  EXPECT_EQ(exposed, declared);
}

TEST(Metrics, HaveALabelValueForEachLabelName) {
  Watched watched;
  const MetricsSubject subject{.streams = {{.stream = "api", .detectors = {"spike", "range"}}}};
  watched.flow.set_committed("in", 3, 1, 1000);
  watched.flow.set_high("in", 3, 2);
  for (const Metric& metric : all_metrics()) {
    Samples samples;
    metric.collect({.subject = subject, .flow = &watched.flow, .process = {}, .now_seconds = 2},
                   samples);
    for (const Samples::Sample& sample : samples.all()) {
      EXPECT_EQ(sample.labels.size(), metric.label_count()) << metric.name;
      EXPECT_EQ(sample.distribution.has_value(), metric.type == MetricType::histogram)
          << metric.name;
    }
  }
}

TEST(Metrics, AddUpTheWorkers) {
  Watched watched;
  watched.stream(0).scored.add(3);
  watched.stream(1).scored.add(4);
  watched.stream(1).rejected[static_cast<std::size_t>(RejectReason::far_future)].add(2);
  watched.stream(0).promised_anomalies_millionths.add(1'500'000);
  watched.stream(0).promised_incidents_millionths.add(20'000);
  watched.stream(1).promised_incidents_millionths.add(30'000);

  const std::string text = watched.metrics.scrape();

  EXPECT_EQ(value_of(text, R"(tocsin_events_total{stream="api",outcome="scored"})"), "7");
  EXPECT_EQ(value_of(text, R"(tocsin_events_total{stream="api",outcome="rejected"})"), "2");
  EXPECT_EQ(value_of(text, R"(tocsin_dead_letters_total{stream="api",reason="far_future"})"), "2");
  EXPECT_EQ(value_of(text, R"(tocsin_promised_anomalies_total{stream="api"})"), "1.5");
  EXPECT_EQ(value_of(text, R"(tocsin_promised_incidents_total{stream="api"})"), "0.05");
}

TEST(Metrics, AddUpTheLeadsOfOneKind) {
  Watched watched;
  watched.stream(0).incidents_opened[1].add(2);
  watched.stream(0).incidents_opened[2].add(3);
  watched.stream(1).incidents_opened[3].add(4);
  watched.stream(1).incidents_opened[4].add(5);

  const std::string text = watched.metrics.scrape();

  EXPECT_EQ(value_of(text, R"(tocsin_incidents_total{stream="api",kind="spike"})"), "0");
  EXPECT_EQ(value_of(text, R"(tocsin_incidents_total{stream="api",kind="drop"})"), "2");
  EXPECT_EQ(value_of(text, R"(tocsin_incidents_total{stream="api",kind="range"})"), "7");
  EXPECT_EQ(value_of(text, R"(tocsin_incidents_total{stream="api",kind="anomaly"})"), "5");
}

TEST(Metrics, CountDurationsInCumulativeBuckets) {
  Watched watched;
  watched.flow.epoch_seconds.observe(0.2);
  watched.flow.epoch_seconds.observe(0.02);
  watched.flow.epoch_seconds.observe(60);

  const std::string text = watched.metrics.scrape();

  EXPECT_EQ(value_of(text, R"(tocsin_epoch_duration_seconds_bucket{le="0.025"})"), "1");
  EXPECT_EQ(value_of(text, R"(tocsin_epoch_duration_seconds_bucket{le="0.25"})"), "2");
  EXPECT_EQ(value_of(text, R"(tocsin_epoch_duration_seconds_bucket{le="+Inf"})"), "3");
  EXPECT_EQ(value_of(text, "tocsin_epoch_duration_seconds_count"), "3");
}

TEST(Metrics, TellTheClientsOfKafkaApart) {
  Watched watched;
  watched.consumer.errors.add(2);
  watched.producer.round_trip_micros.set(1500);
  watched.state.client.errors.add(3);
  watched.state.trims.add(7);
  watched.state.failed_trims.add();
  watched.state.topics_made.add();

  const std::string text = watched.metrics.scrape();

  EXPECT_EQ(value_of(text, R"(tocsin_kafka_errors_total{client="consumer"})"), "2");
  EXPECT_EQ(value_of(text, R"(tocsin_kafka_errors_total{client="producer"})"), "0");
  EXPECT_EQ(value_of(text, R"(tocsin_kafka_round_trip_seconds{client="producer"})"), "0.0015");
  EXPECT_EQ(value_of(text, R"(tocsin_kafka_errors_total{client="state"})"), "3");
  EXPECT_EQ(value_of(text, R"(tocsin_state_trims_total{result="done"})"), "7");
  EXPECT_EQ(value_of(text, R"(tocsin_state_trims_total{result="failed"})"), "1");
  EXPECT_EQ(value_of(text, R"(tocsin_state_topic_changes_total{change="made"})"), "1");
}

TEST(Metrics, SayNothingOfALagThatIsUnknown) {
  Watched watched;
  watched.flow.set_committed("in", 0, 10, -1);
  watched.flow.set_high("in", 0, 15);
  watched.flow.set_high("in", 1, 15);
  watched.flow.set_committed("in", 2, 15, 1000);
  watched.flow.set_high("in", 2, 15);

  const std::string text = watched.metrics.scrape();

  EXPECT_EQ(value_of(text, R"(tocsin_consumer_lag_records{topic="in",partition="0"})"), "5");
  EXPECT_EQ(value_of(text, R"(tocsin_consumer_lag_records{topic="in",partition="1"})"), "absent");
  EXPECT_EQ(value_of(text, R"(tocsin_consumer_lag_seconds{topic="in",partition="0"})"), "absent");
  EXPECT_EQ(value_of(text, R"(tocsin_consumer_lag_seconds{topic="in",partition="2"})"), "0");
}

TEST(Metrics, KnowTheProcess) {
  const Metrics metrics{MetricsSubject{}};

  const std::string text = metrics.scrape();

  EXPECT_GT(std::stod(value_of(text, "process_resident_memory_bytes")), 1e6);
  EXPECT_GT(std::stod(value_of(text, "process_open_fds")), 2);
  EXPECT_GT(std::stod(value_of(text, "process_start_time_seconds")), 1.6e9);
}

TEST(Metrics, AreDocumentedForOperators) {
  std::ifstream file(TOCSIN_SOURCE "/deploy/README.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};

  EXPECT_NE(text.find("\n" + metrics_markdown()), std::string::npos)
      << "deploy/README.md must hold this table:\n"
      << metrics_markdown();
}

/// TOCSIN_PROMTOOL, or promtool in PATH or where tests/run unpacks it; empty where there is none.
std::string promtool() {
  if (const char* const chosen = std::getenv("TOCSIN_PROMTOOL")) return chosen;
  if (std::system("command -v promtool > /dev/null 2>&1") == 0) return "promtool";
  const std::string unpacked = TOCSIN_SOURCE "/build/tools/usr/bin/promtool";
  return std::filesystem::exists(unpacked) ? unpacked : "";
}

TEST(Metrics, PleasePromtool) {
  const std::string tool = promtool();
  if (tool.empty()) {
    std::puts("there is no promtool here; tests/run fetches it");
    return;
  }
  Watched watched;
  watched.flow.set_committed("in", 3, 1, 1000);
  watched.flow.set_high("in", 3, 2);

  std::signal(SIGPIPE, SIG_IGN);  // A tool that cannot run is a failure of this test, not its end.
  std::FILE* const pipe = popen((tool + " check metrics 2>&1").c_str(), "w");
  ASSERT_NE(pipe, nullptr);
  const std::string text = watched.metrics.scrape();
  std::fwrite(text.data(), 1, text.size(), pipe);

  EXPECT_EQ(pclose(pipe), 0) << "`" << tool << " check metrics` complains above, or cannot run";
}

}  // namespace
}  // namespace tocsin
