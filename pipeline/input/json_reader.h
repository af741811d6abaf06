// Reads JSON documents whole: all of a document is checked, and what a plan wants is picked up.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/input/extraction_plan.h"
#include "pipeline/input/json_token.h"

namespace tocsin {

/// Receives the numbers that no plan wants, outside of arrays, in the order of the document.
class NumberSink {
 public:
  enum class Interest : std::uint8_t { again, never };
  virtual ~NumberSink() = default;
  /// `place` is the JSON pointer of the object that the number is in, `key` its key there.
  /// Returns whether the same path is worth asking about in later documents.
  virtual Interest number(std::string_view place, std::string_view key, std::string_view text) = 0;
};

/// What a document turned out to be.
enum class JsonVerdict : std::uint8_t {
  valid,
  duplicate_key,  ///< Valid but for that; `JsonReader::duplicate()` is the first such key.
  broken,         ///< Not JSON, or too deep: `diagnose` tells.
};

/// One document at a time. Shared by all decoders of a thread: it holds memory for the largest
/// document so far (about five times its size), and nothing of what was read.
///
/// simdjson finds where values and signs begin and checks UTF-8 and strings' ends; the walk over
/// those places is ours. It visits all of them whatever the plan is, so that the verdict depends
/// on the document alone.
///
/// Threads: one at a time.
class JsonReader {
 public:
  JsonReader();
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  /// Views into `text`, which must live as long as the tokens are used. `sink` may be null.
  JsonVerdict read(std::string_view text, ExtractionPlan& plan, NumberSink* sink);

  /// Of the last document, if it was valid: the value of a slot of the plan, and the whole.
  const JsonToken& token(std::uint32_t slot) const { return tokens_[slot]; }
  JsonKind root() const { return root_; }
  std::string_view duplicate() const { return duplicate_; }

 private:
  using Target = ExtractionPlan::Target;

  /// Where the walk is inside: an object or an array.
  struct Frame {
    std::uint32_t node = ExtractionPlan::kNone;
    int depth = 0;
    bool offers_numbers = false;
  };
  /// Where a value is, as the plan and discovery see it.
  struct Spot {
    Target target;
    ExtractionPlan::Met* met = nullptr;  ///< The key's entry, if it is an object's member.
    const JsonKey* key = nullptr;
  };
  /// A key that the plan has no entry for.
  struct LooseKey {
    JsonKey key;
    std::size_t position = 0;
  };

  /// A place where a value or a sign begins; the next one is where its token ends. Functions of
  /// the walk take the place they begin at and return the one after them; null: broken.
  using Place = const std::uint32_t*;

  void begin(std::string_view text, ExtractionPlan& plan, NumberSink* sink);
  bool index();
  Place value(Place at, const Spot& spot, const Frame& frame);
  Place scalar(Place at, const Spot& spot, const Frame& frame);
  Place nested(Place at, const Spot& spot, const Frame& frame);
  Place object(Place at, const Frame& frame);
  Place member(Place at, const Frame& frame, std::size_t& cursor);
  Place array(Place at, const Frame& frame);
  bool is_sign(Place at, char sign) const;
  std::string_view token_text(Place at) const;
  bool string(Place at, JsonToken& token) const;
  bool word(Place at, JsonToken& token) const;
  std::string_view plain_key(const JsonToken& token);
  Spot meet(std::size_t position, const Frame& frame, const JsonKey& key, std::size_t& cursor);
  void offer(const Spot& spot, std::string_view number);
  void check_loose_keys(std::size_t first);
  void check_many_keys(std::span<const LooseKey> keys);
  void report_duplicate(std::string_view key, std::size_t position);

  struct Indexer;
  std::unique_ptr<Indexer> indexer_;

  // The document being read.
  std::string_view text_;
  Place first_ = nullptr;
  Place end_ = nullptr;  // The place of the text's end.
  bool has_escapes_ = false;
  ExtractionPlan* plan_ = nullptr;
  NumberSink* sink_ = nullptr;
  JsonKind root_ = JsonKind::absent;
  std::string_view duplicate_;
  std::size_t duplicate_position_ = 0;

  std::vector<JsonToken> tokens_;  // [slots]
  std::vector<LooseKey> loose_;    // Of the open objects, a stack.
  std::vector<LooseKey> sorted_;
  std::string keys_;   // Keys that have escapes, without them.
  std::string place_;  // JSON pointer of the open object, kept where there is a sink.
};

}  // namespace tocsin
