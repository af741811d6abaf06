#include "daemon/config/diagnostic.h"

#include <gtest/gtest.h>

#include <array>

namespace tocsin {
namespace {

const std::array kTwo{
    Diagnostic{.kind = DiagnosticKind::error,
               .file = "t.yaml",
               .line = 12,
               .column = 3,
               .path = "app",
               .message = "is wrong",
               .hint = "Mend it.",
               .excerpt = "  app: x",
               .indent = "  "},
    Diagnostic{.kind = DiagnosticKind::warning, .file = "t.yaml", .message = "is odd"}};

TEST(Diagnostics, AreDrawnWithLineAndCaret) {
  EXPECT_EQ(render(kTwo, Colour::never), R"(t.yaml:12:3: error: app: is wrong
  12 |   app: x
     |   ^
  hint: Mend it.
t.yaml: warning: is odd
)");
}

TEST(Diagnostics, InColourSayTheSame) {
  const std::string coloured = render(kTwo, Colour::always);
  std::string bare;
  for (std::size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b') {
      i = coloured.find('m', i);
    } else {
      bare += coloured[i];
    }
  }

  EXPECT_NE(coloured, bare);
  EXPECT_EQ(bare, render(kTwo, Colour::never));
}

}  // namespace
}  // namespace tocsin
