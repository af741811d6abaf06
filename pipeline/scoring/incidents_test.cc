#include "pipeline/scoring/incidents.h"

#include <gtest/gtest.h>

#include <limits>
#include <utility>
#include <vector>

#include "pipeline/scoring/input_gap.h"

namespace tocsin {
namespace {

class IncidentsTest : public testing::Test {
 protected:
  static constexpr std::size_t kCapacity = 3;

  IncidentsTest() : bytes_(Incidents::block_bytes(kCapacity)) {
    Incidents::start(bytes_, kCapacity);
  }
  static Incidents::Anomaly anomaly(std::int64_t offset, double score,
                                    Severity severity = Severity::info) {
    return {.offset = offset, .time_ms = offset * 10, .score = score, .severity = severity};
  }
  Incidents::Mark open(std::int64_t clock_ms) {
    Incidents::Mark mark{};
    incidents().open(mark, anomaly(clock_ms, 4), {}, clock_ms);
    return mark;
  }
  Incidents incidents() { return Incidents(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

TEST_F(IncidentsTest, RemembersWhatOpenedItAndItsWorst) {
  Incidents::Mark mark{};
  incidents().open(mark, anomaly(7, 4), {}, 0);
  incidents().add(mark, anomaly(8, 4.5), 0);
  incidents().add(mark, anomaly(9, 4.2), 0);

  const Incidents::Incident closed = incidents().close(mark.number);

  EXPECT_EQ(closed.opened_offset, 7);
  EXPECT_EQ(closed.opened_ms, 70);
  EXPECT_EQ(closed.worst_offset, 8);
  EXPECT_EQ(closed.worst_score, 4.5);
  EXPECT_EQ(closed.count, 3U);
  EXPECT_EQ(incidents().size(), 0U);
}

TEST_F(IncidentsTest, ReportsATenfoldWorseningOrAHigherSeverity) {
  Incidents::Mark mark{};
  incidents().open(mark, anomaly(1, 4), {}, 0);

  EXPECT_FALSE(incidents().add(mark, anomaly(2, 4.9), 0));
  EXPECT_TRUE(incidents().add(mark, anomaly(3, 5), 0)) << "1 above what was reported";
  EXPECT_FALSE(incidents().add(mark, anomaly(4, 5.9), 0));
  EXPECT_TRUE(incidents().add(mark, anomaly(5, 5.9, Severity::warning), 0));
  EXPECT_FALSE(incidents().add(mark, anomaly(6, 5.9, Severity::warning), 0));
}

TEST_F(IncidentsTest, RecoversAfterEightNormalEventsInARow) {
  Incidents::Mark mark = open(0);
  for (int i = 0; i < 7; ++i) EXPECT_FALSE(Incidents::calms(mark));
  incidents().add(mark, anomaly(9, 4), 0);

  for (int i = 0; i < 7; ++i) EXPECT_FALSE(Incidents::calms(mark));
  EXPECT_TRUE(Incidents::calms(mark));
}

TEST_F(IncidentsTest, AreCarriedToAnotherBlockInTheirOrder) {
  Incidents::Mark first = open(0);
  const Incidents::Mark second = open(1000);
  incidents().add(first, anomaly(2, 4), 2000);
  std::vector<std::byte> bytes(Incidents::block_bytes(2));
  Incidents::start(bytes, 2);
  Incidents other(bytes);

  const std::vector<std::uint16_t> numbers = incidents().by_last_anomaly();
  for (const std::uint16_t number : numbers) other.carry(incidents().incident(number));

  EXPECT_EQ(numbers, (std::vector<std::uint16_t>{second.number, first.number}));
  EXPECT_TRUE(other.is_full());
  EXPECT_EQ(other.close(other.quietest()).opened_offset, 1000);
  EXPECT_EQ(other.close(other.quietest()).count, 2U);
}

TEST_F(IncidentsTest, CarriedFromLongAgoAreQuietWithTheNextEvent) {
  const Incidents::Mark mark = open(0);
  Incidents::Incident incident = incidents().close(mark.number);
  incident.last_clock_ms = Incidents::kLongAgoMs;

  const std::uint16_t number = incidents().carry(incident);

  EXPECT_EQ(incidents().quiet(0, InputGap::kAlways), number);
  EXPECT_EQ(incidents().quiet(std::numeric_limits<std::int64_t>::min() / 4, InputGap::kNotYet),
            number);
}

TEST_F(IncidentsTest, AreQuietAnHourAfterTheirLastAnomaly) {
  Incidents::Mark first = open(0);
  const Incidents::Mark second = open(1000);
  incidents().add(first, anomaly(2, 4), 2000);

  const auto quiet = [this](std::int64_t clock_ms) {
    return incidents().quiet(clock_ms, InputGap::kAlways);
  };
  EXPECT_EQ(quiet(3'600'999), 0);
  EXPECT_EQ(quiet(3'601'000), second.number);
  incidents().close(second.number);
  EXPECT_EQ(quiet(3'601'999), 0);
  EXPECT_EQ(quiet(3'602'000), first.number);
}

TEST_F(IncidentsTest, AreNotQuietBeforeAnHourOfWhichEverythingIsKnown) {
  const Incidents::Mark mark = open(0);

  EXPECT_EQ(incidents().quiet(50'000'000, InputGap::kNotYet), 0);
  EXPECT_EQ(incidents().quiet(50'000'000, 60'000'000), 0) << "a late event";
  EXPECT_EQ(incidents().quiet(53'599'999, 50'000'000), 0);
  EXPECT_EQ(incidents().quiet(53'600'000, 50'000'000), mark.number);
}

TEST_F(IncidentsTest, TakeBackTheRoomOfClosedOnes) {
  const Incidents::Mark first = open(1);
  const Incidents::Mark second = open(2);
  open(3);
  EXPECT_TRUE(incidents().is_full());
  EXPECT_EQ(incidents().quietest(), first.number);

  incidents().close(second.number);
  EXPECT_FALSE(incidents().is_full());
  const Incidents::Mark fourth = open(4);

  EXPECT_EQ(fourth.number, second.number);
  EXPECT_TRUE(incidents().is_full());
  incidents().close(first.number);
  EXPECT_EQ(incidents().incident(incidents().quietest()).opened_offset, 3);
}

TEST_F(IncidentsTest, ParksWhatIsAdoptedAndOpensItAgain) {
  Incidents::Mark mark = open(10);
  const std::uint16_t number = mark.number;

  const Incidents::Incident closed = incidents().park(mark, 20);
  EXPECT_EQ(closed.opened_offset, 10);
  EXPECT_EQ(mark.number, 0);
  EXPECT_EQ(mark.parked, number);
  EXPECT_EQ(incidents().size(), 0U);
  EXPECT_EQ(incidents().quiet(Incidents::kQuietMs * 2, InputGap::kAlways), 0) << "it is closed";

  incidents().reopen(mark, anomaly(30, 5), 30);
  EXPECT_EQ(mark.number, number);
  EXPECT_EQ(mark.parked, 0);
  EXPECT_EQ(incidents().size(), 1U);
  EXPECT_EQ(incidents().incident(number).opened_offset, 10);
  EXPECT_EQ(incidents().incident(number).count, 2U);
  EXPECT_EQ(incidents().incident(number).worst_offset, 30);
  EXPECT_EQ(incidents().incident(number).is_adopted, 1);
}

TEST_F(IncidentsTest, CountsParkedOnesAgainstItsRoom) {
  Incidents::Mark first = open(1);
  Incidents::Mark second = open(2);
  incidents().park(first, 3);
  incidents().park(second, 4);
  open(5);

  EXPECT_TRUE(incidents().is_full());
  EXPECT_EQ(incidents().parked_longest(), first.parked);
  EXPECT_EQ(incidents().by_parking(), (std::vector<std::uint16_t>{first.parked, second.parked}));
  incidents().close(first.parked);
  EXPECT_FALSE(incidents().is_full());
  EXPECT_EQ(incidents().parked_longest(), second.parked);
}

TEST_F(IncidentsTest, KnowsWhatWasParkedForAWeek) {
  Incidents::Mark mark = open(1);
  incidents().park(mark, 100);

  EXPECT_EQ(incidents().outdated(100 + Incidents::kParkedMs - 1), 0);
  EXPECT_EQ(incidents().outdated(100 + Incidents::kParkedMs), mark.parked);
}

TEST_F(IncidentsTest, TellsAForeignMark) {
  Incidents::Mark mark = open(1);
  EXPECT_TRUE(incidents().is_of(mark, 0));
  EXPECT_FALSE(incidents().is_of(mark, 1)) << "another entity's";
  std::swap(mark.number, mark.parked);
  EXPECT_FALSE(incidents().is_of(mark, 0)) << "it is open";
  mark = {.number = 0, .parked = 9, .calm = 0, .reserved = 0};
  EXPECT_FALSE(incidents().is_of(mark, 0)) << "beyond the block";
}

}  // namespace
}  // namespace tocsin
