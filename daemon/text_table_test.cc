#include "daemon/text_table.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(TextTable, AlignsWordsLeftAndNumbersRightUnderTheirNames) {
  TextTable table({{.name = "PLACE"}, {.name = "BYTES", .is_right = true}, {.name = "NOTE"}});
  table.add({"a/0", "1,234,567", ""});
  table.add({"métriques/12", "7", "new"});

  EXPECT_EQ(table.text(),
            "PLACE             BYTES  NOTE\n"
            "a/0           1,234,567\n"
            "métriques/12          7  new\n");
}

}  // namespace
}  // namespace tocsin
