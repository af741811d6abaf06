#include "pipeline/scoring/definition.h"

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tocsin {

namespace {

/// Raised whenever the same definition would lay out or continue the state differently.
constexpr std::uint64_t kScoringVersion = 1;
/// The same of the decoder's.
constexpr std::uint64_t kInputVersion = 1;

std::string hex(std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = kDigits[number >> (60 - 4 * i) & 0xFU];
  return text;
}

/// Lines of `name value…`; strings carry their length, so that no two definitions read the same.
class Text {
 public:
  Text& line(std::string_view name) {
    text_ += '\n';
    text_ += name;
    return *this;
  }
  Text& string(std::string_view value) {
    text_ += ' ' + std::to_string(value.size()) + ':';
    text_ += value;
    return *this;
  }
  Text& number(std::uint64_t value) {
    text_ += ' ' + std::to_string(value);
    return *this;
  }
  Text& real(double value) {
    text_ += ' ' + hex(std::bit_cast<std::uint64_t>(value));
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add_feature(Text& text, const FeatureSettings& feature) {
  text.line("feature").string(feature.name).string(feature.field);
  text.number(static_cast<std::uint64_t>(feature.test)).real(feature.at_least);
  for (const std::string& scalar : feature.in) text.line("in").string(scalar);
  for (const Transform transform : feature.transforms) {
    text.line("transform").number(static_cast<std::uint64_t>(transform));
  }
}

void add_detector(Text& text, const DetectorSettings& detector) {
  text.line("detector").string(detector.kind->name).number(detector.kind->version);
  text.number(static_cast<std::uint64_t>(detector.scope)).string(detector.group_by);
  for (const std::string& feature : detector.features) text.line("of").string(feature);
  for (std::size_t i = 0; i < detector.parameters.parameters().size(); ++i) {
    text.line("parameter").string(detector.parameters.parameters()[i].name);
    text.real(detector.parameters.values()[i]);
  }
}

}  // namespace

std::string definition_text(const StreamSettings& settings) {
  Text text;
  text.line("scoring").number(kScoringVersion);
  for (const std::string& field : settings.entity) text.line("entity").string(field);
  text.line("time").string(settings.time.field);
  text.number(static_cast<std::uint64_t>(settings.time.unit));
  for (const FeatureSettings& feature : settings.features) add_feature(text, feature);
  text.line("dimensions").number(static_cast<std::uint64_t>(settings.dimensions()));
  for (const DetectorSettings& detector : settings.detectors) add_detector(text, detector);
  text.line("budget").number(settings.partition_max_bytes);
  text.line("seed").number(settings.seed);
  return text.take();
}

std::string input_definition_hash(const StreamSettings& settings) {
  Text text;
  text.line("input").number(kInputVersion);
  for (const std::string& field : settings.entity) text.line("entity").string(field);
  text.line("time").string(settings.time.field);
  text.number(static_cast<std::uint64_t>(settings.time.unit));
  text.line("far future").number(static_cast<std::uint64_t>(settings.far_future_ms));
  for (const FeatureSettings& feature : settings.features) add_feature(text, feature);
  text.line("dimensions").number(static_cast<std::uint64_t>(settings.dimensions()));
  for (const DetectorSettings& detector : settings.detectors) {
    if (detector.scope == Scope::group) text.line("group").string(detector.group_by);
  }
  const std::string whole = text.take();
  return hex(XXH3_64bits(whole.data(), whole.size()));
}

std::string definition_hash(const StreamSettings& settings) {
  const std::string text = definition_text(settings);
  return hex(XXH3_64bits(text.data(), text.size()));
}

}  // namespace tocsin
