#include "daemon/config/surroundings.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace tocsin {
namespace {

TEST(Surroundings, AreThoseOfTheProcess) {
  const Surroundings surroundings = process_surroundings();
  ASSERT_EQ(setenv("TOCSIN_TEST_VARIABLE", "value", 1), 0);

  EXPECT_EQ(surroundings.variable("TOCSIN_TEST_VARIABLE"), "value");
  EXPECT_FALSE(surroundings.variable("TOCSIN_TEST_NO_SUCH_VARIABLE"));
}

TEST(Surroundings, ReadAWholeFileOrSayWhyNot) {
  const Surroundings surroundings = process_surroundings();
  const std::string path = testing::TempDir() + "tocsin-surroundings-" + std::to_string(getpid());
  const std::string content = std::string("a\0b\n", 4);
  std::ofstream(path, std::ios::binary) << content;

  const Result<std::string> read = surroundings.file(path);

  ASSERT_TRUE(read);
  EXPECT_EQ(*read, content);
  std::ofstream(path, std::ios::binary) << std::string((2U << 20U) + 1, 'x');
  EXPECT_EQ(surroundings.file(path).error().message, "it is larger than 2 MiB");
  std::remove(path.c_str());
  EXPECT_EQ(surroundings.file(path).error().message, "No such file or directory");
  EXPECT_EQ(surroundings.file(testing::TempDir()).error().message, "it is a directory");
}

}  // namespace
}  // namespace tocsin
