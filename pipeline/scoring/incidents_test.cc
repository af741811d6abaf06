#include "pipeline/scoring/incidents.h"

#include <gtest/gtest.h>

#include <limits>
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

}  // namespace
}  // namespace tocsin
