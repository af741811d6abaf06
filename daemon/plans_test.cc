#include "daemon/plans.h"

#include <gtest/gtest.h>

#include "daemon/config/compiler.h"
#include "daemon/config/reference.h"

namespace tocsin {
namespace {

Config compiled(const std::string& yaml) {
  Compiled result = compile("t.yaml", yaml, process_surroundings());
  EXPECT_TRUE(result.config) << render(result.diagnostics, Colour::never);
  return result.config.value_or(Config{});
}

TEST(Plans, OfTheSmallestConfigurationFitTheDefaultMemoryOnAnyMachine) {
  Config config = compiled(smallest_configuration());
  config.flow.workers = config.memory.partitions;  // More would have nothing to do.
  const auto plans = make_plans(config);
  ASSERT_TRUE(plans) << plans.error().message;

  const MemoryPlan memory = plan_memory(memory_needs(config, *plans), config.memory.max_bytes);

  EXPECT_TRUE(memory.fits()) << memory_table(memory);
  EXPECT_EQ(why_refused(memory, config), std::nullopt);
}

TEST(Plans, RefuseWhatDoesNotFitAndSayWhatWould) {
  const Config config = compiled(smallest_configuration() + "memory: {max_bytes: 700MiB}\n");
  const auto plans = make_plans(config);
  ASSERT_TRUE(plans) << plans.error().message;

  const auto reason =
      why_refused(plan_memory(memory_needs(config, *plans), config.memory.max_bytes), config);

  ASSERT_TRUE(reason);
  const std::string shown = render({&*reason, 1}, Colour::never);
  EXPECT_NE(shown.find("error: memory.max_bytes: the parts of memory sum up to"), std::string::npos)
      << shown;
  EXPECT_NE(shown.find("but memory.max_bytes is 700 MiB\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("| memory: {max_bytes: 700MiB}\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("would fit"), std::string::npos) << shown;
}

TEST(Plans, GiveAsManyWorkersAsThereIsWorkFor) {
  Config config = compiled(smallest_configuration());
  config.memory.partitions = 1;

  EXPECT_EQ(workers_of(config), 1);

  config.flow.workers = 7;
  EXPECT_EQ(workers_of(config), 7);
}

TEST(Plans, NameTheSecondDetectorOfATypeApart) {
  const Config config = compiled(
      "kafka: {brokers: [localhost:9092]}\nstreams:\n  - topics: [a]\n"
      "    features: [{name: x, field: /x}, {name: y, field: /y}]\n"
      "    detectors: [{type: spike, features: [x]}, {type: spike, features: [y]}]\n");
  const auto plans = make_plans(config);
  ASSERT_TRUE(plans) << plans.error().message;

  const MetricsSubject subject = metrics_subject(config, *plans);

  ASSERT_EQ(subject.streams.size(), 1U);
  EXPECT_EQ(subject.streams[0].detectors, (std::vector<std::string>{"spike", "spike_2"}));
  EXPECT_EQ(subject.delivery, "exactly_once");
}

}  // namespace
}  // namespace tocsin
