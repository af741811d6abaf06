// `tocsin state` on a real Kafka: what it says of saved state, and what a reset leaves.

#include <signal.h>

#include <algorithm>

#include "tests/program_on_kafka.h"

namespace tocsin {
namespace {

class StateCommand : public ProgramOnKafka {
 protected:
  Process::Ended state(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "state");
    arguments.insert(arguments.end(), {"--config", config});
    return run(std::move(arguments));
  }
  /// Until nobody is in the group any more: the place of a member that has ended is kept for its
  /// session.
  Process::Ended reset(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "reset");
    Process::Ended ended = state(arguments);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (ended.err.find(" member") != std::string::npos &&
           std::chrono::steady_clock::now() < deadline)
      ended = state(arguments);
    return ended;
  }
  std::vector<TopicPartition> state_partitions() const {
    return {{state_topic(), 0}, {state_topic(), 1}};
  }
  std::size_t warming_up() {
    const auto all = read(scores());
    return static_cast<std::size_t>(std::ranges::count_if(all, [](const KeptRecord& record) {
      return record.value->find("\"status\":\"warming_up\"") != std::string::npos;
    }));
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

TEST_F(StateCommand, ShowsWhatAnOrderlyEndLeaves) {
  const Process::Ended before = state({"list"});
  EXPECT_EQ(before.exit_code, 0) << before.err;
  EXPECT_EQ(count(before.out, "nothing is committed yet"), 2U) << before.out;

  produce_events(0, 100);
  run_daemon_until(100);

  const Process::Ended list = state({"list"});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_TRUE(has(list.out, "PARTITION")) << list.out;
  EXPECT_TRUE(has(list.out, input + "/1")) << list.out;
  const Process::Ended json = state({"list", "--json", "--partition", "1"});
  EXPECT_EQ(json.exit_code, 0) << json.err;
  EXPECT_EQ(count(json.out, "\"partition\":"), 1U) << json.out;
  for (const char* part :
       {"\"stream\":\"pay\"", "\"sequence\":50", "\"entities\":3", "\"format\":1",
        "\"complete\":true", "\"records_since\":0", "\"same_definition\":true"})
    EXPECT_TRUE(has(json.out, part)) << part << " in " << json.out;

  const Process::Ended verify = state({"verify"});
  EXPECT_EQ(verify.exit_code, 0) << verify.err;
  EXPECT_EQ(count(verify.out, "  whole\n"), 2U) << verify.out;
  EXPECT_TRUE(has(verify.out, "2 partitions: a start would take all of them.")) << verify.out;
}

TEST_F(StateCommand, ExportsRecordsWithTheirBytesAndEntitiesByName) {
  produce_events(0, 100);
  run_daemon_until(100);

  const Process::Ended records = state({"export"});
  EXPECT_EQ(records.exit_code, 0) << records.err;
  EXPECT_EQ(count(records.out, "\"kind\":\"partition\""), 2U);
  EXPECT_EQ(count(records.out, "\"kind\":\"record\""), read(state_topic()).size());
  EXPECT_EQ(count(records.out, "\"value_base64\":"), read(state_topic()).size());
  for (const char* content : {"lineage_began", "snapshot_start", "head", "chunks", "snapshot_end"})
    EXPECT_EQ(count(records.out, "\"content\":\"" + std::string(content) + "\""), 2U) << content;

  const std::string file = scratch.file("entities.jsonl");
  const Process::Ended entities = state({"export", "--entities", "--partition", "0", "-o", file});
  EXPECT_EQ(entities.exit_code, 0) << entities.err;
  EXPECT_EQ(entities.out, "");
  const std::string lines = file_text(file);
  EXPECT_EQ(count(lines, "\n"), 3U) << lines;
  for (const char* entity : {"e0", "e1", "e2"})
    EXPECT_TRUE(has(lines, "\"entity\":\"" + std::string(entity) + "\"")) << lines;
}

TEST_F(StateCommand, VerifyRefusesWhatAStartRefusesAndAResetMendsIt) {
  produce_events(0, 100);
  run_daemon_until(100);
  const auto deleted = admin->delete_records(state_partitions(), std::chrono::milliseconds(30'000));
  ASSERT_TRUE(deleted) << deleted.error().message;

  const Process::Ended verify = state({"verify"});
  EXPECT_EQ(verify.exit_code, 1);
  EXPECT_EQ(count(verify.out, "NOT WHOLE: the state topic lacks record "), 2U) << verify.out;
  EXPECT_TRUE(has(verify.out, "a start would refuse 2")) << verify.out;
  const Process::Ended json = state({"verify", "--json"});
  EXPECT_EQ(json.exit_code, 1);
  EXPECT_TRUE(has(json.out, "\"whole\":false,\"partitions\":[")) << json.out;
  const Process::Ended started = run({"run", "--config", config});
  EXPECT_NE(started.exit_code, 0);
  EXPECT_TRUE(has(started.err, "the state topic lacks record ")) << started.err;
  EXPECT_TRUE(has(started.err, "`tocsin state reset`")) << started.err;

  const Process::Ended done = reset({"--yes"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(state({"verify"}).exit_code, 0);
  EXPECT_EQ(count(state({"list"}).out, "reset: begins anew at its next start"), 2U);

  // It goes on where it stood, and has forgotten everything.
  const std::size_t before = warming_up();
  produce_events(100, 60);
  run_daemon_until(160);
  EXPECT_EQ(read(scores()).size(), 160U);
  EXPECT_GT(warming_up(), before);
  EXPECT_EQ(state({"verify"}).exit_code, 0);
}

TEST_F(StateCommand, AResetToTheLastSnapshotForgetsNothing) {
  produce_events(0, 900);
  run_daemon_until(900);
  const std::size_t warm_ups = warming_up();
  ASSERT_LT(warm_ups, 900U);

  const Process::Ended asked = reset({"--to-snapshot"});
  EXPECT_EQ(asked.exit_code, 64);
  EXPECT_EQ(count(asked.out, " is kept"), 2U) << asked.out;
  const Process::Ended done = reset({"--to-snapshot", "--yes"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_TRUE(has(done.out, "the next start takes 2 partitions from the last snapshot"))
      << done.out;
  EXPECT_EQ(count(state({"verify"}).out, "  whole\n"), 2U);

  produce_events(900, 60);
  run_daemon_until(960);
  EXPECT_EQ(read(scores()).size(), 960U) << "none came after the last snapshot";
  EXPECT_EQ(warming_up(), warm_ups);
  EXPECT_EQ(state({"verify"}).exit_code, 0);
}

TEST_F(StateCommand, AResetNeedsYesAndAnEmptyGroup) {
  produce_events(0, 100);
  Process daemon(TOCSIN_PROGRAM, {"run", "--config", config});
  (void)await(scores(), 100);

  const Process::Ended asked = state({"reset"});
  EXPECT_EQ(asked.exit_code, 64);
  EXPECT_TRUE(has(asked.err, "nothing was done; to do it, add --yes")) << asked.err;
  const Process::Ended refused = state({"reset", "--yes"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(has(refused.err, "group " + app + " has 1 member: ")) << refused.err;

  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait(std::chrono::seconds(30)).exit_code, 0);
  const Process::Ended verify = state({"verify"});
  EXPECT_EQ(count(verify.out, "  whole\n"), 2U) << "nothing was lost: " << verify.out;
}

TEST_F(StateCommand, AResetTravelsInTime) {
  produce_events(0, 100);
  run_daemon_until(100);
  const std::size_t warm_ups = warming_up();

  const Process::Ended done = reset({"--from", "earliest", "--yes"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  run_daemon_until(200);

  const std::vector<KeptRecord> all = read(scores());
  ASSERT_EQ(all.size(), 200U);
  EXPECT_EQ(warming_up(), 2 * warm_ups);
  std::vector<std::string> first;
  std::vector<std::string> second;
  for (std::size_t i = 0; i < all.size(); ++i) (i < 100 ? first : second).push_back(*all[i].value);
  std::ranges::sort(first);
  std::ranges::sort(second);
  EXPECT_EQ(first, second) << "the same records by the same configuration";
}

TEST_F(StateCommand, VerifiesBesideADaemonThatWrites) {
  Process daemon(TOCSIN_PROGRAM, {"run", "--config", config});
  for (int round = 0; round < 5; ++round) {
    produce_events(round * 100, 100);
    const Process::Ended verify = state({"verify"});
    EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
    EXPECT_EQ(state({"list"}).exit_code, 0);
  }
  (void)await(scores(), 500);
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait(std::chrono::seconds(30)).exit_code, 0);
  EXPECT_EQ(read(scores()).size(), 500U);
}

TEST_F(StateCommand, AChangeIsForeseenAsTheStartThenSays) {
  const Process::Ended fresh = run({"check", "--config", config, "--against-running"});
  EXPECT_EQ(fresh.exit_code, 0) << fresh.err;
  EXPECT_TRUE(has(fresh.out, "2 partitions begin with nothing, at the earliest record"))
      << fresh.out;
  produce_events(0, 100);
  run_daemon_until(100);

  const Process::Ended same = run({"check", "--config", config, "--against-running"});
  EXPECT_EQ(same.exit_code, 0) << same.err;
  EXPECT_TRUE(has(same.out,
                  "  stream pay, 2 partitions\n    nothing that was learned is lost\n"
                  "    forecast keeps 6 entities\n    range keeps 6 entities\n"))
      << same.out;

  std::string text = file_text(config);
  text.replace(text.find("    features:"), 0,
               "    detectors: [{type: forecast}, {type: range, margin: 0.5}]\n");
  config = scratch.file("changed.yaml");
  write_file(config, text);
  const Process::Ended changed = run({"check", "--config", config, "--against-running"});
  EXPECT_EQ(changed.exit_code, 0) << changed.err;
  EXPECT_TRUE(
      has(changed.out, "    forecast keeps 6 entities\n    range starts anew: `margin` changed"))
      << changed.out;

  Process daemon(TOCSIN_PROGRAM, {"run", "--config", config});
  const auto log =
      daemon.await_error("range starts anew: `margin` changed", std::chrono::seconds(60));
  EXPECT_TRUE(log);
  EXPECT_TRUE(daemon.await_error("forecast keeps 3 entities", std::chrono::seconds(60)));
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait(std::chrono::seconds(30)).exit_code, 0);
}

TEST_F(StateCommand, NamesTheStreamsWhereItKnowsNoSuch) {
  const Process::Ended wrong = state({"list", "--stream", "payments"});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_TRUE(has(wrong.err, "no stream is called `payments`; there are: pay")) << wrong.err;
  EXPECT_EQ(state({"verify", "--partition", "7"}).exit_code, 1);
}

}  // namespace
}  // namespace tocsin
