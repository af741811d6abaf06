#include "daemon/config/suggestion.h"

#include <gtest/gtest.h>

#include <array>

namespace tocsin {
namespace {

constexpr std::array<std::string_view, 4> kNames{"workers", "epoch", "epoch_bytes",
                                                 "drain_timeout"};

TEST(Suggestion, FindsTheNearestName) {
  EXPECT_EQ(nearest("worker", kNames), "workers");
  EXPECT_EQ(nearest("wrokers", kNames), "workers");
  EXPECT_EQ(nearest("Epoch", kNames), "epoch");
  EXPECT_EQ(nearest("epoch-bytes", kNames), "epoch_bytes");
  EXPECT_EQ(nearest("drain", kNames), "drain_timeout");
  EXPECT_EQ(nearest("workers_count", kNames), "workers");
}

TEST(Suggestion, DoesNotGuessWildly) {
  EXPECT_FALSE(nearest("x", kNames));
  EXPECT_FALSE(nearest("", kNames));
  EXPECT_FALSE(nearest("topics", kNames));
  EXPECT_FALSE(nearest(std::string(10'000, 'e'), kNames));
}

TEST(Suggestion, ListsAllWhereNoneIsNear) {
  EXPECT_EQ(suggest("zzz", kNames),
            "allowed: `workers`, `epoch`, `epoch_bytes` and `drain_timeout`");
}

}  // namespace
}  // namespace tocsin
