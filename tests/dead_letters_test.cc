// `tocsin dead-letters` on a real Kafka: what was rejected, and back into the pipeline with it.

#include <algorithm>
#include <fstream>

#include "tests/program_on_kafka.h"

namespace tocsin {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class DeadLetters : public ProgramOnKafka {
 protected:
  Process::Ended letters(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "dead-letters");
    arguments.insert(arguments.end(), {"--config", config});
    return run(std::move(arguments));
  }
  /// Three records that cannot be scored, among 40 that can.
  void reject_three() {
    produce_events(0, 40);
    produce(input, {{.partition = 1,
                     .key = "k1",
                     .value = R"({"entity":"e0","amount":"fast"})",
                     .headers = {{"trace", "t1"}, {"tocsin.own", "stays"}}},
                    {.partition = 0, .value = std::string("\xff{", 2)},
                    {.partition = 1, .value = R"({"amount":3})"}});
    run_daemon_until(40);
    ASSERT_EQ(await(dead_letters(), 3).size(), 3U);
  }
  /// What was put back, in the order of partitions.
  std::vector<KeptRecord> put_back() {
    std::vector<KeptRecord> found;
    for (KeptRecord& record : read(input))
      if (!record.header("tocsin.resent").empty()) found.push_back(std::move(record));
    return found;
  }
  /// The place of the dead letter with this reason, as `--place` takes it.
  std::string place_of(const std::string& reason) {
    for (const KeptRecord& record : read(dead_letters()))
      if (record.header("tocsin.reason") == reason)
        return std::to_string(record.partition) + "/" + std::to_string(record.offset);
    ADD_FAILURE() << reason;
    return {};
  }
};

TEST_F(DeadLetters, AreListedWithPlaceReasonAndBytes) {
  EXPECT_EQ(letters({"list"}).out, "0 dead letters\n");
  reject_three();

  const Process::Ended table = letters({"list"});
  EXPECT_EQ(table.exit_code, 0) << table.err;
  EXPECT_TRUE(has(table.out, "PLACE")) << table.out;
  EXPECT_TRUE(has(table.out, "3 dead letters: 1 missing_entity, 1 not_a_number, 1 undecodable\n"))
      << table.out;

  const Process::Ended one = letters({"list", "--reason", "not_a_number", "--json"});
  EXPECT_EQ(std::ranges::count(one.out, '\n'), 1) << one.out;
  for (const std::string& part :
       {std::string(R"("reason":"not_a_number")"), std::string(R"("stream":"pay")"),
        R"("source":{"topic":")" + input + R"(","partition":1,"offset":)",
        std::string(R"("put_back":false,"key":"k1")"),
        std::string(R"("value":"{\"entity\":\"e0\",\"amount\":\"fast\"}")"),
        std::string(
            R"("headers":[{"name":"trace","value":"t1"},{"name":"tocsin.own","value":"stays"}])")})
    EXPECT_TRUE(has(one.out, part)) << part << " in " << one.out;
  EXPECT_TRUE(
      has(letters({"list", "--reason", "undecodable", "--json"}).out, R"("value_base64":"/3s=")"));
  EXPECT_TRUE(has(letters({"list", "--limit", "1"}).out, "the first 1 are shown"));
  EXPECT_EQ(letters({"list", "--since", "2099-01-01"}).out, "0 dead letters\n");
  EXPECT_EQ(letters({"list", "--stream", "other"}).out, "0 dead letters\n");

  const Process::Ended wrong = letters({"list", "--reason", "not_a_nubmer"});
  EXPECT_EQ(wrong.exit_code, 64);
  EXPECT_TRUE(has(wrong.err, "no reason is called `not_a_nubmer`; there are: undecodable"))
      << wrong.err;
  EXPECT_EQ(letters({"list", "--place", "0"}).exit_code, 64);
}

TEST_F(DeadLetters, ARepairedOneGoesWhereItCameFromAndIsScored) {
  reject_three();
  const std::string mended = scratch.file("mended.jsonl");
  const std::string place = place_of("not_a_number");
  const std::size_t slash = place.find('/');
  std::ofstream(mended) << R"({"partition":)" << place.substr(0, slash) << R"(,"offset":)"
                        << place.substr(slash + 1)
                        << R"(,"value":"{\"entity\":\"e0\",\"amount\":104}"})"
                        << "\n";

  const Process::Ended sent = letters({"resend", "--repaired", mended});
  EXPECT_EQ(sent.exit_code, 0) << sent.err;
  EXPECT_EQ(sent.out, "1 dead letter put back\n  1 to " + input + "\n");

  const std::vector<KeptRecord> back = put_back();
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back[0].partition, 1);
  EXPECT_EQ(back[0].key, "k1");
  EXPECT_EQ(back[0].value, R"({"entity":"e0","amount":104})");
  using Header = std::pair<std::string, std::string>;
  EXPECT_EQ(back[0].headers,
            (std::vector<Header>{{"trace", "t1"},
                                 {"tocsin.own", "stays"},
                                 {"tocsin.resent", dead_letters() + "/" + place}}));
  run_daemon_until(41);
  EXPECT_EQ(read(scores()).size(), 41U);
  EXPECT_EQ(read(dead_letters()).size(), 3U);

  // Once is enough.
  const Process::Ended twice = letters({"resend", "--repaired", mended});
  EXPECT_EQ(twice.exit_code, 1);
  EXPECT_TRUE(has(twice.out, "1 passed over: put back before")) << twice.out;
  EXPECT_TRUE(has(twice.err, "1 repaired value was not put back")) << twice.err;
  EXPECT_EQ(put_back().size(), 1U);
  EXPECT_TRUE(has(letters({"list"}).out, "put back"));
  EXPECT_TRUE(has(letters({"list", "--waiting"}).out, "2 dead letters: "));
}

TEST_F(DeadLetters, WhatComesBackIsNotPutBackForEver) {
  reject_three();

  const Process::Ended sent = letters({"resend"});
  EXPECT_EQ(sent.exit_code, 0) << sent.err;
  EXPECT_TRUE(has(sent.out, "3 dead letters put back\n")) << sent.out;
  ASSERT_EQ(put_back().size(), 3U);
  Process daemon(TOCSIN_PROGRAM, {"run", "--config", config});
  const std::vector<KeptRecord> all = await(dead_letters(), 6);
  ASSERT_EQ(all.size(), 6U);
  EXPECT_TRUE(has(all.back().header("tocsin.resent"), dead_letters() + "/"))
      << "it says what it was";

  const Process::Ended again = letters({"resend"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(has(again.out, "0 dead letters put back\n")) << again.out;
  EXPECT_TRUE(has(again.out, "3 passed over: put back before")) << again.out;
  EXPECT_TRUE(has(again.out, "3 passed over: came back after they were put back")) << again.out;
  EXPECT_EQ(put_back().size(), 3U);
}

TEST_F(DeadLetters, FiltersAndLimitsChooseAndADryRunSendsNothing) {
  reject_three();

  const Process::Ended dry = letters({"resend", "--dry-run"});
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_TRUE(has(dry.out, "3 dead letters would be put back\n  3 to " + input)) << dry.out;
  EXPECT_TRUE(put_back().empty());
  EXPECT_TRUE(has(letters({"resend", "--reason", "undecodable"}).out, "1 dead letter put back"));
  ASSERT_EQ(put_back().size(), 1U);
  EXPECT_EQ(*put_back()[0].value, std::string("\xff{", 2));

  const Process::Ended first = letters({"resend", "--limit", "1"});
  EXPECT_TRUE(has(first.out, "1 dead letter put back")) << first.out;
  EXPECT_TRUE(has(first.out, "1 more wait")) << first.out;
  EXPECT_TRUE(has(letters({"resend", "--limit", "1"}).out, "1 dead letter put back"));
  EXPECT_TRUE(has(letters({"resend"}).out, "0 dead letters put back"));
  EXPECT_EQ(put_back().size(), 3U);

  const std::string place = place_of("undecodable");
  EXPECT_TRUE(has(letters({"resend", "--again", "--place", place}).out, "1 dead letter put back"));
  EXPECT_EQ(put_back().size(), 4U);
}

TEST_F(DeadLetters, AreRememberedWithoutTransactionsToo) {
  reject_three();
  std::ofstream(config, std::ios::app) << "delivery: at_least_once\n";

  EXPECT_TRUE(has(letters({"resend"}).out, "3 dead letters put back"));
  EXPECT_TRUE(has(letters({"resend"}).out, "3 passed over: put back before"));
  EXPECT_EQ(put_back().size(), 3U);
}

TEST_F(DeadLetters, ALineThatIsNoneStopsBeforeAnythingIsSent) {
  reject_three();
  const std::string mended = scratch.file("mended.jsonl");
  std::ofstream(mended) << "{\"partition\":0,\"offset\":0,\"value\":\"{}\"}\n{\"offset\":1}\n";

  const Process::Ended refused = letters({"resend", "--repaired", mended});
  EXPECT_EQ(refused.exit_code, 64);
  EXPECT_TRUE(has(refused.err, mended + ":2: needs the numbers `partition` and `offset`"))
      << refused.err;
  EXPECT_TRUE(put_back().empty());
}

}  // namespace
}  // namespace tocsin
