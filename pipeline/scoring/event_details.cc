#include "pipeline/scoring/event_details.h"

#include <algorithm>

#include "pipeline/scoring/feature_list.h"

namespace tocsin {

EventDetails::EventDetails(const StreamPlan::Inside& plan)
    : plan_(plan), shares_(plan.dimensions()) {
  features_.reserve(plan.dimensions());
  columns_.reserve(plan.dimensions());
  detectors_.reserve(plan.detectors.size());
}

void EventDetails::fill(Ensemble& ensemble, const Event& event, std::optional<std::size_t> leader) {
  std::fill(shares_.begin(), shares_.end(), 0);
  if (leader) ensemble.explain(*leader, shares_);

  // The forecast follows a new level long before those who judge stretches call it one.
  const bool judges_stretch = leader && plan_.detectors[*leader].kind->points_to_judge > 1;
  const ByForecast heeds = judges_stretch ? ByForecast::no : ByForecast::yes;
  features_.clear();
  columns_.clear();
  for (std::size_t column = 0; column < plan_.dimensions(); ++column) {
    if (!is_shown(event.shared, column)) continue;
    features_.push_back(read(ensemble, event, column, heeds));
    columns_.push_back(column);
  }
  detectors_.clear();
  for (std::size_t i = 0; i < plan_.detectors.size(); ++i) {
    const Opinion& opinion = ensemble.opinions()[i];
    if (!opinion.has_score) continue;
    detectors_.push_back(
        {.type = plan_.detectors[i].kind->name, .score = opinion.score, .p_value = opinion.p});
  }
}

FeatureReading EventDetails::read(const Ensemble& ensemble, const Event& event, std::size_t column,
                                  ByForecast heeds) const {
  FeatureReading reading{.name = name_of(event.shared, column), .share = shares_[column]};
  const bool is_raw = plan_.transforms.is_invertible(column);
  const bool has_value =
      is_raw ? (event.present >> column & 1U) != 0 : event.point.has(static_cast<int>(column));
  if (has_value) reading.value = is_raw ? event.values[column] : event.point.values[column];
  if (const auto known = expectation(ensemble, event.point, column, heeds)) {
    reading.expected = plan_.transforms.shown(column, known->expected);
    reading.lower = plan_.transforms.shown(column, known->lower);
    reading.upper = plan_.transforms.shown(column, known->upper);
  }
  return reading;
}

std::optional<Expectation> EventDetails::expectation(const Ensemble& ensemble, const Point& point,
                                                     std::size_t column, ByForecast heeds) {
  return heeds == ByForecast::yes ? ensemble.expectation(point, column)
                                  : ensemble.expectation(column);
}

std::size_t EventDetails::leading_column(Ensemble& ensemble, std::size_t leader) {
  ensemble.explain(leader, shares_);
  return static_cast<std::size_t>(std::ranges::max_element(shares_) - shares_.begin());
}

Incidents::Lead EventDetails::lead(std::size_t leader) const {
  std::size_t best = 0;
  for (std::size_t i = 1; i < features_.size(); ++i) {
    const bool is_better = features_[i].share > features_[best].share ||
                           (!features_[best].value && features_[i].value);
    if (features_[i].value && is_better) best = i;
  }
  Incidents::Lead lead{};
  lead.detector = static_cast<std::uint8_t>(leader);
  if (features_.empty()) return lead;
  const FeatureReading& reading = features_[best];
  lead.feature = static_cast<std::uint8_t>(columns_[best]);
  lead.has_value = reading.value ? 1 : 0;
  lead.value = reading.value.value_or(0);
  lead.has_expected = reading.expected ? 1 : 0;
  lead.expected = reading.expected.value_or(0);
  lead.lower = reading.lower.value_or(0);
  lead.upper = reading.upper.value_or(0);
  lead.share = reading.share;
  lead.is_below = reading.value && reading.expected && *reading.value < *reading.expected ? 1 : 0;
  return lead;
}

FeatureReading EventDetails::reading(const Incidents::Lead& lead, std::string_view name) {
  FeatureReading reading{.name = name, .share = lead.share};
  if (lead.has_value != 0) reading.value = lead.value;
  if (lead.has_expected != 0) {
    reading.expected = lead.expected;
    reading.lower = lead.lower;
    reading.upper = lead.upper;
  }
  return reading;
}

bool EventDetails::is_shown(State shared, std::size_t column) const {
  if (!plan_.settings.discovers_features()) return true;
  const FeatureList features(shared.subspan(plan_.features_offset));
  return (features.dropped() >> column & 1U) == 0 && !features.name(column).empty();
}

std::string_view EventDetails::name_of(State shared, std::size_t column) const {
  if (!plan_.settings.discovers_features()) return plan_.settings.features[column].name;
  return FeatureList(shared.subspan(plan_.features_offset)).name(column);
}

}  // namespace tocsin
