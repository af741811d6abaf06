#include "daemon/disturbance.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <thread>

#include "daemon/vital_signs.h"

namespace tocsin {
namespace {

double cpu_seconds(int who) {
  rusage spent{};
  getrusage(who, &spent);
  return static_cast<double>(spent.ru_utime.tv_sec + spent.ru_stime.tv_sec) +
         static_cast<double>(spent.ru_utime.tv_usec + spent.ru_stime.tv_usec) * 1e-6;
}

double cpu_seconds_of_other_threads() {
  return cpu_seconds(RUSAGE_SELF) - cpu_seconds(RUSAGE_THREAD);
}

TEST(Disturbance, IsOfTheNetworkWhereTheCpuIsBusyAlready) {
  EXPECT_EQ(fitting_disturbance(5), Disturbance::cpu);
  EXPECT_EQ(fitting_disturbance(95), Disturbance::network);
}

/// Disturbs until `reading` has grown by `least`, however busy the machine is with other things;
/// false: not within half a minute.
bool grows(Disturbance disturbance, double (*reading)(), double least) {
  const double before = reading();
  const std::jthread disturbing([disturbance](const std::stop_token& stop) {
    disturb(disturbance, std::chrono::hours(1), stop);
  });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < deadline) {
    if (reading() - before > least) return true;
    std::this_thread::yield();
  }
  return false;
}

TEST(Disturbance, OfTheCpuSpendsCpu) {
  EXPECT_TRUE(grows(Disturbance::cpu, cpu_seconds_of_other_threads, 0.05));
}

double loopback_bytes() {
  double bytes = 0;
  for (const Vital& vital : read_vitals("/proc")) {
    if (vital.entity == "net lo" && vital.name == "sent_bytes_per_second") bytes = vital.value;
  }
  return bytes;
}

TEST(Disturbance, OfTheNetworkIsSeenOnTheLoopbackInterface) {
  EXPECT_TRUE(grows(Disturbance::network, loopback_bytes, 1e5));
}

TEST(Disturbance, StopsWhenToldTo) {
  std::stop_source stop;
  stop.request_stop();

  disturb(Disturbance::cpu, std::chrono::hours(1), stop.get_token());
  disturb(Disturbance::network, std::chrono::hours(1), stop.get_token());
}

}  // namespace
}  // namespace tocsin
