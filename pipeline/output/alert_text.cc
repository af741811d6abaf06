#include "pipeline/output/alert_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "pipeline/output/readable.h"
#include "pipeline/output/timestamp.h"

namespace tocsin {
namespace {

constexpr std::size_t kNamedMax = 3;       // Features or detectors in one sentence.
constexpr double kShareWorthNaming = 0.1;  // Of the strangeness.
constexpr double kProbabilityWorthNaming = 0.01;
constexpr double kLittleEvidence = 0.5;  // Confidence below this is mentioned.
constexpr std::string_view kMultivariate = "multivariate";

struct Suggestion {
  std::string_view kind;
  std::string_view text;
};
constexpr std::array<Suggestion, 4> kSuggestions{{
    {"spike",
     "Look for what began at this moment: a change, a burst of load, a failing dependency."},
    {"drop",
     "Check that the source still works and sends everything: traffic or input may be lost."},
    {"range", "Check whether such a value is possible; if it is, nothing like it was seen before."},
    {kMultivariate,
     "Compare the named features with one another: each may be normal, but not all together."},
}};
constexpr std::string_view kAnySuggestion =
    "Look at the event, and at what changed just before it.";

// [CloseReason]
constexpr std::array<std::string_view, 5> kEndings{
    "is over", "is back to normal", "is over, no more anomalies came",
    "was forgotten to make room for other entities", "has a new normal"};
constexpr std::array<std::string_view, 5> kEndingSentences{
    "It is over.", "It ended because events were normal again.",
    "It ended because no more anomalies came for long.",
    "It ended because the entity's memory was needed for others; whether it goes on is unknown.",
    "It ended because what was unusual has lasted so long that it is now taken for normal."};
constexpr std::array<std::string_view, 5> kEndingSuggestions{
    "Nothing to do.", "Nothing to do: it ended by itself.",
    "Check whether the entity still sends events.",
    "Give the stream more memory if such entities matter.",
    "Nothing to do if the change was meant; if not, mend it, for it will alert no more."};

std::optional<double> finite(std::optional<double> value) {
  if (value && !std::isfinite(*value)) return std::nullopt;
  return value;
}

/// Appends what was seen of a feature and what was expected: `duration 912, expected 96 to 181`.
void add_reading(std::string& out, const FeatureReading& reading) {
  const auto value = finite(reading.value);
  const auto expected = finite(reading.expected);
  const auto lower = finite(reading.lower);
  const auto upper = finite(reading.upper);
  std::array<double, 4> known{};
  std::size_t count = 0;
  for (const auto& number : {value, lower, upper}) {
    if (number) known[count++] = *number;
  }
  if (!lower && !upper && expected) known[count++] = *expected;
  const int digits = digits_that_tell_apart(std::span(known).first(count));
  const auto add = [&](double number) { out.append(ReadableNumber(number, digits).text()); };

  add_name(out, reading.name);
  if (value) {  // What was seen is known, what was expected is soft: it gets a digit more.
    out.push_back(' ');
    out.append(ReadableNumber(*value, std::min(digits + 1, 17)).text());
  } else {
    out.append(" absent");
  }
  if (lower && upper) {
    out.append(", expected ");
    add(*lower);
    if (*upper == *lower) return;
    out.append(" to ");
    add(*upper);
  } else if (upper) {
    out.append(", expected at most ");
    add(*upper);
  } else if (lower) {
    out.append(", expected at least ");
    add(*lower);
  } else if (expected) {
    out.append(", expected about ");
    add(*expected);
  } else if (value) {
    out.append(", which is unusual");
  }
}

/// The largest of `items` by `weight`, at most kNamedMax, of those at least `floor`; the first of
/// equals first.
template <class Item, class Weight>
std::size_t leading(std::span<const Item> items, Weight weight, double floor,
                    std::array<const Item*, kNamedMax>& chosen) {
  std::size_t count = 0;
  for (const Item& item : items) {
    if (!(weight(item) >= floor)) continue;
    std::size_t at = count;
    while (at > 0 && weight(item) > weight(*chosen[at - 1])) --at;
    if (at == kNamedMax) continue;
    count = std::min(count + 1, kNamedMax);
    for (std::size_t i = count - 1; i > at; --i) chosen[i] = chosen[i - 1];
    chosen[at] = &item;
  }
  return count;
}

std::size_t leading_features(const ScoredEvent& event,
                             std::array<const FeatureReading*, kNamedMax>& chosen) {
  return leading(
      event.features, [](const FeatureReading& reading) { return reading.share; },
      kShareWorthNaming, chosen);
}

/// What stands between the items of a list: `a, b and c`.
void add_separator(std::string& out, std::size_t index, std::size_t count) {
  if (index > 0) out.append(index + 1 == count ? " and " : ", ");
}

void add_percent(std::string& out, double share) {
  out.append(ReadableNumber(std::round(share * 100)).text()).append(" %");
}

/// Appends ` 12 anomalous events`, or in the singular.
void add_event_count(std::string& out, std::uint32_t count) {
  out.append(ReadableNumber(count).text());
  out.append(count == 1 ? " anomalous event" : " anomalous events");
}

}  // namespace

void AlertText::describe(const Alert& alert, const ScoredEvent& cause) {
  title_.clear();
  explanation_.clear();
  entitle(alert, cause);
  if (alert.state == AlertState::close) {
    explain_incident(alert, cause);
    explain_end(alert);
    suggestion_ = kEndingSuggestions[static_cast<std::size_t>(alert.close_reason)];
    return;
  }
  explain_event(alert, cause);
  if (alert.state == AlertState::update) explain_incident(alert, cause);
  suggestion_ = kAnySuggestion;
  for (const Suggestion& suggestion : kSuggestions) {
    if (suggestion.kind == alert.kind) suggestion_ = suggestion.text;
  }
}

void AlertText::entitle(const Alert& alert, const ScoredEvent& cause) {
  if (alert.entity.empty()) {
    add_name(title_, cause.source.stream);
  } else {
    add_entity(title_, alert.entity);
  }
  title_.append(": ");
  if (alert.state == AlertState::close) {
    if (alert.feature.empty() || alert.close_reason == CloseReason::quiet ||
        alert.close_reason == CloseReason::evicted) {
      title_.append("the incident ");
    } else {
      add_name(title_, alert.feature);
      title_.push_back(' ');
    }
    title_.append(kEndings[static_cast<std::size_t>(alert.close_reason)]);
    return;
  }
  std::array<const FeatureReading*, kNamedMax> chosen{};
  const std::size_t count = leading_features(cause, chosen);
  if (alert.kind == kMultivariate && count > 1) {
    title_.append("unusual combination of ");
    for (std::size_t i = 0; i < count; ++i) {
      add_separator(title_, i, count);
      add_name(title_, chosen[i]->name);
    }
  } else if (!alert.lead.name.empty()) {
    add_reading(title_, alert.lead);
  } else {
    title_.append("unusual event");
  }
}

void AlertText::explain_event(const Alert& alert, const ScoredEvent& cause) {
  if (cause.p_value > kSmallestFrequency) explanation_.append("about ");
  add_frequency(explanation_, cause.p_value);
  explanation_.front() = static_cast<char>(explanation_.front() - 'a' + 'A');
  explanation_.append(" events is as strange as this.");
  switch (cause.ground) {
    case Ground::rarity:
      break;
    case Ground::news:
      explanation_.append(" It goes beyond all that was seen here before.");
      break;
    case Ground::evidence:
      explanation_.append(" Several such events in a row are rarer than one alone.");
      break;
  }
  explain_features(cause);
  explain_detectors(cause);
  if (cause.confidence < kLittleEvidence) {
    explanation_.append(" This rests on little history so far.");
  }
  if (!alert.related.empty()) {
    explanation_.push_back(' ');
    explanation_.append(ReadableNumber(static_cast<double>(alert.related.size())).text());
    explanation_.append(alert.related.size() == 1 ? " other entity alerts"
                                                  : " other entities alert");
    explanation_.append(" in the same minute.");
  }
}

void AlertText::explain_features(const ScoredEvent& cause) {
  std::array<const FeatureReading*, kNamedMax> chosen{};
  const std::size_t count = leading_features(cause, chosen);
  for (std::size_t i = 0; i < count; ++i) {
    explanation_.append(i == 0 ? " " : "; ");
    add_reading(explanation_, *chosen[i]);
    explanation_.append(" (");
    add_percent(explanation_, chosen[i]->share);
    explanation_.append(i == 0 ? " of the strangeness)" : ")");
  }
  if (count > 0) explanation_.push_back('.');
}

void AlertText::explain_detectors(const ScoredEvent& cause) {
  std::array<const DetectorReading*, kNamedMax> chosen{};
  const std::size_t count = leading(
      cause.detectors, [](const DetectorReading& reading) { return -reading.p_value; },
      -kProbabilityWorthNaming, chosen);
  if (count == 0) return;
  explanation_.append(" Found by ");
  for (std::size_t i = 0; i < count; ++i) {
    add_separator(explanation_, i, count);
    add_name(explanation_, chosen[i]->type);
    explanation_.append(" (");
    add_frequency(explanation_, chosen[i]->p_value);
    explanation_.push_back(')');
  }
  explanation_.push_back('.');
}

void AlertText::explain_incident(const Alert& alert, const ScoredEvent& cause) {
  const bool is_over = alert.state == AlertState::close;
  if (!explanation_.empty()) explanation_.push_back(' ');
  explanation_.append(is_over ? "The incident lasted " : "The incident has lasted ");
  // Event times may be anything; within what can be written, their difference fits.
  add_duration(explanation_, within_timestamps(is_over ? alert.closed_ms : cause.time_ms) -
                                 within_timestamps(alert.opened_ms));
  explanation_.append(" with ");
  add_event_count(explanation_, alert.count);
  explanation_.append("; the worst scored ");
  explanation_.append(ReadableNumber(alert.worst_score, 3).text());
  explanation_.push_back('.');
}

void AlertText::explain_end(const Alert& alert) {
  if (!alert.lead.name.empty()) {
    explanation_.append(" At its worst: ");
    add_reading(explanation_, alert.lead);
    explanation_.push_back('.');
  }
  explanation_.push_back(' ');
  explanation_.append(kEndingSentences[static_cast<std::size_t>(alert.close_reason)]);
}

}  // namespace tocsin
