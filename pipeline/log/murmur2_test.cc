#include "pipeline/log/murmur2.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

// The vectors of Kafka's own UtilsTest.testMurmur2.
TEST(Murmur2, AgreesWithTheVectorsOfTheJavaClient) {
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-longer-string")), -1486304829);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")),
            -58897971);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("abc")), 479470107);
}

TEST(Murmur2, NegativeHashesGiveValidPartitions) {
  EXPECT_EQ(partition_of("21", 7), (-973932308 & 0x7fffffff) % 7);
}

}  // namespace
}  // namespace tocsin
