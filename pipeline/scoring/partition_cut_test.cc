// Cuts of a partition, and what restores from them.

#include "pipeline/scoring/partition_cut.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "pipeline/scoring/rich_stream_fixture.h"
#include "pipeline/scoring/threaded_refits.h"

namespace tocsin {
namespace {

constexpr int kEvents = 6000;

/// A partition of the rich stream, and where its events have come to.
struct RichRun {
  explicit RichRun(std::shared_ptr<const StreamPlan> plan, std::uint64_t of_entities = 40)
      : fixture(std::move(plan)), entities(of_entities) {}

  void run_to(int end) {
    for (; next < end; ++next) fixture.handle(rich_event(noise, next, entities));
  }
  /// Goes on where `other` is, with the state of `cuts`.
  Result<RestoreReport> take_over(const KeptCuts& cuts, const RichRun& other) {
    noise = other.noise;
    next = other.next;
    fixture.offset = other.fixture.offset;
    return cuts.restore(fixture.partition);
  }

  ScoringFixture fixture;
  std::uint64_t entities;
  Noise noise{1};
  int next = 0;
};

/// Makes a cut, and takes it while `events` more events are handled for each chunk copied.
KeptCuts cut_while_running(RichRun& run, int events) {
  Partition& partition = run.fixture.partition;
  KeptCuts cut{.head = partition.begin_cut(CutScope::whole)};
  while (partition.is_cutting()) {
    run.run_to(run.next + events);
    partition.copy_some(1);
    cut.keep(partition.take_copied());
  }
  return cut;
}

TEST(PartitionCut, RestoresTheMomentOfTheCutAndItsFutureWhateverFollowedIt) {
  const auto plan = plan_of(rich_stream(), Detail::full);
  RichRun unbroken(plan);
  unbroken.run_to(kEvents);
  for (const int moment : {0, 1, 300, 1777, 4321}) {
    RichRun run(plan);
    run.run_to(moment);
    RichRun restored(plan);
    const std::string at_cut = run.fixture.saved();
    const std::size_t told = run.fixture.log.text.size();
    const std::uint64_t evictions = run.fixture.counters.evictions.value();
    RichRun here(plan);
    here.noise = run.noise;
    here.next = run.next;
    here.fixture.offset = run.fixture.offset;

    const KeptCuts cut = cut_while_running(run, 20);
    const auto report = restored.take_over(cut, here);

    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(restored.fixture.saved(), at_cut) << moment;
    if (moment > 300) {
      EXPECT_GT(run.fixture.counters.evictions.value(), evictions) << "nothing overran it";
    }
    restored.run_to(kEvents);
    EXPECT_EQ(restored.fixture.log.text, unbroken.fixture.log.text.substr(told)) << moment;
    EXPECT_EQ(restored.fixture.saved(), unbroken.fixture.saved()) << moment;
  }
}

TEST(PartitionCut, ASeriesOfChangedCutsRestoresAsAWholeOne) {
  StreamSettings stream = rich_stream();
  stream.partition_max_bytes = 1'000'000;
  const auto plan = plan_of(stream);
  RichRun run(plan, 1500);
  run.run_to(3000);
  Partition& partition = run.fixture.partition;
  KeptCuts cuts;
  std::size_t handed_over = 0;
  std::size_t whole = 0;

  for (int number = 0; number < 25; ++number) {
    run.run_to(run.next + 5);
    const std::string at_cut = run.fixture.saved();
    cuts.head = partition.begin_cut(CutScope::changed);
    while (partition.is_cutting()) {
      run.run_to(run.next + 1);
      partition.copy_some(16);
      handed_over += cuts.keep(partition.take_copied());
    }
    whole += cuts.chunks.size();

    ScoringFixture restored(plan);
    const auto report = cuts.restore(restored.partition);
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_EQ(restored.saved(), at_cut) << number;
  }

  EXPECT_LT(handed_over, whole / 2) << "cuts of what changed are smaller";
}

TEST(PartitionCut, ContinuesFromASeriesOfRestartsAsIfUnbroken) {
  const auto plan = plan_of(rich_stream(), Detail::full);
  RichRun unbroken(plan);
  unbroken.run_to(kEvents);

  std::string text;
  auto run = std::make_unique<RichRun>(plan);
  for (int end = 777; end < kEvents + 777; end += 777) {
    run->run_to(std::min(end, kEvents));
    text += run->fixture.log.text;
    auto next = std::make_unique<RichRun>(plan);
    ASSERT_TRUE(next->take_over(KeptCuts::of(run->fixture.saved()), *run));
    run = std::move(next);
  }

  EXPECT_EQ(text, unbroken.fixture.log.text);
  EXPECT_EQ(run->fixture.saved(), unbroken.fixture.saved());
}

TEST(PartitionCut, TakesARefitInFlightWithIt) {
  // Frozen at the 50th event, adopted at the 70th: its 50 points, of value 0.
  for (const Scope scope : kAllScopes) {
    const auto plan = plan_of(stream_of({"v"}, {detector_of(kRefitted, scope)}), Detail::full);
    ThreadedRefits thread;
    ScoringFixture before(plan, &thread);
    const TestEvent event{.values = {0}, .group = "g"};
    for (int i = 0; i < 60; ++i) before.handle(event);

    KeptCuts cut{.head = before.partition.begin_cut(CutScope::whole)};
    for (int i = 0; i < 30; ++i) before.handle(event);
    before.partition.copy_some(100);
    cut.keep(before.partition.take_copied());
    ScoringFixture after(plan);
    ASSERT_TRUE(cut.restore(after.partition));
    for (int i = 0; i < 12; ++i) after.handle(event);

    EXPECT_EQ(before.log.detectors[70][0].score, 50);
    EXPECT_EQ(after.log.detectors[9][0].score, 0);
    EXPECT_EQ(after.log.detectors[10][0].score, 50);
  }
}

TEST(PartitionCut, IsNothingToCopyWhenNothingHasHappened) {
  ScoringFixture fixture(plan_of(rich_stream()));

  const KeptCuts cut{.head = fixture.partition.begin_cut(CutScope::changed)};

  EXPECT_FALSE(fixture.partition.is_cutting());
  EXPECT_FALSE(fixture.partition.copy_some(10));
  EXPECT_TRUE(fixture.partition.take_copied().empty());
  ScoringFixture restored(fixture.plan);
  EXPECT_TRUE(cut.restore(restored.partition));
  EXPECT_EQ(restored.saved(), fixture.saved());
}

TEST(PartitionCut, CountsWhatIsRestored) {
  const auto plan = plan_of(rich_stream());
  RichRun run(plan);
  run.run_to(1000);
  ScoringFixture restored(plan);

  const auto report = KeptCuts::of(run.fixture.saved()).restore(restored.partition);

  ASSERT_TRUE(report);
  EXPECT_EQ(report->entities, run.fixture.counters.entities.value());
  EXPECT_EQ(restored.counters.entities.value(), run.fixture.counters.entities.value());
  EXPECT_EQ(restored.counters.entities_warm.value(), run.fixture.counters.entities_warm.value());
  EXPECT_EQ(restored.counters.models.value(), run.fixture.counters.models.value());
  EXPECT_EQ(restored.counters.state_bytes.value(), restored.partition.state_bytes());
  EXPECT_EQ(restored.counters.evictions.value(), 0U) << "others' evictions are not counted again";
}

TEST(PartitionCut, IsRefusedWhenChunksAreOfAnotherCutThanTheHead) {
  StreamSettings roomy = rich_stream();
  roomy.partition_max_bytes = 1'000'000;
  RichRun run(plan_of(roomy));
  run.run_to(1500);
  KeptCuts mixed = KeptCuts::of(run.fixture.saved());
  const Counter& open = run.fixture.counters.incidents_open;
  const std::uint64_t at_cut = open.value();
  while (open.value() == at_cut) run.run_to(run.next + 1);
  mixed.chunks = KeptCuts::of(run.fixture.saved()).chunks;
  ScoringFixture restored(run.fixture.plan);

  const auto report = mixed.restore(restored.partition);

  ASSERT_FALSE(report);
  EXPECT_TRUE(report.error().message.starts_with(
      "the chunks of the saved partition are of another cut than its head: "))
      << report.error().message;
}

TEST(PartitionCut, IsCheckedUnderAnotherConfigurationToo) {
  StreamSettings settings = rich_stream();
  settings.partition_max_bytes = 1'000'000;
  ScoringFixture old(plan_of(settings));
  Noise noise(1);
  for (int i = 0; i < 1500; ++i) old.handle(rich_event(noise, i));
  const KeptCuts good = KeptCuts::of(old.saved());
  const Counter& open = old.counters.incidents_open;
  const std::uint64_t at_cut = open.value();
  for (int i = 1500; open.value() == at_cut; ++i) old.handle(rich_event(noise, i));
  KeptCuts mixed{.head = good.head, .chunks = KeptCuts::of(old.saved()).chunks};
  KeptCuts lacking = good;
  lacking.chunks.erase({0, 1});
  settings.detectors.pop_back();
  const auto plan = plan_of(settings);

  const auto refusal = [&](const KeptCuts& cut) {
    ScoringFixture into(plan);
    const auto report = cut.restore(into.partition);
    return report ? "" : report.error().message;
  };

  EXPECT_EQ(refusal(good), "");
  EXPECT_NE(refusal(lacking).find("of a table's slots are missing, chunk 1 the first"),
            std::string::npos);
  EXPECT_TRUE(refusal(mixed).starts_with("the chunks of the saved partition are of another cut"))
      << refusal(mixed);
}

class DamagedCut : public testing::Test {
 protected:
  DamagedCut() : run_(plan_of(rich_stream())) {
    run_.run_to(1500);
    damaged_ = good_ = KeptCuts::of(run_.fixture.saved());
  }
  /// Why what is damaged is refused; empty where it is not.
  std::string refusal() const {
    ScoringFixture fixture(run_.fixture.plan);
    const auto report = damaged_.restore(fixture.partition);
    return report ? "" : report.error().message;
  }

  RichRun run_;
  KeptCuts good_;
  KeptCuts damaged_;
};

TEST_F(DamagedCut, IsRefusedWhenAChunkIsMissing) {
  const auto chunks = damaged_.chunks.size();
  EXPECT_EQ(refusal(), "");

  damaged_.chunks.erase({0, 1});

  ASSERT_EQ(damaged_.chunks.size(), chunks - 1);
  EXPECT_NE(refusal().find(" chunks of a table's slots are missing, chunk 1 the first"),
            std::string::npos)
      << refusal();
}

TEST_F(DamagedCut, IsRefusedWhenAChunkIsInAnothersPlace) {
  std::swap(damaged_.chunks[{0, 0}], damaged_.chunks[{0, 1}]);

  EXPECT_EQ(refusal(),
            "chunk 0 of store 0 of the saved partition is damaged: its seal does not match");
}

TEST_F(DamagedCut, IsRefusedWhenAStoreIsTooMany) {
  damaged_.chunks[{4, 0}] = damaged_.chunks[{0, 0}];

  EXPECT_EQ(refusal(), "the saved partition has no store 4 of chunks");
}

TEST_F(DamagedCut, IsRefusedWhateverByteOfItIsChangedOrCutOff) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 600; ++i) {
    damaged_ = good_;
    auto chunk = damaged_.chunks.begin();
    std::advance(chunk, static_cast<std::ptrdiff_t>(random() % damaged_.chunks.size()));
    const auto flip = static_cast<unsigned char>(1U << random() % 8);
    switch (i % 4) {
      case 0:
        damaged_.head[random() % damaged_.head.size()] ^= static_cast<char>(flip);
        break;
      case 1:
        damaged_.head.resize(random() % damaged_.head.size());
        break;
      case 2:
        chunk->second[random() % chunk->second.size()] ^= std::byte{flip};
        break;
      default:
        chunk->second.resize(random() % chunk->second.size());
    }
    EXPECT_FALSE(refusal().empty()) << i;
  }
}

TEST_F(DamagedCut, SaysWhatIsWrongWithItsHead) {
  damaged_.head = "something else";
  EXPECT_EQ(refusal(), "the head of the saved partition does not begin with `tocsin cut 1`");
  damaged_.head = good_.head;
  damaged_.head.pop_back();
  EXPECT_EQ(refusal(), "the head of the saved partition is damaged: its seal does not match");
}

}  // namespace
}  // namespace tocsin
