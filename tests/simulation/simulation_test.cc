// That the simulation can fail, that it can be repeated, and that it looks where it says it does.

#include <gtest/gtest.h>

#include <cctype>
#include <ostream>

#include "tests/simulation/sabotage.h"
#include "tests/simulation/schedule.h"
#include "tests/simulation/tally.h"
#include "tests/simulation/trial.h"

namespace tocsin::simulation {

void PrintTo(const SabotageKind& kind, std::ostream* out) { *out << kind.name; }

namespace {

constexpr std::uint64_t kSeeds = 2'000;

/// The first seed whose run goes wrong.
std::optional<Schedule> find_failing(const SabotageKind& sabotage) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Tally tally;
    Schedule schedule = make_schedule(seed);
    if (carry_out(schedule, tally, &sabotage).difference) return schedule;
  }
  return std::nullopt;
}

class SimulationFinds : public testing::TestWithParam<SabotageKind> {};

TEST_P(SimulationFinds, AMistakeMadeOnPurpose) {
  const std::optional<Schedule> found = find_failing(GetParam());

  ASSERT_TRUE(found) << "not in " << kSeeds << " seeds: " << GetParam().summary;
  RecordProperty("seed", std::to_string(found->seed));
}

INSTANTIATE_TEST_SUITE_P(Simulation, SimulationFinds, testing::ValuesIn(sabotages()),
                         [](const testing::TestParamInfo<SabotageKind>& kind) {
                           std::string name;
                           bool is_first = true;
                           for (const char c : kind.param.name) {
                             if (c != ' ')
                               name += is_first ? static_cast<char>(std::toupper(c)) : c;
                             is_first = c == ' ';
                           }
                           return name;
                         });

TEST(Simulation, TheSameSeedGivesTheSameHistory) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Tally one;
    Tally two;
    const Trial first = carry_out(make_schedule(seed), one);
    const Trial second = carry_out(make_schedule(seed), two);

    EXPECT_EQ(first.history, second.history) << "seed " << seed;
    EXPECT_EQ(one.counts(), two.counts()) << "seed " << seed;
  }
}

TEST(Simulation, OtherSeedsGiveOtherHistories) {
  Tally tally;

  EXPECT_NE(carry_out(make_schedule(1), tally).history, carry_out(make_schedule(2), tally).history);
}

TEST(Simulation, ShrinksAFailingRunToActionsThatAllMatter) {
  const SabotageKind& sabotage = sabotages().front();
  const std::optional<Schedule> found = find_failing(sabotage);
  ASSERT_TRUE(found);

  const Schedule shortest = shrink(*found, &sabotage);

  EXPECT_LT(shortest.actions.size(), found->actions.size());
  Tally tally;
  EXPECT_TRUE(carry_out(shortest, tally, &sabotage).difference);
  for (std::size_t i = 0; i < shortest.actions.size(); ++i) {
    Schedule shorter = shortest;
    shorter.actions.erase(shorter.actions.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(carry_out(shorter, tally, &sabotage).difference) << "without " << i;
  }
}

}  // namespace
}  // namespace tocsin::simulation
