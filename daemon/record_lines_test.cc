#include "daemon/record_lines.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace tocsin {
namespace {

std::string line_of(std::string_view topic, const WriteRecord& record) {
  std::string line;
  append_record_line(line, topic, record);
  return line;
}

TEST(RecordLines, ALineHasTheWholeRecordAndItsSource) {
  const std::vector<HeaderView> headers{
      {"ce_id", "a"}, {"empty", ""}, {"none", std::nullopt}, {"ce_id", "b"}};
  EXPECT_EQ(
      line_of("api-scores",
              {.key = "checkout", .value = R"({"id":"api/in/3/70"})", .headers = headers}),
      R"({"topic":"api-scores","source_topic":"in","source_partition":3,"source_offset":70,)"
      R"("key":"checkout","value":"{\"id\":\"api/in/3/70\"}","headers":[)"
      R"({"name":"ce_id","value":"a"},{"name":"empty","value":""},{"name":"none","value":null},)"
      R"({"name":"ce_id","value":"b"}]})");
}

TEST(RecordLines, BytesThatAreNotTextAreInBase64) {
  const std::vector<HeaderView> headers{{"trace", "\xFF"}, {"\xFE", "text"}};
  EXPECT_EQ(line_of("letters", {.key = std::nullopt, .value = "\xFF\xFE", .headers = headers}),
            R"({"topic":"letters","key":null,"value_base64":"//4=","headers":[)"
            R"({"name":"trace","value_base64":"/w=="},{"name_base64":"/g==","value":"text"}]})");
}

TEST(RecordLines, WhatLooksAlikeIsNotTheSame) {
  EXPECT_NE(line_of("t", {.key = "", .value = "v"}), line_of("t", {.value = "v"}));
  EXPECT_NE(line_of("t", {.value = "//4="}), line_of("t", {.value = "\xFF\xFE"}));
  EXPECT_NE(line_of("t", {.value = "\xEF\xBF\xBD"}), line_of("t", {.value = "\xFF"}));
}

class RecordLinesInFiles : public testing::Test {
 protected:
  RecordLinesInFiles() : path_(testing::TempDir() + "record-lines-" + std::to_string(getpid())) {
    auto opened = LineFile::open(path_);
    EXPECT_TRUE(opened);
    file_ = std::make_unique<LineFile>(*std::move(opened));
  }
  ~RecordLinesInFiles() override { std::filesystem::remove(path_); }
  std::string written() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  std::string path_;
  std::unique_ptr<LineFile> file_;
};

TEST_F(RecordLinesInFiles, OnlyWhatIsCommittedIsWrittenAndOnlyOnce) {
  RecordLines lines({{{"scores", file_.get()}, {"alerts", nullptr}, {"letters", file_.get()}}});
  const std::vector<WriteRecord> first{{.topic = 0, .value = "1"}, {.topic = 1, .value = "2"}};
  const std::vector<WriteRecord> second{{.topic = 2, .value = "3"},
                                        {.topic = 0, .value = "4", .topic_name = "state"}};

  (void)lines.begin();
  EXPECT_EQ(lines.produce(first), 2U);
  EXPECT_EQ(lines.abort().status, WriteStatus::ok);
  EXPECT_EQ(written(), "");
  (void)lines.begin();
  EXPECT_EQ(lines.produce(first), 2U);
  EXPECT_EQ(lines.commit().status, WriteStatus::ok);
  (void)lines.begin();
  EXPECT_EQ(lines.produce(second), 2U);
  EXPECT_EQ(lines.commit().status, WriteStatus::ok);

  EXPECT_EQ(written(),
            "{\"topic\":\"scores\",\"key\":null,\"value\":\"1\",\"headers\":[]}\n"
            "{\"topic\":\"letters\",\"key\":null,\"value\":\"3\",\"headers\":[]}\n");
}

TEST(RecordLines, AFullDiskEndsTheReplayWithAReason) {
  auto full = LineFile::open("/dev/full");
  ASSERT_TRUE(full);
  RecordLines lines({{{"scores", &*full}, {"alerts", nullptr}, {"letters", nullptr}}});
  const std::vector<WriteRecord> records{{.topic = 0, .value = "1"}};
  EXPECT_EQ(lines.produce(records), 1U);

  const WriteOutcome outcome = lines.commit();

  EXPECT_EQ(outcome.status, WriteStatus::stop);
  EXPECT_EQ(outcome.reason, "/dev/full: cannot be written: No space left on device");
}

}  // namespace
}  // namespace tocsin
