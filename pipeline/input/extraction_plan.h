// Which values of a document are wanted, as a tree that is walked along with the document.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// A key, with its first and last eight bytes at hand: for keys up to 16 bytes these and the
/// length decide equality.
struct JsonKey {
  std::string_view text;
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  /// `readable` bytes, at least those of `text`, may be read from its begin.
  static JsonKey of(std::string_view text, std::size_t readable) {
    JsonKey key{.text = text};
    if (text.size() >= 8) {
      std::memcpy(&key.first, text.data(), 8);
      std::memcpy(&key.last, text.data() + text.size() - 8, 8);
      return key;
    }
    if (std::endian::native == std::endian::little && readable >= 8) {
      std::memcpy(&key.first, text.data(), 8);
      key.first &= (1ULL << (8 * text.size())) - 1;
    } else {
      std::memcpy(&key.first, text.data(), text.size());
    }
    return key;
  }
  bool operator==(const JsonKey& other) const {
    return first == other.first && last == other.last && text.size() == other.text.size() &&
           (text.size() <= 16 || text == other.text);
  }
};

/// The wanted paths of a partition's documents, each with a slot for its value.
///
/// Beside the wanted keys it remembers the others it has met, in the order of the documents, so
/// that a document like the one before is walked with one comparison a key. That memory is
/// bounded and changes nothing but speed.
class ExtractionPlan {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// What is at a place of the document: a wanted value, or a part of the way to one.
  struct Target {
    std::uint32_t slot = kNone;
    std::uint32_t node = kNone;
  };

  /// A key that has been met.
  struct Met {
    std::uint64_t first = 0;  ///< As in `JsonKey`.
    std::uint64_t last = 0;
    std::uint64_t document = 0;  ///< The last one it was in: twice in one is a duplicate.
    Target target;
    bool is_settled = false;  ///< Its numbers need not be offered to discovery again.
    std::string text;

    bool is(const JsonKey& key) const {
      return first == key.first && last == key.last && text.size() == key.text.size() &&
             (text.size() <= 16 || text == key.text);
    }
  };

  ExtractionPlan();

  /// Wants the value at `pointer`, a JSON pointer, and returns its slot; the same for the same.
  std::uint32_t want(std::string_view pointer);

  std::size_t slots() const { return slots_; }
  Target root() const { return root_; }
  void begin_document() { ++document_; }
  std::uint64_t document() const { return document_; }

  /// The entry of `key` in `node`, searched from `cursor` on, which then points behind it; null
  /// if there is no room to remember it. Valid until the next key is met in that node.
  Met* meet(std::uint32_t node, const JsonKey& key, std::size_t& cursor) {
    std::vector<Met>& met = nodes_[node].met;
    if (cursor < met.size() && met[cursor].is(key)) return &met[cursor++];
    return meet_elsewhere(nodes_[node], key, cursor);
  }
  Target wanted(std::uint32_t node, std::string_view key) const {
    return wanted_in(nodes_[node], key);
  }
  Target element(std::uint32_t node, std::uint64_t index) const;

 private:
  static constexpr std::size_t kUnwantedMax = 64;        ///< Remembered in a node.
  static constexpr std::size_t kUnwantedBytesMax = 128;  ///< Of such a key.

  struct Wanted {
    std::string key;
    std::uint64_t index = UINT64_MAX;  ///< In an array, if the key can be an index of one.
    Target target;
  };
  struct Node {
    std::vector<Met> met;
    std::size_t unwanted = 0;
    std::vector<Wanted> wanted;
  };

  Met* meet_elsewhere(Node& node, const JsonKey& key, std::size_t& cursor);
  static Target wanted_in(const Node& node, std::string_view key);
  static void set_target(Node& node, std::string_view key, Target target);

  std::vector<Node> nodes_;
  Target root_;
  std::size_t slots_ = 0;
  std::uint64_t document_ = 0;
};

}  // namespace tocsin
