#include "pipeline/input/base64.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

std::string text(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

/// RFC 4648, section 10.
TEST(Base64, MatchesTheExamplesOfItsStandardBothWays) {
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, letters] : examples) {
    EXPECT_EQ(text(bytes), letters);
    EXPECT_EQ(from_base64(letters), bytes);
  }
}

TEST(Base64, KeepsEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  for (std::size_t length = 250; length <= 256; ++length)
    EXPECT_EQ(from_base64(text(bytes.substr(0, length))), bytes.substr(0, length));
}

TEST(Base64, RefusesWhatItWouldNotHaveWritten) {
  for (const char* letters : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zg==Zg==", "Zm9v\n", "Zm 9v", "=",
                              "====", "Zm9-", "Zm9_", "Z=g="})
    EXPECT_FALSE(from_base64(letters)) << letters;
}

}  // namespace
}  // namespace tocsin
