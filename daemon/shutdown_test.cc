#include "daemon/shutdown.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <future>

namespace tocsin {
namespace {

TEST(Shutdown, ATermSignalIsARequestToStop) {
  std::promise<int> heard;
  Shutdown shutdown([&](int signal) { heard.set_value(signal); });
  std::promise<void> stopped;
  const std::stop_callback note(shutdown.token(), [&] { stopped.set_value(); });

  kill(getpid(), SIGTERM);

  EXPECT_EQ(heard.get_future().get(), SIGTERM);
  stopped.get_future().wait();
  EXPECT_TRUE(shutdown.token().stop_requested());
}

TEST(Shutdown, AHangupIsReportedAndNothingElse) {
  std::promise<int> heard;
  Shutdown shutdown([&](int signal) { heard.set_value(signal); });

  kill(getpid(), SIGHUP);

  EXPECT_EQ(heard.get_future().get(), SIGHUP);
  EXPECT_FALSE(shutdown.token().stop_requested());
}

TEST(Shutdown, EndsWithoutASignal) {
  const Shutdown shutdown([](int) {});
  EXPECT_FALSE(shutdown.token().stop_requested());
}

TEST(ShutdownDeathTest, TheSecondSignalEndsTheProcessAtOnce) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        const Shutdown shutdown([](int) {});
        kill(getpid(), SIGINT);
        while (!shutdown.token().stop_requested()) std::this_thread::yield();
        kill(getpid(), SIGINT);
        pause();
      },
      testing::ExitedWithCode(128 + SIGINT), "");
}

}  // namespace
}  // namespace tocsin
