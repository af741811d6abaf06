// Every option of the reference configuration, spoilt in two ways: the mistake must be found, and
// found where it is.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/config_for_test.h"
#include "daemon/config/document.h"

namespace tocsin {
namespace {

/// A piece of the file that can be replaced.
struct Piece {
  TextPlace place;
  std::string text;
};

struct Pieces {
  std::vector<Piece> keys;
  std::vector<Piece> scalars;
};

void collect(const YamlNode& node, Pieces& pieces) {
  for (const Key& key : node.keys) pieces.keys.push_back({key.place, key.text});
  if (node.kind == NodeKind::scalar) pieces.scalars.push_back({node.place, node.text});
  for (const YamlNode& item : node.items) collect(item, pieces);
}

class MutationTest : public testing::Test {
 protected:
  MutationTest() : source_("t.yaml", source_file("deploy/tocsin.yaml")) {
    Findings findings;
    collect(parse_document(source_, findings)->root, pieces_);
  }

  /// Whether an error is in the line of `piece` once it is replaced.
  bool is_found(const Piece& piece, const std::string& replacement) const {
    std::string text = source_.text();
    text.replace(source_.offset_of(piece.place), piece.text.size(), replacement);
    const Compiled result = compiled(text);
    return std::any_of(result.diagnostics.begin(), result.diagnostics.end(),
                       [&](const Diagnostic& one) {
                         return one.kind == DiagnosticKind::error && one.line == piece.place.line;
                       });
  }

  SourceText source_;
  Pieces pieces_;
};

TEST_F(MutationTest, AMisspeltNameIsFoundInItsLine) {
  ASSERT_GT(pieces_.keys.size(), 60U);
  for (const Piece& piece : pieces_.keys) {
    EXPECT_TRUE(is_found(piece, piece.text + "zq"))
        << piece.text << " in line " << piece.place.line;
  }
}

TEST_F(MutationTest, AWrongTypeIsFoundInItsLine) {
  ASSERT_GT(pieces_.scalars.size(), 60U);
  for (const Piece& piece : pieces_.scalars) {
    EXPECT_TRUE(is_found(piece, "[[1]]")) << piece.text << " in line " << piece.place.line;
  }
}

TEST_F(MutationTest, AnEmptyTextIsFoundInItsLine) {
  for (const Piece& piece : pieces_.scalars) {
    // Tests compare with any text, the empty one, too; and so may a property be.
    const bool may_be_empty = piece.text == "429" || piece.text == "POST" || piece.text == "PUT" ||
                              piece.text == "DELETE" || piece.text.starts_with("${env:RACK");
    if (may_be_empty) continue;
    EXPECT_TRUE(is_found(piece, "\"\"")) << piece.text << " in line " << piece.place.line;
  }
}

}  // namespace
}  // namespace tocsin
