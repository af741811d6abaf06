#include "daemon/disturbance.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "daemon/vital_signs.h"

namespace tocsin {
namespace {

using std::chrono::milliseconds;

double cpu_seconds() {
  rusage spent{};
  getrusage(RUSAGE_SELF, &spent);
  return static_cast<double>(spent.ru_utime.tv_sec + spent.ru_stime.tv_sec) +
         static_cast<double>(spent.ru_utime.tv_usec + spent.ru_stime.tv_usec) * 1e-6;
}

TEST(Disturbance, IsOfTheNetworkWhereTheCpuIsBusyAlready) {
  EXPECT_EQ(fitting_disturbance(5), Disturbance::cpu);
  EXPECT_EQ(fitting_disturbance(95), Disturbance::network);
}

TEST(Disturbance, OfTheCpuSpendsCpu) {
  const double before = cpu_seconds();

  disturb(Disturbance::cpu, milliseconds(100), {});

  EXPECT_GT(cpu_seconds() - before, 0.01);
}

double loopback_bytes() {
  double bytes = 0;
  for (const Vital& vital : read_vitals("/proc")) {
    if (vital.entity == "net lo" && vital.name == "sent_bytes_per_second") bytes = vital.value;
  }
  return bytes;
}

TEST(Disturbance, OfTheNetworkIsSeenOnTheLoopbackInterface) {
  const double before = loopback_bytes();

  disturb(Disturbance::network, milliseconds(300), {});

  EXPECT_GT(loopback_bytes() - before, 1e5);
}

TEST(Disturbance, StopsWhenToldTo) {
  std::stop_source stop;
  stop.request_stop();

  disturb(Disturbance::cpu, std::chrono::hours(1), stop.get_token());
  disturb(Disturbance::network, std::chrono::hours(1), stop.get_token());
}

}  // namespace
}  // namespace tocsin
