#include "detectors/parameter.h"

#include <gtest/gtest.h>

#include <array>

namespace tocsin {
namespace {

constexpr std::array<Parameter, 2> kTwo{{
    {.name = "width_points", .fallback = 4, .min = 1, .max = 9, .integer = true},
    {.name = "margin", .fallback = 0.5, .min = 0, .max = 1},
}};

TEST(Settings, BeginWithTheFallbacks) {
  const Settings settings(kTwo);

  EXPECT_EQ(settings["width_points"], 4);
  EXPECT_EQ(settings["margin"], 0.5);
}

TEST(Settings, KeepWhatIsSetInTheTablesOrder) {
  Settings settings(kTwo);

  settings.set("margin", 0.25);

  ASSERT_EQ(settings.values().size(), 2U);
  EXPECT_EQ(settings.values()[0], 4);
  EXPECT_EQ(settings.values()[1], 0.25);
}

}  // namespace
}  // namespace tocsin
