// Delivery at least once: what is there twice can be told by its id, and nothing is missing.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "pipeline/flow/life_fixture.h"

namespace tocsin {
namespace {

constexpr int kRecords = 120;

FlowSettings settings(std::uint64_t owner) {
  return {.epoch_ms = 3, .owner = owner, .is_exact = false};
}

class AtLeastOnceTest : public testing::Test {
 protected:
  static void prepare(MemoryLog& log) {
    log.create_topic(kInput, 1);
    for (const char* topic : {"scores", "alerts", "dead"}) log.create_topic(topic, 1);
    for (int i = 0; i < kRecords; ++i)
      log.append(
          kInput, 0,
          {.timestamp_ms = 1'700'000'000'000 + i,
           .key = "k" + std::to_string(i % 3),
           .value = R"({"x":)" + std::to_string(i % 100 == 99 ? 900 : 10 + i * 7 % 13) + "}"});
  }

  /// As a reader takes them who knows the ids that it has seen.
  struct Read {
    std::map<std::string, std::string> first;  // By id.
    int repetitions = 0;
    int contradictions = 0;  // Repetitions that say something else.
  };
  static Read read(const MemoryLog& log) {
    Read all;
    for (const StoredRecord& record : log.read("scores", 0, 0)) {
      const std::string& value = *record.value;
      constexpr std::string_view kBefore = "{\"id\":\"";
      const std::size_t begin = kBefore.size();
      const std::string id = value.substr(begin, value.find('"', begin) - begin);
      const auto [at, is_new] = all.first.emplace(id, value);
      if (is_new) continue;
      ++all.repetitions;
      if (at->second != value) ++all.contradictions;
    }
    return all;
  }
};

/// A daemon crashes after each step in turn, and another one goes on.
TEST_F(AtLeastOnceTest, RepetitionsAreToldByTheirIdAndNothingIsMissing) {
  MemoryLog undisturbed;
  prepare(undisturbed);
  Life alone(undisturbed, settings(1));
  ASSERT_EQ(alone.drain(), "");
  const Read expected = read(undisturbed);
  ASSERT_EQ(expected.first.size(), static_cast<std::size_t>(kRecords));
  ASSERT_EQ(expected.repetitions, 0);

  int repetitions = 0;
  for (int crash = 1; crash < 60; ++crash) {
    MemoryLog log;
    prepare(log);
    auto first = std::make_unique<Life>(log, settings(2));
    for (int i = 0; i < crash; ++i, first->now_ns += 1'000'000)
      (void)first->engine->step(first->now_ns);
    first.reset();
    log.expel(kApp, "one");
    Life second(log, settings(3));
    ASSERT_EQ(second.drain(), "") << "after " << crash << " steps";

    const Read found = read(log);
    EXPECT_EQ(found.first, expected.first) << "after " << crash << " steps";
    EXPECT_EQ(found.contradictions, 0) << "after " << crash << " steps";
    repetitions += found.repetitions;
  }
  EXPECT_GT(repetitions, 0) << "or this says nothing";
}

}  // namespace
}  // namespace tocsin
