#include "pipeline/input/row_file.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdio>
#include <string>
#include <vector>

namespace tocsin {
namespace {

/// A file in the tests' own temporary folder, gone with the test.
class RowFileTest : public testing::Test {
 public:
  ~RowFileTest() override {
    for (const std::string& path : paths_) std::remove(path.c_str());
  }

 protected:
  std::string write(const std::string& name, std::string_view bytes) {
    std::string path = testing::TempDir() + std::to_string(getpid()) + "_" + name;
    std::FILE* file = std::fopen(path.c_str(), "wb");
    std::fwrite(bytes.data(), 1, bytes.size(), file);
    std::fclose(file);
    paths_.push_back(path);
    return path;
  }
  std::string write_gzip(const std::string& name, std::string_view bytes) {
    std::string path = write(name, "");
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
    return path;
  }
  /// All rows of a file; ends with the error's message if there is one.
  static std::vector<std::string> rows_of(const std::string& path,
                                          RowFormat format = RowFormat::automatic) {
    std::vector<std::string> rows;
    Result<RowFile> file = RowFile::open(path, format);
    if (!file) return {"error: " + file.error().message};
    while (true) {
      const Result<std::optional<std::string_view>> row = file->next();
      if (!row) {
        rows.push_back("error: " + row.error().message);
        return rows;
      }
      if (!*row) return rows;
      rows.emplace_back(**row);
    }
  }
  using Rows = std::vector<std::string>;

 private:
  std::vector<std::string> paths_;
};

TEST_F(RowFileTest, GivesTheBytesOfLinesWhateverTheyAre) {
  const std::string path =
      write("a.jsonl", std::string("{\"a\":1}\r\n\n  \t\r\nnot \xff json\0\x01\n{\"b\":2}", 35));

  EXPECT_EQ(rows_of(path),
            (Rows{"{\"a\":1}", std::string("not \xff json\0\x01", 12), "{\"b\":2}"}));
}

TEST_F(RowFileTest, ReadsCompressedFilesWhateverTheyAreCalled) {
  EXPECT_EQ(rows_of(write_gzip("a.csv.gz", "x\n1\n2\n")), (Rows{R"({"x":1})", R"({"x":2})"}));
  EXPECT_EQ(rows_of(write_gzip("a.jsonl", "{}\n[]\n")), (Rows{"{}", "[]"}));
  EXPECT_EQ(rows_of(write("plain.json.gz", "{}\n[]\n")), (Rows{"{}", "[]"}));
}

TEST_F(RowFileTest, TellsCsvByItsNameOrItsFirstByte) {
  EXPECT_EQ(rows_of(write("a.data", "\xEF\xBB\xBF \n{\"a\":1}\n")), (Rows{R"({"a":1})"}));
  EXPECT_EQ(rows_of(write("b.data",
                          "\xEF\xBB\xBF"
                          "a,b\n1,2\n")),
            (Rows{R"({"a":1,"b":2})"}));
  EXPECT_EQ(rows_of(write("c.jsonl", "a,b\n1,2\n")), (Rows{"a,b", "1,2"}));
  EXPECT_EQ(rows_of(write("d.csv", "{,b\n1,2\n")), (Rows{R"({"{":1,"b":2})"}));
  EXPECT_EQ(rows_of(write("e.jsonl", "a\n1\n"), RowFormat::csv), (Rows{R"({"a":1})"}));
}

TEST_F(RowFileTest, MakesNumbersOfCellsThatAreNumbers) {
  const std::string path =
      write("a.csv",
            "v\n1\n-2.50\n+3\n.5\n-.5\n5.\n1e5\n 7 \n\"8\"\n007\nNaN\ninf\n+-5\n"
            "true\n1.2.3\n.\n-\n12345678901234567890\n");

  EXPECT_EQ(rows_of(path), (Rows{R"({"v":1})", R"({"v":-2.50})", R"({"v":3})", R"({"v":0.5})",
                                 R"({"v":-0.5})", R"({"v":5})", R"({"v":1e5})", R"({"v":7})",
                                 R"({"v":8})", R"({"v":"007"})", R"({"v":"NaN"})", R"({"v":"inf"})",
                                 R"({"v":"+-5"})", R"({"v":"true"})", R"({"v":"1.2.3"})",
                                 R"({"v":"."})", R"({"v":"-"})", R"({"v":12345678901234567890})"}));
}

TEST_F(RowFileTest, ReadsQuotesNewlinesAndEmptyCells) {
  const std::string path = write("a.csv",
                                 "name,\"a \"\"b\"\"\", text ,\r\n"
                                 "\"x, \"\"y\"\"\",,\"two\r\nlines\",5\" disk\r\n"
                                 "\"\",\\,\t,\n");

  EXPECT_EQ(
      rows_of(path),
      (Rows{R"({"name":"x, \"y\"","a \"b\"":null,"text":"two\r\nlines","column_4":"5\" disk"})",
            R"({"name":null,"a \"b\"":"\\","text":null,"column_4":null})"}));
}

TEST_F(RowFileTest, GivesRaggedRowsAsTheyStand) {
  const std::string path = write("a.csv", "a,b\n1\n1,2,3\n\"x\"y,2\n\n3,4\n\"open,5\n6,7\n");

  EXPECT_EQ(rows_of(path),
            (Rows{"1", "1,2,3", "\"x\"y,2", R"({"a":3,"b":4})", "\"open,5", R"({"a":6,"b":7})"}));
}

TEST_F(RowFileTest, GivesNoRaggedRowAsAnObject) {
  const std::string path = write("a.csv", "a,b\n{\"a\":1}\n {\"a\":1,\"b\":2,\"c\":3}\n{1},{2}\n");

  // The last has two cells, and is a row like any other.
  EXPECT_EQ(rows_of(path), (Rows{R"("{\"a\":1}")", R"(" {\"a\":1,\"b\":2,\"c\":3}")",
                                 R"({"a":"{1}","b":"{2}"})"}));
}

TEST_F(RowFileTest, ReadsRowsLongerThanItsBuffer) {
  const std::string text(3'000'000, 'x');
  const std::string path =
      write("a.csv", "a,b\n1,\"" + text + "\n" + text + "\"\n2,3\n" + text + ",4");

  const Rows rows = rows_of(path);

  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0], "{\"a\":1,\"b\":\"" + text + "\\n" + text + "\"}");
  EXPECT_EQ(rows[1], R"({"a":2,"b":3})");
  EXPECT_EQ(rows[2], "{\"a\":\"" + text + "\",\"b\":4}");
}

TEST_F(RowFileTest, CutsALineBeyondItsBoundAndGoesOnBehindIt) {
  const std::string path =
      write("a.jsonl", "{}\n" + std::string(RowFile::kRowMaxBytes + 5'000'000, 'x') + "\n[]\n");

  const Rows rows = rows_of(path);

  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1].size(), RowFile::kRowMaxBytes);
  EXPECT_EQ(rows[2], "[]");
}

TEST_F(RowFileTest, SaysWhatIsWrongWithAFile) {
  const std::string missing = testing::TempDir() + "no_such_file.csv";
  EXPECT_EQ(rows_of(missing),
            (Rows{"error: " + missing + " cannot be opened: No such file or directory"}));
  EXPECT_EQ(rows_of(testing::TempDir()), (Rows{"error: " + testing::TempDir() +
                                               " is a directory; a file of rows was expected"}));
  const std::string empty = write("empty.csv", "\n \n");
  EXPECT_EQ(rows_of(empty),
            (Rows{"error: " + empty + " is empty; CSV begins with a row of column names"}));
  const std::string old = write("old.csv", "a,b\r1,2\r3,4\r");
  EXPECT_EQ(rows_of(old), (Rows{"error: " + old +
                                ": a carriage return stands among the names of columns; lines end "
                                "in LF or CRLF, not in CR alone"}));
  const std::string wide = write("wide.csv", std::string("\xff\xfe"
                                                         "a\0,\0b\0\n\0",
                                                         10));
  EXPECT_EQ(rows_of(wide),
            (Rows{"error: " + wide + ": the row of column names is no text in UTF-8"}));
  const std::string twice = write("twice.csv", "a,b, a\n");
  EXPECT_EQ(rows_of(twice), (Rows{"error: " + twice + ": two columns are called \"a\""}));
}

TEST_F(RowFileTest, SaysWhyARowStandsAsItIs) {
  auto file = RowFile::open(write("a.csv", "a,b\n1\n1,2,3\n\"x\"y,1\n1,2\n"), RowFormat::csv);
  ASSERT_TRUE(file);

  std::vector<std::string> troubles;
  while (*file->next()) troubles.push_back(file->row_trouble());

  EXPECT_EQ(troubles,
            (std::vector<std::string>{"The row has 1 cell, but the row of column names 2.",
                                      "The row has 3 cells, but the row of column names 2.",
                                      "The quotes in the row are not in order.", ""}));
}

TEST_F(RowFileTest, TellsACompressedFileThatWasCutOff) {
  std::string lines;
  std::uint64_t seed = 1;
  for (int i = 0; i < 20'000; ++i) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    lines += "{\"a\":" + std::to_string(seed) + "}\n";
  }
  const std::string path = write_gzip("a.jsonl.gz", lines);
  ASSERT_EQ(truncate(path.c_str(), 100'000), 0);

  const Rows rows = rows_of(path);

  ASSERT_GT(rows.size(), 1000U);
  EXPECT_EQ(rows.back(), "error: " + path + " is cut off in the middle of its compressed data");
}

TEST_F(RowFileTest, ReportsItsProgressInBytesOfTheFile) {
  const std::string path = write("a.jsonl", "{}\n{}\n");
  Result<RowFile> file = RowFile::open(path, RowFormat::automatic);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->format(), RowFormat::json_lines);

  while (*file->next()) {
  }

  EXPECT_EQ(file->bytes_read(), 6U);
  EXPECT_EQ(file->bytes_total(), 6U);
}

TEST_F(RowFileTest, ReadsAnEmptyFileAsNoRows) {
  EXPECT_EQ(rows_of(write("a.jsonl", "")), Rows{});
  EXPECT_EQ(rows_of(write("b.data", "")), Rows{});
}

}  // namespace
}  // namespace tocsin
