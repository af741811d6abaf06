#include "pipeline/output/alert_text.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>

#include "pipeline/output/sample_outcomes.h"

namespace tocsin {
namespace {

std::string title_of(const Alert& alert, const ScoredEvent& cause = sample::anomaly()) {
  AlertText text;
  text.describe(alert, cause);
  return std::string(text.title());
}

std::string explanation_of(const Alert& alert, const ScoredEvent& cause = sample::anomaly()) {
  AlertText text;
  text.describe(alert, cause);
  return std::string(text.explanation());
}

std::string title_for(const FeatureReading& lead) {
  Alert alert = sample::opening();
  alert.lead = lead;
  return title_of(alert);
}

TEST(AlertText, SaysWhatWasSeenAndWhatWasExpected) {
  EXPECT_EQ(title_for({.name = "duration", .value = 912, .lower = 96, .upper = 181}),
            "checkout: duration 912, expected 96 to 181");
  EXPECT_EQ(title_for({.name = "duration", .value = 912, .expected = 96, .lower = 96, .upper = 96}),
            "checkout: duration 912, expected 96");
  EXPECT_EQ(title_for({.name = "duration", .value = 912, .upper = 181}),
            "checkout: duration 912, expected at most 181");
  EXPECT_EQ(title_for({.name = "duration", .value = 9, .lower = 96}),
            "checkout: duration 9, expected at least 96");
  EXPECT_EQ(title_for({.name = "duration", .value = 912, .expected = 131.25}),
            "checkout: duration 912, expected about 131");
  EXPECT_EQ(title_for({.name = "duration", .lower = 96, .upper = 181}),
            "checkout: duration absent, expected 96 to 181");
}

TEST(AlertText, IsStillASentenceWhereNothingIsExpected) {
  EXPECT_EQ(title_for({.name = "duration", .value = 912}),
            "checkout: duration 912, which is unusual");
  EXPECT_EQ(title_for({.name = "duration"}), "checkout: duration absent");
  EXPECT_EQ(title_for({}), "checkout: unusual event");
}

TEST(AlertText, TakesALimitThatIsNotFiniteForNone) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(title_for({.name = "x", .value = 912, .lower = -kInfinity, .upper = 181}),
            "checkout: x 912, expected at most 181");
  EXPECT_EQ(title_for({.name = "x", .value = kInfinity, .lower = -kInfinity, .upper = kInfinity}),
            "checkout: x absent");
}

TEST(AlertText, NeverShowsAnUnusualValueAsTheExpectedOne) {
  EXPECT_EQ(title_for({.name = "x", .value = 1000.2, .lower = 999.9, .upper = 1000.1}),
            "checkout: x 1000.2, expected 999.9 to 1000.1");
}

TEST(AlertText, NamesTheLeadingFeaturesOfACombination) {
  constexpr std::array kFeatures{FeatureReading{.name = "a", .value = 1, .share = 0.2},
                                 FeatureReading{.name = "b", .value = 1, .share = 0.05},
                                 FeatureReading{.name = "c", .value = 1, .share = 0.4},
                                 FeatureReading{.name = "d", .value = 1, .share = 0.2},
                                 FeatureReading{.name = "e", .value = 1, .share = 0.15}};
  ScoredEvent cause = sample::anomaly();
  cause.features = kFeatures;
  Alert alert = sample::opening();
  alert.kind = "multivariate";

  EXPECT_EQ(title_of(alert, cause), "checkout: unusual combination of c, a and d");
}

TEST(AlertText, NamesTheStreamWhereThereIsNoEntity) {
  Alert alert = sample::opening();
  alert.entity = "";

  EXPECT_EQ(title_of(alert), "api: duration 912, expected 96.5 to 181");
}

TEST(AlertText, ReadsCompositeAndHostileEntitiesOut) {
  Alert alert = sample::opening();
  alert.entity = R"(["checkout","/pay"])";
  EXPECT_EQ(title_of(alert), "checkout /pay: duration 912, expected 96.5 to 181");
  alert.entity = "a\x1b[2J\nb\u202E";
  EXPECT_EQ(title_of(alert), "a?[2J?b?: duration 912, expected 96.5 to 181");
}

TEST(AlertText, SaysHowAnIncidentEnded) {
  Alert alert = sample::ending();
  EXPECT_EQ(title_of(alert), "checkout: duration is back to normal");
  alert.close_reason = CloseReason::adopted;
  EXPECT_EQ(title_of(alert), "checkout: duration has a new normal");
  alert.close_reason = CloseReason::quiet;
  EXPECT_EQ(title_of(alert), "checkout: the incident is over, no more anomalies came");
  alert.close_reason = CloseReason::evicted;
  EXPECT_EQ(title_of(alert),
            "checkout: the incident was forgotten to make room for other entities");
  alert.close_reason = CloseReason::none;
  alert.feature = "";
  EXPECT_EQ(title_of(alert), "checkout: the incident is over");
}

TEST(AlertText, ExplainsAnUpdateByTheEventAndTheIncident) {
  EXPECT_EQ(explanation_of(sample::worsening()),
            "About 1 in 10,000 events is as strange as this. duration 912, expected 96.5 to 181 "
            "(83 % of the strangeness); error 1, which is unusual (17 %). Found by spike (1 in "
            "12,000) and half_space_trees (1 in 320). 2 other entities alert in the same minute. "
            "The incident has lasted 5 min with 12 anomalous events; the worst scored 4.01.");
}

TEST(AlertText, AdmitsThatThereIsLittleEvidence) {
  ScoredEvent cause = sample::anomaly();
  cause.confidence = 0.2;
  cause.features = {};
  cause.detectors = {};
  cause.p_value = 1e-20;
  Alert alert = sample::opening();
  alert.related = {};

  EXPECT_EQ(explanation_of(alert, cause),
            "Fewer than 1 in a trillion events is as strange as this. This rests on little history "
            "so far.");
}

TEST(AlertText, SaysWhatIsNewThoughNotRare) {
  ScoredEvent cause = sample::anomaly();
  cause.features = {};
  cause.detectors = {};
  cause.p_value = 1e-3;
  cause.score = 3;
  cause.alert_score = 4.5;
  cause.ground = Ground::news;
  Alert alert = sample::opening();
  alert.related = {};

  EXPECT_EQ(explanation_of(alert, cause),
            "About 1 in 1000 events is as strange as this. It goes beyond all that was seen here "
            "before.");

  cause.ground = Ground::evidence;
  EXPECT_EQ(explanation_of(alert, cause),
            "About 1 in 1000 events is as strange as this. Several such events in a row are rarer "
            "than one alone.");
}

TEST(AlertText, SuggestsSomethingForAnyKind) {
  AlertText text;
  for (const std::string_view kind : {"spike", "drop", "range", "multivariate", "never heard of"}) {
    Alert alert = sample::opening();
    alert.kind = kind;
    text.describe(alert, sample::anomaly());
    EXPECT_TRUE(text.suggestion().ends_with('.')) << kind;
  }
}

}  // namespace
}  // namespace tocsin
