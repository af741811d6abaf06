// A YAML document as a tree of nodes that remember where they stand: the only file that knows
// yaml-cpp.
//
// yaml-cpp is lenient; this is not. One document; no duplicate keys, tags, merge keys, cyclic
// aliases; bounded depth and size. What a scalar means is left to the field it stands for.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/diagnostic.h"
#include "daemon/config/findings.h"
#include "daemon/config/source_text.h"

namespace tocsin {

enum class NodeKind : std::uint8_t { null, scalar, list, map };

/// A key of a map.
struct Key {
  std::string text;
  TextPlace place;
};

struct YamlNode {
  NodeKind kind = NodeKind::null;
  TextPlace place;
  bool plain = false;           ///< A scalar without quotes.
  std::string text;             ///< Of a scalar, as written.
  std::vector<Key> keys;        ///< Of a map, in file order, each once.
  std::vector<YamlNode> items;  ///< Of a list, or the values of `keys`.
};

struct Document {
  YamlNode root;
  /// Where nodes begin, in bytes, ascending: a scalar ends before the next one.
  std::vector<std::size_t> starts;
  /// Keys that were refused, with their values: a map that is no part of `root`.
  YamlNode dropped;
};

/// Parses `source`; empty where it is no YAML document at all. What is wrong is added to
/// `findings`.
std::optional<Document> parse_document(const SourceText& source, Findings& findings);

}  // namespace tocsin
