#include "daemon/progress.h"

#include <gtest/gtest.h>

#include <limits>

namespace tocsin {
namespace {

TEST(ProgressBar, ShowsTheShareDone) {
  EXPECT_EQ(progress_bar(0, 10), "[----------]   0 %");
  EXPECT_EQ(progress_bar(0.45, 10), "[####------]  45 %");
  EXPECT_EQ(progress_bar(1, 10), "[##########] 100 %");
}

TEST(ProgressBar, StaysABarWhateverItIsGiven) {
  EXPECT_EQ(progress_bar(7, 4), "[####] 100 %");
  EXPECT_EQ(progress_bar(-1, 4), "[----]   0 %");
  EXPECT_EQ(progress_bar(std::numeric_limits<double>::quiet_NaN(), 4), "[----]   0 %");
}

TEST(Progress, SaysNothingWhereNobodyWatches) {
  testing::internal::CaptureStderr();
  {
    Progress progress("scoring");
    progress.show(0.5, "half way");
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace tocsin
