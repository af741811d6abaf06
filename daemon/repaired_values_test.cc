#include "daemon/repaired_values.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace tocsin {
namespace {

class RepairedValuesTest : public testing::Test {
 protected:
  Result<RepairedValues> read(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return read_repaired(path_);
  }
  std::string reason(const std::string& text) {
    const auto values = read(text);
    return values ? "taken" : values.error().message.substr(path_.size());
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::string path_ = testing::TempDir() + "repaired-" + std::to_string(getpid()) + ".jsonl";
};

TEST_F(RepairedValuesTest, TakesTextAndBase64ByPlace) {
  const auto values = read(
      "{\"topic\":\"dead\",\"partition\":0,\"offset\":7,\"value\":\"{\\\"v\\\": "
      "1}\",\"key\":null}\n"
      "\n"
      "{\"partition\":1,\"offset\":9007199254740992,\"value_base64\":\"/wA=\"}\r\n");
  ASSERT_TRUE(values) << values.error().message;
  EXPECT_EQ(*values, (RepairedValues{{{0, 7}, "{\"v\": 1}"},
                                     {{1, 9007199254740992}, std::string("\xff\0", 2)}}));
}

TEST_F(RepairedValuesTest, NamesTheLineThatItCannotTake) {
  const std::string good = "{\"partition\":0,\"offset\":7,\"value\":\"x\"}\n";
  EXPECT_EQ(reason(good + good), ":2: the same dead letter stands in a line above");
  EXPECT_EQ(reason(good + "nonsense").find(":2: is no JSON object: "), 0U);
  for (const char* line : {"{}", "{\"partition\":0,\"value\":\"x\"}",
                           "{\"partition\":-1,\"offset\":7,\"value\":\"x\"}",
                           "{\"partition\":0,\"offset\":7.5,\"value\":\"x\"}",
                           "{\"partition\":0,\"offset\":\"7\",\"value\":\"x\"}",
                           "{\"partition\":4294967296,\"offset\":7,\"value\":\"x\"}"})
    EXPECT_EQ(reason(line), ":1: needs the numbers `partition` and `offset` of a dead letter")
        << line;
  for (const char* line :
       {"{\"partition\":0,\"offset\":7}", "{\"partition\":0,\"offset\":7,\"value\":{\"v\":1}}",
        "{\"partition\":0,\"offset\":7,\"value_base64\":\"/w\"}",
        "{\"partition\":0,\"offset\":7,\"value_base64\":\"/x==\"}"})
    EXPECT_EQ(reason(line), ":1: needs the text `value`, or `value_base64`") << line;
  EXPECT_EQ(reason(""), ": holds no line");
  EXPECT_FALSE(read_repaired(path_ + ".none"));
}

}  // namespace
}  // namespace tocsin
