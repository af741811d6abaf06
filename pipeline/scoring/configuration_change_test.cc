// A partition restored under another configuration: what is kept goes on as if nothing had
// happened, the rest begins anew, and it is said which is which.

#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/scoring/rich_stream_fixture.h"

namespace tocsin {
namespace {

using Sentences = std::vector<std::string>;

/// A detector whose new block is not zero: it scores 100, and how much it has learned.
class Primed final : public Echo {
 public:
  using Echo::Echo;
  void start(State state) const override {
    Echo::start(state);
    view<double>(state) = 100;
  }

 private:
  std::optional<double> score_admitted(ConstState state, const Point&) const override {
    return view<double>(state);
  }
};
constinit const DetectorKind kPrimed{.name = "primed",
                                     .summary = "100 at first.",
                                     .blind_to = "All else.",
                                     .parameters = {},
                                     .scopes = kAllScopes,
                                     .kind_above = "odd",
                                     .kind_below = "odd",
                                     .version = 1,
                                     .make = make_fake<Primed>};

/// Three detectors, of which one has a forest that depends on its seed; `w` is a difference.
/// Nothing is an anomaly, so that what detectors learn does not depend on one another.
StreamSettings base_stream() {
  StreamSettings settings =
      stream_of({"v", "w"}, {detector_of(*find_detector("spike")),
                             detector_on(*find_detector("range"), Scope::entity, {"w"}),
                             detector_of(*find_detector("half_space_trees"), Scope::stream)});
  settings.detectors[1].parameters.set("warmup_points", 50);
  settings.features[1].transforms = {Transform::diff};
  settings.sensitivity = Sensitivity::per_event(1e-12);
  return settings;
}

/// Reads what `type` said of the events from `begin` on.
std::vector<std::pair<double, double>> opinions(const OutcomeLog& log, std::string_view type,
                                                std::size_t begin) {
  std::vector<std::pair<double, double>> all;
  for (std::size_t i = begin; i < log.detectors.size(); ++i) {
    for (const DetectorReading& reading : log.detectors[i]) {
      if (reading.type == type) all.emplace_back(reading.score, reading.p_value);
    }
  }
  return all;
}

/// What the partition as a whole said of the events from `begin` on.
std::vector<std::array<double, 3>> verdicts(const OutcomeLog& log, std::size_t begin) {
  std::vector<std::array<double, 3>> all;
  for (std::size_t i = begin; i < log.events.size(); ++i) {
    all.push_back({log.events[i].p_value, log.events[i].score, log.events[i].confidence});
  }
  return all;
}

/// A partition that has run under one configuration, and the same gone on under another.
class ConfigurationChange : public testing::Test {
 protected:
  static constexpr int kBefore = 3000;
  static constexpr int kAfter = 1000;

  /// Runs `before`, restores as `after`, and goes on with both.
  void change(const StreamSettings& before, const StreamSettings& after, int events = kAfter) {
    begin(before);
    restore(after);
    for (int i = kBefore; i < kBefore + events; ++i) {
      const TestEvent event = rich_event(noise_, i, entities_);
      unbroken_->handle(event);
      changed_->handle(event);
    }
  }
  void begin(const StreamSettings& before) {
    unbroken_ = std::make_unique<ScoringFixture>(plan_of(before, Detail::full));
    for (int i = 0; i < kBefore; ++i) unbroken_->handle(rich_event(noise_, i, entities_));
  }
  void restore(const StreamSettings& after) {
    const KeptCuts cut = KeptCuts::of(unbroken_->saved());
    changed_ = std::make_unique<ScoringFixture>(plan_of(after, Detail::full));
    changed_->offset = unbroken_->offset;
    const auto foreseen = foreseen_restore(cut.head, *changed_->plan);
    const auto report = cut.restore(changed_->partition);
    ASSERT_TRUE(report) << report.error().message;
    report_ = *report;
    ASSERT_TRUE(foreseen);
    EXPECT_EQ(foreseen->sentences, report_.sentences) << "told otherwise beforehand";
    EXPECT_EQ(foreseen->entities, report_.entities);
    EXPECT_EQ(foreseen->detectors.size(), after.detectors.size()) << "told of every one";
    EXPECT_TRUE(
        foreseen->detectors.front().detector.starts_with(after.detectors.front().kind->name));
    EXPECT_EQ(foreseen->incidents_forgotten, report_.incidents_forgotten);
    EXPECT_EQ(changed_->partition.sequence(), unbroken_->partition.sequence());
    EXPECT_EQ(changed_->partition.next_offset(), unbroken_->partition.next_offset());
    EXPECT_EQ(changed_->counters.entities.value(), report_.entities);
    EXPECT_EQ(changed_->counters.incidents_open.value(), report_.incidents);
    restores_as_it_is();
  }
  /// What came out of a change can be saved and restored like everything else.
  void restores_as_it_is() const {
    const std::string saved = changed_->saved();
    ScoringFixture again(changed_->plan);
    const auto report = KeptCuts::of(saved).restore(again.partition);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->sentences.empty());
    EXPECT_EQ(again.saved(), saved);
  }
  /// Whether a detector goes on as if nothing had happened.
  testing::AssertionResult goes_on(std::string_view type) const {
    const auto expected = opinions(unbroken_->log, type, kBefore);
    const auto found = opinions(changed_->log, type, 0);
    if (expected.empty()) return testing::AssertionFailure() << type << " says nothing";
    if (found.size() != expected.size()) {
      return testing::AssertionFailure() << found.size() << " instead of " << expected.size();
    }
    const auto [one, other] = std::ranges::mismatch(found, expected);
    if (one == found.end()) return testing::AssertionSuccess();
    return testing::AssertionFailure()
           << one->first << " with p " << one->second << ", not " << other->first << " with p "
           << other->second << " as the " << one - found.begin() << "th";
  }

  std::uint64_t entities_ = 40;
  Noise noise_{1};
  std::unique_ptr<ScoringFixture> unbroken_;
  std::unique_ptr<ScoringFixture> changed_;
  RestoreReport report_;
};

TEST_F(ConfigurationChange, OfAParameterKeepsTheOtherDetectors) {
  StreamSettings after = base_stream();
  after.detectors[0].parameters.set("warmup_points", 40);

  change(base_stream(), after);

  EXPECT_EQ(report_.sentences,
            (Sentences{"spike starts anew: `warmup_points` changed", "range keeps 40 entities",
                       "half_space_trees keeps its model",
                       "combination starts anew: `detectors` changed"}));
  EXPECT_FALSE(goes_on("spike"));
  EXPECT_TRUE(goes_on("range"));
  EXPECT_TRUE(goes_on("half_space_trees"));
  EXPECT_TRUE(changed_->log.events.front().warming_up) << "the combination has no scores yet";
  EXPECT_FALSE(changed_->log.events.back().warming_up);
  EXPECT_LT(opinions(changed_->log, "spike", 0).size(), std::size_t{kAfter} - 30 * 40)
      << "each entity's spike warms up again";
}

TEST_F(ConfigurationChange, ThatAddsADetectorKeepsAllOthers) {
  StreamSettings after = base_stream();
  after.detectors.insert(after.detectors.begin(), detector_of(kPrimed));

  change(base_stream(), after);

  EXPECT_EQ(report_.sentences,
            (Sentences{"primed starts anew: it was not there before", "spike keeps 40 entities",
                       "range keeps 40 entities", "half_space_trees keeps its model",
                       "combination starts anew: `detectors` changed"}));
  for (const auto* type : {"spike", "range", "half_space_trees"}) EXPECT_TRUE(goes_on(type));
  EXPECT_EQ(opinions(changed_->log, "primed", 0).front().first, 100);
}

TEST_F(ConfigurationChange, ThatRemovesADetectorKeepsAllOthers) {
  StreamSettings after = base_stream();
  after.detectors.erase(after.detectors.begin());

  change(base_stream(), after);

  EXPECT_EQ(report_.sentences,
            (Sentences{"range keeps 40 entities", "half_space_trees keeps its model",
                       "spike is gone", "combination starts anew: `detectors` changed"}));
  EXPECT_TRUE(goes_on("range"));
  EXPECT_TRUE(goes_on("half_space_trees"));
}

TEST_F(ConfigurationChange, OfTheirOrderKeepsEverything) {
  StreamSettings after = base_stream();
  std::ranges::reverse(after.detectors);

  change(base_stream(), after);

  EXPECT_EQ(report_.sentences, (Sentences{"half_space_trees keeps its model",
                                          "range keeps 40 entities", "spike keeps 40 entities"}));
  for (const auto* type : {"spike", "range", "half_space_trees"}) EXPECT_TRUE(goes_on(type));
  EXPECT_EQ(verdicts(changed_->log, 0), verdicts(unbroken_->log, kBefore));
}

TEST_F(ConfigurationChange, OfTheirOrderEvictsAsIfUnbroken) {
  entities_ = 300;
  StreamSettings before = base_stream();
  before.detectors[0].parameters.set("warmup_points", 8);
  before.partition_max_bytes = 60'000;
  StreamSettings after = before;
  std::ranges::reverse(after.detectors);

  change(before, after);

  EXPECT_GT(changed_->counters.evictions.value(), 100U);
  EXPECT_EQ(report_.entities_forgotten, 0U);
  EXPECT_EQ(verdicts(changed_->log, 0), verdicts(unbroken_->log, kBefore));
}

TEST_F(ConfigurationChange, OfATransformBeginsAnewWhatSeesTheFeature) {
  StreamSettings before = base_stream();
  before.features[0].transforms = {Transform::diff};
  before.detectors[0].features = {"v"};
  StreamSettings after = before;
  after.features[1].transforms = {Transform::rate};

  change(before, after);

  EXPECT_EQ(report_.sentences,
            (Sentences{"spike keeps 40 entities", "range starts anew: feature `w` changed",
                       "half_space_trees starts anew: feature `w` changed",
                       "learning policy starts anew: feature `w` changed",
                       "memory of `w` starts anew: feature `w` changed",
                       "combination starts anew: `detectors` changed"}));
  EXPECT_TRUE(goes_on("spike")) << "and so does what `v` remembers";
  EXPECT_FALSE(goes_on("range"));
}

TEST_F(ConfigurationChange, ThatAddsAFeatureKeepsWhatDoesNotSeeIt) {
  StreamSettings after = base_stream();
  after.features.insert(after.features.begin() + 1, {.name = "u", .field = "/u"});

  change(base_stream(), after, 0);

  EXPECT_EQ(report_.sentences,
            (Sentences{"spike starts anew: `features` changed", "range keeps 40 entities",
                       "half_space_trees starts anew: `features` changed",
                       "learning policy starts anew: `features` changed",
                       "combination starts anew: `detectors` changed"}));
}

TEST_F(ConfigurationChange, OfSensitivityAloneIsNoChangeOfState) {
  StreamSettings after = base_stream();
  after.sensitivity = Sensitivity::per_event(1e-2);

  begin(base_stream());
  restore(after);

  EXPECT_EQ(changed_->plan->definition_hash(), unbroken_->plan->definition_hash());
  EXPECT_TRUE(report_.sentences.empty());
  EXPECT_EQ(changed_->saved(), unbroken_->saved());
}

TEST_F(ConfigurationChange, ToALargerBudgetKeepsEverything) {
  StreamSettings before = base_stream();
  before.partition_max_bytes = 13'000;
  StreamSettings after = before;
  after.partition_max_bytes = 2'000'000;

  change(before, after, 0);

  EXPECT_LT(report_.entities, 40U) << "not all entities fit before";
  EXPECT_EQ(report_.entities, unbroken_->counters.entities.value());
  EXPECT_EQ(report_.sentences.size(), 3U);
  for (const std::string& sentence : report_.sentences) {
    EXPECT_NE(sentence.find(" keeps "), std::string::npos) << sentence;
  }
}

TEST_F(ConfigurationChange, ToABudgetThatStillHoldsAllGoesOnAsIfUnbroken) {
  StreamSettings after = base_stream();
  after.partition_max_bytes /= 2;

  change(base_stream(), after);

  EXPECT_EQ(report_.entities, 40U);
  EXPECT_EQ(verdicts(changed_->log, 0), verdicts(unbroken_->log, kBefore));
}

TEST_F(ConfigurationChange, ToASmallerBudgetKeepsTheEntitiesSeenLast) {
  StreamSettings after = base_stream();
  after.partition_max_bytes = 13'000;
  std::vector<std::string> seen;  // The last first.
  Noise noise(1);
  for (int i = 0; i < kBefore; ++i) {
    const std::string entity = rich_event(noise, i).entity;
    std::erase(seen, entity);
    seen.insert(seen.begin(), entity);
  }

  begin(base_stream());
  restore(after);

  const auto kept = static_cast<std::ptrdiff_t>(report_.entities);
  EXPECT_LT(kept, 40);
  EXPECT_GT(kept, 10);
  EXPECT_EQ(report_.entities_forgotten, static_cast<std::uint64_t>(40 - kept));
  EXPECT_EQ(report_.sentences.back(),
            std::to_string(40 - kept) +
                " entities of 40 do not fit any more: those seen longest ago are forgotten");
  for (std::ptrdiff_t i = 0; i < 40; ++i) {
    restore(after);
    changed_->handle({.entity = seen[static_cast<std::size_t>(i)],
                      .time_ms = kBefore * 2000LL,
                      .values = {1, 1},
                      .group = {}});
    EXPECT_EQ(opinions(changed_->log, "spike", 0).size(), i < kept ? 1U : 0U) << i;
  }
  for (int i = 0; i < kAfter; ++i) changed_->handle(rich_event(noise_, i));
  EXPECT_GT(changed_->counters.evictions.value(), 0U);
}

TEST_F(ConfigurationChange, OfWhatNamesAnEntityBeginsEverythingAnew) {
  StreamSettings after = base_stream();
  after.entity = {"/host"};

  change(base_stream(), after);

  EXPECT_EQ(report_.sentences, (Sentences{"everything starts anew: `entity` changed"}));
  EXPECT_EQ(report_.entities, 0U);
  EXPECT_EQ(report_.entities_forgotten, 40U);
  ScoringFixture fresh(changed_->plan);
  Noise noise(1);
  for (int i = 0; i < kBefore; ++i) rich_event(noise, i);
  for (int i = kBefore; i < kBefore + kAfter; ++i) fresh.handle(rich_event(noise, i));
  EXPECT_EQ(verdicts(changed_->log, 0), verdicts(fresh.log, 0));
}

TEST_F(ConfigurationChange, NamesAllThatChanged) {
  StreamSettings before = base_stream();
  before.detectors.push_back(detector_of(*find_detector("spike"), Scope::stream));
  StreamSettings after = before;
  after.seed = 7;
  after.detectors[0].parameters.set("warmup_points", 40);
  after.detectors[0].parameters.set("half_life_points", 64);

  change(before, after, 0);

  EXPECT_EQ(report_.sentences[0],
            "spike (detectors[0]) starts anew: `half_life_points`, `warmup_points` and `seed` "
            "changed");
  EXPECT_EQ(report_.sentences[3], "spike (detectors[3]) starts anew: `seed` changed");
}

TEST_F(ConfigurationChange, KeepsGroupsWhoseDetectorIsAsItWas) {
  StreamSettings before = base_stream();
  before.detectors.push_back(detector_of(kRefitted, Scope::group));
  StreamSettings after = before;
  std::swap(after.detectors[0], after.detectors[3]);
  after.detectors[1].features = {"v"};

  change(before, after);

  EXPECT_EQ(report_.sentences[0], "refitted keeps 20 groups");
  EXPECT_EQ(report_.sentences[1], "range starts anew: `features` changed");
  EXPECT_TRUE(goes_on("refitted"));

  after.detectors[0].group_by = "/zone";
  change(before, after, 0);

  EXPECT_EQ(report_.sentences[0], "refitted starts anew: `group_by` changed");
  EXPECT_EQ(changed_->counters.models.value(), 1U) << "the forest; no group";
}

TEST_F(ConfigurationChange, TakesARefitInFlightWithIt) {
  StreamSettings before = stream_of({"v"}, {detector_of(kRefitted, Scope::stream)});
  StreamSettings after = before;
  after.detectors.push_back(detector_of(kEcho));
  ScoringFixture old(plan_of(before, Detail::full));
  for (int i = 0; i < 60; ++i) old.handle({.values = {0}, .group = {}});
  ScoringFixture changed(plan_of(after, Detail::full));

  ASSERT_TRUE(KeptCuts::of(old.saved()).restore(changed.partition));
  for (int i = 0; i < 12; ++i) changed.handle({.values = {0}, .group = {}});

  EXPECT_EQ(changed.log.detectors[9][0].score, 0);
  EXPECT_EQ(changed.log.detectors[10][0].score, 50);
}

}  // namespace
}  // namespace tocsin
