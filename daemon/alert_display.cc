#include "daemon/alert_display.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include "daemon/memory_plan.h"
#include "tocsin.pb.h"

namespace tocsin {
namespace {

constexpr std::size_t kWidth = 96;
constexpr std::size_t kIndent = 12;

/// Four significant digits, without an exponent where people do not expect one.
std::string number(double value) {
  const double magnitude = std::abs(value);
  if (magnitude >= 1e4 && magnitude < 1e15) {
    return (value < 0 ? "-" : "") + count_text(static_cast<std::uint64_t>(std::llround(magnitude)));
  }
  return fmt::format("{:.4g}", value);
}

std::string clock_time(std::int64_t time_ms) {
  const std::time_t seconds = time_ms / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 16> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%H:%M:%S", &local);
  return {text.data(), length};
}

/// The feature that made the event strange more than any other; null where none is named.
const v1::Feature* strangest(const v1::Alert& alert) {
  const v1::Feature* found = nullptr;
  for (const v1::Feature& feature : alert.features()) {
    if (feature.has_value() && (found == nullptr || feature.share() > found->share())) {
      found = &feature;
    }
  }
  return found;
}

std::string expectation(const v1::Feature& feature) {
  if (!feature.has_lower() || !feature.has_upper()) {
    return feature.has_expected() ? "about " + number(feature.expected()) : "";
  }
  std::string text = number(feature.lower()) + " to " + number(feature.upper());
  if (feature.has_expected()) text += ", usually about " + number(feature.expected());
  return text;
}

class Block {
 public:
  explicit Block(Ink ink) : ink_(ink) {}

  /// A line of its own.
  void head(std::string_view text, std::string_view style) {
    text_ += painted(text, style);
    text_ += '\n';
  }
  /// A labelled text, wrapped.
  void line(std::string_view label, std::string_view text) {
    if (text.empty()) return;
    text_ += painted(fmt::format("  {:<10}", label), "2");
    std::size_t column = kIndent;
    while (!text.empty()) {
      const std::string_view word = text.substr(0, text.find(' '));
      text.remove_prefix(std::min(text.size(), word.size() + 1));
      const bool is_first = column == kIndent;
      if (!is_first && column + 1 + word.size() > kWidth) {
        text_ += '\n';
        text_.append(kIndent, ' ');
        column = kIndent;
      } else if (!is_first) {
        text_ += ' ';
        ++column;
      }
      text_ += word;
      column += word.size();
    }
    text_ += '\n';
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string painted(std::string_view text, std::string_view style) const {
    if (ink_ == Ink::plain) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", style, text);
  }

  Ink ink_;
  std::string text_;
};

std::string_view style_of(const v1::Alert& alert) {
  if (alert.state() == v1::Alert::close) return "1;32";
  return alert.severity() == v1::ScoredRecord::critical ? "1;31" : "1;33";
}

std::string heading(const v1::Alert& alert) {
  switch (alert.state()) {
    case v1::Alert::open:
      return "ALERT";
    case v1::Alert::close:
      return "OVER";
    default:
      return "WORSE";
  }
}

std::string block_of(const v1::Alert& alert, Ink ink) {
  Block block(ink);
  const std::int64_t time_ms = alert.time().seconds() * 1000 + alert.time().nanos() / 1'000'000;
  const std::string head = fmt::format("{:<6} {}  {}", heading(alert), clock_time(time_ms),
                                       v1::ScoredRecord::Severity_Name(alert.severity()));
  block.head(head + "  " + alert.title(), style_of(alert));
  if (alert.state() == v1::Alert::close) {
    block.line("why", alert.explanation());
    return std::move(block).text();
  }
  if (const v1::Feature* feature = strangest(alert)) {
    block.line("seen", feature->name() + " " + number(feature->value()));
    block.line("expected", expectation(*feature));
  }
  block.line("why", alert.explanation());
  block.line("next", alert.suggestion());
  std::string related;
  for (const std::string& entity : alert.related())
    related += (related.empty() ? "" : ", ") + entity;
  block.line("also", related);
  block.line("from",
             fmt::format("{}/{} offset {}, incident {}", alert.source().topic(),
                         alert.source().partition(), alert.source().offset(), alert.incident()));
  return std::move(block).text();
}

}  // namespace

Result<DisplayedAlert> display_alert(std::string_view json, Ink ink) {
  v1::Alert alert;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), &alert, options);
  if (!status.ok()) return Error{"an alert record cannot be read: " + status.ToString()};
  return DisplayedAlert{.entity = alert.entity(),
                        .state = v1::Alert::State_Name(alert.state()),
                        .time_ms = alert.time().seconds() * 1000 + alert.time().nanos() / 1'000'000,
                        .block = block_of(alert, ink)};
}

}  // namespace tocsin
