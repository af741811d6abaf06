// The program as a process: exit codes, outputs, signals, probes.

#include <gtest/gtest.h>
#include <httplib.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <sstream>
#include <string>

#include "daemon/vital_feed.h"
#include "pipeline/kafka/embedded_broker.h"
#include "tests/process.h"
#include "tests/scratch.h"

namespace tocsin {
namespace {

using std::chrono::seconds;

const std::string kProgram = TOCSIN_PROGRAM;

constexpr const char* kGood =
    "kafka: {brokers: [localhost:9092]}\n"
    "streams:\n"
    "  - topics: [api-metrics]\n";

TEST(Program, HelpsOnRequestAndWhenItIsUsedWrongly) {
  const auto helped = run_to_end(kProgram, {"--help"});
  const auto nothing = run_to_end(kProgram, {});
  const auto wrong = run_to_end(kProgram, {"check", "--confg", "x"});

  EXPECT_EQ(helped.exit_code, 0);
  EXPECT_NE(helped.out.find("Examples:"), std::string::npos);
  EXPECT_EQ(helped.err, "");
  EXPECT_EQ(nothing.exit_code, 64);
  EXPECT_EQ(nothing.out, "");
  EXPECT_EQ(wrong.exit_code, 64);
  EXPECT_NE(wrong.err.find("--config"), std::string::npos);
}

TEST(Program, PrintsWhatItKnows) {
  const auto detectors = run_to_end(kProgram, {"detectors"});
  const auto schema = run_to_end(kProgram, {"schema"});
  const auto reference = run_to_end(kProgram, {"reference"});
  const auto version = run_to_end(kProgram, {"version", "--json"});

  EXPECT_EQ(detectors.exit_code + schema.exit_code + reference.exit_code + version.exit_code, 0);
  EXPECT_NE(detectors.out.find("\nspike\n"), std::string::npos);
  EXPECT_NE(detectors.out.find("blind to"), std::string::npos);
  EXPECT_EQ(schema.out.substr(0, 1), "{");
  EXPECT_EQ(reference.out.substr(0, 2), "# ");
  EXPECT_NE(version.out.find("\"librdkafka\":\""), std::string::npos);
}

TEST(Program, FailsWhereItCannotPrint) {
  for (const char* command : {"schema", "reference", "detectors", "version", "--help"}) {
    const auto printed =
        run_to_end("/bin/sh", {"-c", std::string(kProgram) + " " + command + " > /dev/full"});
    EXPECT_EQ(printed.exit_code, 1) << command;
    EXPECT_NE(printed.err.find("standard output cannot be written"), std::string::npos) << command;
  }
}

TEST(Check, SumsUpAConfigurationThatIsFine) {
  const Scratch scratch;
  const auto checked =
      run_to_end(kProgram, {"check", "--config", scratch.write("tocsin.yaml", kGood)});

  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_EQ(checked.err, "");
  EXPECT_NE(checked.out.find("stream api-metrics\n"), std::string::npos);
  EXPECT_NE(checked.out.find(" bytes an entity; "), std::string::npos);
  EXPECT_NE(checked.out.find("allowed (memory.max_bytes)"), std::string::npos);
  EXPECT_NE(checked.out.find(" is fine; "), std::string::npos);
}

TEST(Check, PrintsEveryMistakeWithoutColourAndFailsWith78) {
  const Scratch scratch;
  const std::string path = scratch.write(
      "tocsin.yaml", "kafka: {brokers: [localhost:9092]}\nstreams:\n  - topic: [a]\nhtpp: {}\n");

  const auto checked = run_to_end(kProgram, {"check", "--config", path});

  EXPECT_EQ(checked.exit_code, 78);
  EXPECT_EQ(checked.out, "");
  EXPECT_NE(checked.err.find(path + ":3:5: error: "), std::string::npos) << checked.err;
  EXPECT_NE(checked.err.find("did you mean `http`?"), std::string::npos) << checked.err;
  EXPECT_EQ(checked.err.find('\x1b'), std::string::npos);
}

TEST(Check, RefusesWhatDoesNotFitTheMemoryAllowed) {
  const Scratch scratch;
  const std::string path =
      scratch.write("tocsin.yaml", std::string(kGood) + "memory: {max_bytes: 64MiB}\n");

  const auto checked = run_to_end(kProgram, {"check", "--config", path});

  EXPECT_EQ(checked.exit_code, 78);
  EXPECT_NE(checked.err.find(path + ":"), std::string::npos) << checked.err;
  EXPECT_NE(checked.err.find("but memory.max_bytes is 64 MiB"), std::string::npos) << checked.err;
}

TEST(Check, SaysThatThereIsNoSuchFile) {
  const auto checked = run_to_end(kProgram, {"check", "--config", "/nonexistent/tocsin.yaml"});

  EXPECT_EQ(checked.exit_code, 78);
  EXPECT_NE(checked.err.find("/nonexistent/tocsin.yaml"), std::string::npos) << checked.err;
}

TEST(Replay, ScoresAFileAndCountsWhatItRejects) {
  const Scratch scratch;
  std::string csv = "time,entity,load\n";
  for (int i = 0; i < 300; ++i) {
    csv += std::to_string(1'790'000'000 + i) + ",a," + std::to_string(10 + i % 5) + "\n";
  }
  csv += "1790000300,a,1000\n1790000301,a,not-a-number\n1790000302,a\n";
  const std::string config = scratch.write(
      "tocsin.yaml",
      "kafka: {brokers: [unused:9092]}\nstreams:\n  - topics: [loads]\n    entity: [/entity]\n"
      "    time: {field: /time}\n    features: [{name: load, field: /load}]\n");

  const auto replayed =
      run_to_end(kProgram,
                 {"replay", "--config", config, "--alerts", "alerts.jsonl", "--dead-letters",
                  "rejected.jsonl", scratch.write("in.csv", csv)},
                 scratch.path());

  EXPECT_EQ(replayed.exit_code, 0) << replayed.err;
  std::istringstream lines(replayed.out);
  std::string line;
  int scored = 0;
  int anomalies = 0;
  while (std::getline(lines, line)) {
    ++scored;
    anomalies += line.find("\"is_anomaly\":true") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(scored, 301);
  EXPECT_GE(anomalies, 1);
  const auto is_filled = [&](const char* name) {
    return std::filesystem::file_size(std::filesystem::path(scratch.path()) / name) > 0;
  };
  EXPECT_TRUE(is_filled("alerts.jsonl"));
  EXPECT_TRUE(is_filled("rejected.jsonl"));
  EXPECT_EQ(replayed.err.find("warning"), std::string::npos) << replayed.err;
  EXPECT_NE(replayed.err.find("rejected    1 not_a_number, first row 301: /load is "
                              "\"not-a-number\", but must be a number.\n"),
            std::string::npos)
      << replayed.err;
  EXPECT_NE(replayed.err.find("undecodable, first row 302: The row has 2 cells, but the row of "
                              "column names 3.\n"),
            std::string::npos)
      << replayed.err;
}

TEST(Replay, SaysWhatItDoesNotWatchAndForgets) {
  const Scratch scratch;
  std::string csv = "host";
  for (int f = 0; f < 18; ++f) csv += ",f" + std::to_string(f);
  for (int i = 0; i < 400; ++i) {
    csv += "\nh" + std::to_string(i);
    for (int f = 0; f < 18; ++f) csv += "," + std::to_string(i % 7) + ".5";
  }
  const std::string config =
      scratch.write("tocsin.yaml",
                    "kafka: {brokers: [unused:9092]}\nstreams: [{topics: [wide], entity: /host}]\n"
                    "memory: {partition_bytes: 16MiB}\n");

  const auto replayed =
      run_to_end(kProgram, {"replay", "--config", config, scratch.write("in.csv", csv + "\n")});

  EXPECT_EQ(replayed.exit_code, 0) << replayed.err;
  // Two of each row but the first, with which the columns are given.
  EXPECT_NE(replayed.err.find("unwatched   798 numbers, in fields beyond `features_max`"),
            std::string::npos)
      << replayed.err;
  EXPECT_NE(replayed.err.find("\nevicted     "), std::string::npos) << replayed.err;
}

TEST(Replay, FailsOnAFileThatIsNotThere) {
  const Scratch scratch;
  const auto replayed = run_to_end(
      kProgram, {"replay", "--config", scratch.write("tocsin.yaml", kGood), "/nonexistent"});

  EXPECT_EQ(replayed.exit_code, 1);
  EXPECT_NE(replayed.err.find("/nonexistent"), std::string::npos);
}

/// `tocsin run` on an embedded broker or on none, with its HTTP address.
class Running {
 public:
  Running(const Scratch& scratch, const std::string& bootstrap,
          const std::string& topic_wait = "30s")
      : process_(kProgram, {"run", "--config",
                            scratch.write("tocsin.yaml",
                                          "app: test\n"
                                          "kafka: {brokers: [\"" +
                                              bootstrap + "\"], topic_wait: " + topic_wait +
                                              "}\n"
                                              "delivery: at_least_once\n"
                                              "streams:\n"
                                              "  - topics: [vital-signs]\n"
                                              "    time: {field: /time, unit: ms}\n"
                                              "http: {listen: \"127.0.0.1:0\"}\n")}) {
    const std::string member = "\"http\":\"127.0.0.1:";
    const auto log = process_.await_error(member, seconds(30));
    if (log) port_ = std::atoi(log->c_str() + log->find(member) + member.size());
  }

  Process& process() { return process_; }
  int port() const { return port_; }
  httplib::Result get(const char* path) const {
    return httplib::Client("127.0.0.1", port_).Get(path);
  }
  /// Asks until `is_right` is content with the answer, for at most half a minute.
  bool becomes(const char* path, const std::function<bool(const httplib::Response&)>& is_right) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(30);
    while (std::chrono::steady_clock::now() < deadline) {
      const auto reply = get(path);
      if (reply && is_right(*reply)) return true;
      if (process_.ends_within(std::chrono::milliseconds(100))) return false;
    }
    return false;
  }

 private:
  Process process_;
  int port_ = 0;
};

TEST(Run, WaitsForItsBrokersAndSaysSo) {
  const Scratch scratch;
  Running running(scratch, "127.0.0.1:1");
  ASSERT_GT(running.port(), 0);

  const auto ready = running.get("/readyz");
  const auto live = running.get("/livez");
  running.process().signal(SIGTERM);
  const auto ended = running.process().wait(seconds(20));

  ASSERT_TRUE(ready && live);
  EXPECT_EQ(ready->status, 503);
  EXPECT_NE(ready->body.find("{\"name\":\"brokers\",\"passes\":false"), std::string::npos)
      << ready->body;
  EXPECT_EQ(live->status, 200) << live->body;
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

TEST(Run, AsksAgainForTopicsThatAreNotThereYet) {
  const Scratch scratch;
  auto broker = EmbeddedBroker::start();
  ASSERT_TRUE(broker) << broker.error().message;
  for (const char* topic : {"vital-signs", "test-alerts", "test-state-vital-signs"})
    ASSERT_TRUE((*broker)->create_topic(topic, 1));
  Running running(scratch, (*broker)->bootstrap());
  ASSERT_GT(running.port(), 0);

  ASSERT_TRUE(running.process().await_error("topics are not there; asking again", seconds(20)));
  const auto waiting = running.get("/readyz");
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->status, 503);
  EXPECT_NE(waiting->body.find("topic test-scores does not exist: create it, or correct its name "
                               "under `outputs`; topic test-dead-letters does not exist"),
            std::string::npos)
      << waiting->body;
  ASSERT_TRUE((*broker)->create_topic("test-scores", 1));
  ASSERT_TRUE((*broker)->create_topic("test-dead-letters", 1));

  EXPECT_TRUE(running.becomes("/readyz", [](const auto& reply) { return reply.status == 200; }));
  running.process().signal(SIGTERM);
  EXPECT_EQ(running.process().wait(seconds(20)).exit_code, 0);
}

TEST(Run, RefusesTopicsThatDoNotAppearAllAtOnce) {
  const Scratch scratch;
  auto broker = EmbeddedBroker::start();
  ASSERT_TRUE(broker) << broker.error().message;
  ASSERT_TRUE((*broker)->create_topic("test-alerts", 1));
  Running running(scratch, (*broker)->bootstrap(), "1s");

  const auto ended = running.process().wait(seconds(20));

  EXPECT_EQ(ended.exit_code, 78);
  const std::size_t refusal = ended.err.find("refusing to start");
  for (const char* topic : {"vital-signs", "test-scores", "test-dead-letters"})
    EXPECT_NE(ended.err.find("topic " + std::string(topic) + " does not exist", refusal),
              std::string::npos)
        << ended.err;
}

TEST(Run, ScoresWhatComesAndEndsInOrderOnSigterm) {
  const Scratch scratch;
  auto broker = EmbeddedBroker::start();
  ASSERT_TRUE(broker) << broker.error().message;
  const std::string bootstrap = (*broker)->bootstrap();
  // The state topic, too: the embedded broker cannot be asked for one.
  for (const char* topic : {"vital-signs", "test-scores", "test-alerts", "test-dead-letters",
                            "test-state-vital-signs"}) {
    ASSERT_TRUE((*broker)->create_topic(topic, 1));
  }
  const VitalFeed feed(bootstrap, "vital-signs", [](int, std::string_view, std::string_view) {});
  Running running(scratch, bootstrap);
  ASSERT_GT(running.port(), 0);

  EXPECT_TRUE(running.becomes("/readyz", [](const auto& reply) { return reply.status == 200; }));
  EXPECT_TRUE(running.becomes("/metrics", [](const auto& reply) {
    return reply.body.find("tocsin_entities{stream=\"vital-signs\"} 0") == std::string::npos &&
           reply.body.find("tocsin_transactions_total{result=\"commit\"} 0") == std::string::npos;
  }));
  running.process().signal(SIGHUP);
  EXPECT_TRUE(running.process().await_error("SIGHUP", seconds(10)));
  EXPECT_EQ(running.get("/livez")->status, 200);
  running.process().signal(SIGTERM);
  const auto ended = running.process().wait(seconds(20));

  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, "");
  std::istringstream lines(ended.err);
  std::string line;
  while (std::getline(lines, line)) {
    EXPECT_EQ(line.find("{\"time\":\""), 0U) << line;
    EXPECT_EQ(line.back(), '}') << line;
  }
}

TEST(Run, RefusesAPortThatIsTaken) {
  const Scratch scratch;
  httplib::Server taken;
  const int port = taken.bind_to_any_port("127.0.0.1");
  const std::string path = scratch.write(
      "tocsin.yaml",
      std::string(kGood) + "http: {listen: \"127.0.0.1:" + std::to_string(port) + "\"}\n");

  const auto ended = run_to_end(kProgram, {"run", "--config", path});

  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_NE(ended.err.find("cannot listen on 127.0.0.1"), std::string::npos) << ended.err;
}

}  // namespace
}  // namespace tocsin
