#include "pipeline/scoring/alert_memory.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(AlertMemory, HalvesWhatIsNotStrongerThanWhatIsRemembered) {
  AlertMemory::Block block{};

  EXPECT_EQ(AlertMemory::discount(block, 5), 5);
  EXPECT_EQ(AlertMemory::discount(block, 4.9), 4.9 / 2);
  EXPECT_EQ(AlertMemory::discount(block, 7), 7);
  EXPECT_EQ(AlertMemory::discount(block, 1), .5);
}

TEST(AlertMemory, FadesWithEventsAndCanBeCleared) {
  AlertMemory::Block block{};
  AlertMemory::discount(block, 5);

  // 5 x (1 - 1/200)^139 = 2.49.
  for (int i = 0; i < 137; ++i) AlertMemory::discount(block, 0);
  EXPECT_EQ(AlertMemory::discount(block, 2.5), 1.25);
  EXPECT_EQ(AlertMemory::discount(block, 2.5), 2.5);
  AlertMemory::clear(block);
  EXPECT_EQ(AlertMemory::discount(block, .1), .1);
}

}  // namespace
}  // namespace tocsin
