#include "pipeline/input/json_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdlib>
#include <span>

#include "pipeline/input/json_diagnosis.h"
#include "pipeline/input/json_number.h"
#include "pipeline/input/json_text.h"

namespace tocsin {

namespace {

constexpr std::size_t kFirstCapacity = 16U << 10U;
/// Objects with more loose keys than this are searched for duplicates by sorting.
constexpr std::size_t kPairwiseMax = 32;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

}  // namespace

/// simdjson's first stage, which is the part of it that is chosen by the CPU.
struct JsonReader::Indexer {
  Indexer() {
    const simdjson::implementation* kernel = simdjson::get_active_implementation();
    // The portable kernel may look a few bytes past the end; the others copy their last block.
    reads_past_end = kernel->name() == "fallback";
    const auto problem =
        kernel->create_dom_parser_implementation(kFirstCapacity, kJsonDepthMax, parser);
    if (problem != simdjson::SUCCESS) std::abort();  // Out of memory.
  }

  void make_room(std::size_t size) const {
    if (size <= parser->capacity()) return;
    const auto problem = parser->set_capacity(std::max(size, 2 * parser->capacity()));
    if (problem != simdjson::SUCCESS) std::abort();  // Out of memory.
  }

  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  bool reads_past_end = false;
  std::string copy;
};

JsonReader::JsonReader() : indexer_(std::make_unique<Indexer>()) {}
JsonReader::~JsonReader() = default;

JsonVerdict JsonReader::read(std::string_view text, ExtractionPlan& plan, NumberSink* sink) {
  begin(text, plan, sink);
  if (!index()) return JsonVerdict::broken;
  root_ = text[*first_] == '{' ? JsonKind::object : JsonKind::null;
  const Spot whole{.target = plan.root(), .met = nullptr, .key = nullptr};
  if (value(first_, whole, Frame{}) != end_) return JsonVerdict::broken;
  return duplicate_position_ == SIZE_MAX ? JsonVerdict::valid : JsonVerdict::duplicate_key;
}

void JsonReader::begin(std::string_view text, ExtractionPlan& plan, NumberSink* sink) {
  text_ = text;
  plan_ = &plan;
  sink_ = sink;
  root_ = JsonKind::absent;
  duplicate_position_ = SIZE_MAX;
  loose_.clear();
  keys_.clear();
  place_.clear();
  tokens_.assign(plan.slots(), JsonToken{});
  plan.begin_document();
  has_escapes_ = text.find('\\') != std::string_view::npos;
  if (has_escapes_) keys_.reserve(text.size());  // So that views into it stay valid.
}

bool JsonReader::index() {
  if (text_.empty()) return false;
  indexer_->make_room(text_.size());
  const char* bytes = text_.data();
  if (indexer_->reads_past_end) {
    indexer_->copy.assign(text_).append(simdjson::SIMDJSON_PADDING, ' ');
    bytes = indexer_->copy.data();
  }
  simdjson::internal::dom_parser_implementation& parser = *indexer_->parser;
  const auto problem = parser.stage1(reinterpret_cast<const std::uint8_t*>(bytes), text_.size(),
                                     simdjson::stage1_mode::regular);
  first_ = parser.structural_indexes.get();
  end_ = first_ + parser.n_structural_indexes;
  return problem == simdjson::SUCCESS;
}

// What follows is inlined into the two loops over members and elements: then the place they are
// at stays in a register, which is a third of the time.

[[gnu::always_inline]] inline bool JsonReader::is_sign(Place at, char sign) const {
  return at != end_ && text_[*at] == sign;
}

/// The token at `at`, without the white space after it.
[[gnu::always_inline]] inline std::string_view JsonReader::token_text(Place at) const {
  const std::size_t begin = at[0];
  std::size_t end = at[1];
  while (end > begin && is_space(text_[end - 1])) --end;
  return {text_.data() + begin, end - begin};
}

[[gnu::always_inline]] inline bool JsonReader::string(Place at, JsonToken& token) const {
  const std::string_view quoted = token_text(at);
  if (quoted.size() < 2 || quoted.back() != '"') return false;
  token.text = {quoted.data() + 1, quoted.size() - 2};
  token.kind = JsonKind::string;
  if (!has_escapes_) return true;
  token.has_escapes = token.text.find('\\') != std::string_view::npos;
  return !token.has_escapes || find_bad_escape(token.text) == std::string_view::npos;
}

/// A number, or one of the three words.
[[gnu::always_inline]] inline bool JsonReader::word(Place at, JsonToken& token) const {
  token.text = token_text(at);
  const char c = text_[*at];
  if (c == 't' || c == 'f') {
    token.kind = JsonKind::boolean;
    return token.text == (c == 't' ? "true" : "false");
  }
  if (c == 'n') {
    token.kind = JsonKind::null;
    return token.text == "null";
  }
  token.kind = JsonKind::number;
  return is_json_number_inside(token.text, text_.size() - *at);
}

[[gnu::always_inline]] inline JsonReader::Place JsonReader::scalar(Place at, const Spot& spot,
                                                                   const Frame& frame) {
  const bool is_wanted = spot.target.slot != ExtractionPlan::kNone;
  JsonToken token;
  const bool is_string = text_[*at] == '"';
  if (is_string ? !string(at, token) : !word(at, token)) return nullptr;
  if (is_wanted) tokens_[spot.target.slot] = token;
  if (frame.offers_numbers && !is_wanted && token.kind == JsonKind::number) {
    offer(spot, token.text);
  }
  return at + 1;
}

[[gnu::always_inline]] inline JsonReader::Place JsonReader::value(Place at, const Spot& spot,
                                                                  const Frame& frame) {
  if (at == end_) return nullptr;
  const char c = text_[*at];
  return c == '{' || c == '[' ? nested(at, spot, frame) : scalar(at, spot, frame);
}

[[gnu::always_inline]] inline JsonReader::Spot JsonReader::meet(std::size_t position,
                                                                const Frame& frame,
                                                                const JsonKey& key,
                                                                std::size_t& cursor) {
  Spot spot{.target = {}, .met = nullptr, .key = &key};
  if (frame.node != ExtractionPlan::kNone) {
    spot.met = plan_->meet(frame.node, key, cursor);
    if (spot.met != nullptr) {
      spot.target = spot.met->target;
      if (spot.met->document == plan_->document()) report_duplicate(key.text, position);
      spot.met->document = plan_->document();
      return spot;
    }
    spot.target = plan_->wanted(frame.node, key.text);
  }
  loose_.push_back({.key = key, .position = position});
  return spot;
}

[[gnu::always_inline]] inline JsonReader::Place JsonReader::member(Place at, const Frame& frame,
                                                                   std::size_t& cursor) {
  JsonToken token;
  if (!is_sign(at, '"') || !string(at, token) || !is_sign(at + 1, ':')) return nullptr;
  const std::string_view text = token.has_escapes ? plain_key(token) : token.text;
  const std::size_t readable = token.has_escapes ? text.size() : text_.size() - *at - 1;
  const JsonKey key = JsonKey::of(text, readable);
  return value(at + 2, meet(*at, frame, key, cursor), frame);
}

JsonReader::Place JsonReader::nested(Place at, const Spot& spot, const Frame& frame) {
  const int depth = frame.depth + 1;
  if (depth > kJsonDepthMax) return nullptr;
  const JsonKind kind = text_[*at] == '{' ? JsonKind::object : JsonKind::array;
  if (spot.target.slot != ExtractionPlan::kNone) {
    tokens_[spot.target.slot] = {.text = {}, .kind = kind, .has_escapes = false};
  }
  if (kind == JsonKind::array) {
    return array(at + 1, {.node = spot.target.node, .depth = depth, .offers_numbers = false});
  }
  const bool is_root = depth == 1;
  const bool offers_numbers = sink_ != nullptr && (is_root || frame.offers_numbers);
  const std::size_t place_size = place_.size();
  if (offers_numbers && !is_root) append_pointer_step(place_, spot.key->text);
  const Place behind =
      object(at + 1, {.node = spot.target.node, .depth = depth, .offers_numbers = offers_numbers});
  place_.resize(place_size);
  return behind;
}

JsonReader::Place JsonReader::array(Place at, const Frame& frame) {
  if (is_sign(at, ']')) return at + 1;
  for (std::uint64_t i = 0;; ++i) {
    Spot spot;
    if (frame.node != ExtractionPlan::kNone) spot.target = plan_->element(frame.node, i);
    at = value(at, spot, frame);
    if (at == nullptr) return nullptr;
    if (is_sign(at, ']')) return at + 1;
    if (!is_sign(at, ',')) return nullptr;
    ++at;
  }
}

JsonReader::Place JsonReader::object(Place at, const Frame& frame) {
  if (is_sign(at, '}')) return at + 1;
  const std::size_t loose = loose_.size();
  std::size_t cursor = 0;
  while (true) {
    at = member(at, frame, cursor);
    if (at == nullptr) return nullptr;
    if (is_sign(at, '}')) break;
    if (!is_sign(at, ',')) return nullptr;
    ++at;
  }
  if (loose_.size() > loose) check_loose_keys(loose);
  return at + 1;
}

std::string_view JsonReader::plain_key(const JsonToken& token) {
  const std::size_t begin = keys_.size();
  append_unescaped(keys_, token.text);
  return std::string_view(keys_).substr(begin);
}

void JsonReader::offer(const Spot& spot, std::string_view number) {
  if (spot.met != nullptr && spot.met->is_settled) return;
  const NumberSink::Interest interest = sink_->number(place_, spot.key->text, number);
  if (spot.met != nullptr) spot.met->is_settled = interest == NumberSink::Interest::never;
}

/// Closes an object whose loose keys begin at `first`.
void JsonReader::check_loose_keys(std::size_t first) {
  if (loose_.size() - first <= kPairwiseMax) {
    for (std::size_t i = first + 1; i < loose_.size(); ++i) {
      const auto before = std::span(loose_).subspan(first, i - first);
      if (std::ranges::find(before, loose_[i].key, &LooseKey::key) != before.end()) {
        report_duplicate(loose_[i].key.text, loose_[i].position);
      }
    }
  } else {
    check_many_keys(std::span(loose_).subspan(first));
  }
  loose_.resize(first);
}

/// Sorting keeps its cost bounded whatever the keys are, which no hash does.
void JsonReader::check_many_keys(std::span<const LooseKey> keys) {
  sorted_.assign(keys.begin(), keys.end());
  std::sort(sorted_.begin(), sorted_.end(), [](const LooseKey& a, const LooseKey& b) {
    const int order = a.key.text.compare(b.key.text);
    return order != 0 ? order < 0 : a.position < b.position;
  });
  for (std::size_t i = 1; i < sorted_.size(); ++i) {
    if (sorted_[i].key == sorted_[i - 1].key) {
      report_duplicate(sorted_[i].key.text, sorted_[i].position);
    }
  }
}

void JsonReader::report_duplicate(std::string_view key, std::size_t position) {
  if (position >= duplicate_position_) return;
  duplicate_position_ = position;
  duplicate_ = key;
}

}  // namespace tocsin
