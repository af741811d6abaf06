#include "pipeline/scoring/feature_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tocsin {
namespace {

class FeatureListTest : public testing::Test {
 protected:
  FeatureList list() { return FeatureList(bytes_); }

 private:
  std::vector<std::byte> bytes_{FeatureList::block_bytes(3)};
};

TEST_F(FeatureListTest, NamesColumnsByTheirPath) {
  list().discover(2, "/system/load");

  EXPECT_EQ(list().name(2), "system/load");
  EXPECT_EQ(list().name(1), "");
  EXPECT_EQ(list().dropped(), 0U);
}

TEST_F(FeatureListTest, RemembersWhatDiscoveryDropped) {
  list().freeze(0b101);

  EXPECT_EQ(list().dropped(), 0b101U);
}

TEST_F(FeatureListTest, CutsLongNamesBetweenCharacters) {
  // 251 bytes, then a character of two: 252 bytes would cut it in half.
  const std::string name = std::string(251, 'x') + "\xC3\xA9";

  list().discover(0, "/" + name);

  EXPECT_EQ(list().name(0), std::string(251, 'x'));
}

}  // namespace
}  // namespace tocsin
