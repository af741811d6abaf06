#include "daemon/config/source_text.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

/// The line and, below it, the caret.
std::string drawn(const SourceText& source, TextPlace place) {
  const Excerpt excerpt = source.excerpt(place);
  return excerpt.line + "\n" + excerpt.indent + "^ " + std::to_string(excerpt.column);
}

TEST(SourceText, PutsTheCaretBelowThePlace) {
  const SourceText source("t", "ab: cd\nx\n");

  EXPECT_EQ(drawn(source, {1, 5}), "ab: cd\n    ^ 5");
  EXPECT_EQ(drawn(source, {2, 1}), "x\n^ 1");
  EXPECT_EQ(drawn(source, {2, 2}), "x\n ^ 2");
}

TEST(SourceText, KeepsTabsInFrontOfTheCaret) {
  EXPECT_EQ(drawn(SourceText("t", "\ta:\tb\n"), {1, 5}), "\ta:\tb\n\t  \t^ 5");
}

// 日 and 本 are two columns wide each, é (e and a combining accent) is one.
TEST(SourceText, CountsColumnsOfWideAndCombiningCharacters) {
  const SourceText wide("t", "日本: x\n");
  EXPECT_EQ(drawn(wide, {1, 9}), "日本: x\n      ^ 5");

  const SourceText combining("t", "e\xCC\x81: x\n");
  EXPECT_EQ(drawn(combining, {1, 6}), "e\xCC\x81: x\n   ^ 5");
}

TEST(SourceText, CutsALongLineAroundThePlace) {
  const SourceText source("t", std::string(500, 'a') + "X" + std::string(500, 'b'));
  const Excerpt excerpt = source.excerpt({1, 501});

  EXPECT_EQ(excerpt.column, 501);
  EXPECT_LT(excerpt.line.size(), 160U);
  EXPECT_TRUE(excerpt.line.starts_with("…a"));
  EXPECT_TRUE(excerpt.line.ends_with("b…"));
  // The ellipsis is three bytes and one column.
  EXPECT_EQ(excerpt.line[excerpt.indent.size() + 2], 'X');
}

TEST(SourceText, ShowsNothingThatSteersATerminal) {
  EXPECT_EQ(drawn(SourceText("t", "a\x1B[31m\xFF\xE2\x80\xAE: x"), {1, 12}),
            "a·[31m··: x\n         ^ 10");
}

TEST(SourceText, RedactsWhatIsHidden) {
  SourceText source("t", "p: secret, q: 1\n");
  source.hide(3, 9);

  EXPECT_EQ(drawn(source, {1, 4}), "p: <redacted>, q: 1\n   ^ 4");
  EXPECT_EQ(drawn(source, {1, 6}), "p: <redacted>, q: 1\n   ^ 6");
  EXPECT_EQ(drawn(source, {1, 12}), "p: <redacted>, q: 1\n               ^ 12");
}

}  // namespace
}  // namespace tocsin
