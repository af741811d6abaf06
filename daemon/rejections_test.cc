#include "daemon/rejections.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

StoredRecord dead_letter(const std::string& offset, const std::string& detail,
                         const std::string& value) {
  return {.value = value,
          .headers = {{"tocsin.reason", "undecodable"},
                      {"tocsin.detail", detail},
                      {"tocsin.offset", offset},
                      {"own", "header"}}};
}

TEST(Rejections, ARowThatIsNoneOfItsColumnsHasThatForItsReason) {
  Rejections rejections;
  rejections.note(3, "Too few cells.");

  EXPECT_EQ(rejections.take(dead_letter("2", "No JSON.", "x")), "No JSON.");
  EXPECT_EQ(rejections.take(dead_letter("3", "No JSON.", "a,b")), "Too few cells.");
  EXPECT_EQ(rejections.take(dead_letter("4", "No JSON.", "x")), "No JSON.");
}

TEST(Rejections, ALineHasTheRowsPlaceReasonAndBytes) {
  EXPECT_EQ(rejection_line(dead_letter("3", "No JSON.", "a,b"), "Too few cells."),
            R"({"reason":"undecodable","detail":"Too few cells.","offset":3,"value":"a,b"})");
  EXPECT_EQ(rejection_line(dead_letter("4", "No JSON.", "\xff"), "No JSON."),
            R"({"reason":"undecodable","detail":"No JSON.","offset":4,"value_base64":"/w=="})");
}

TEST(Rejections, TheFirstOfAReasonIsKept) {
  Rejections rejections;
  rejections.take(dead_letter("2", "No JSON.", "x"));
  rejections.take(dead_letter("5", "Else.", "x"));

  EXPECT_EQ(rejections.first("undecodable"), "row 2: No JSON.");
  EXPECT_EQ(rejections.first("too_large"), "");
}

}  // namespace
}  // namespace tocsin
