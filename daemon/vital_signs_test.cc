#include "daemon/vital_signs.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace tocsin {
namespace {

/// A /proc of recorded files: cut from a virtual machine with two cores.
class RecordedProc {
 public:
  RecordedProc() {
    std::filesystem::create_directories(root_ / "net");
    write("loadavg", "0.85 0.56 0.30 1/193 21622\n");
    write("meminfo",
          "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    750 kB\n"
          "Dirty:             8 kB\n");
    at_first();
  }
  ~RecordedProc() { std::filesystem::remove_all(root_); }
  RecordedProc(const RecordedProc&) = delete;
  RecordedProc& operator=(const RecordedProc&) = delete;

  const std::filesystem::path& root() const { return root_; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(root_ / name) << text;
  }

  void at_first() const {
    write("stat",
          "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 50 0 50 400 0 0 0 0 0 0\n"
          "cpu1 50 0 50 400 0 0 0 0 0 0\nintr 683722 0\n");
    write("diskstats",
          "   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0\n"
          " 254       0 vda 10 0 1000 5 20 0 2000 5 0 100 10 0 0 0 0 0 0\n"
          " 254       1 vda1 10 0 1000 5 20 0 2000 5 0 100 10 0 0 0 0 0 0\n"
          " 259       0 nvme0n1 0 0 0 0 0 0 0 0 0 0 0\n"
          " 259       1 nvme0n1p1 0 0 0 0 0 0 0 0 0 0 0\n");
    write("net/dev",
          "Inter-|   Receive                            |  Transmit\n"
          " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets\n"
          "    lo:  1000 1 0 0 0 0 0 0 1000 1 0 0 0 0 0 0\n"
          "  eth0:17531 5101 0 0 0 0 0 0 62 3655 0 0 0 0 0 0\n");
  }
  /// A second later: cpu0 was busy for 50 of 100 ticks, cpu1 idle; 10 sectors read, 100 ms busy.
  void a_second_later() const {
    write("stat",
          "cpu  140 0 110 950 0 0 0 0 0 0\ncpu0 90 0 60 450 0 0 0 0 0 0\n"
          "cpu1 50 0 50 500 0 0 0 0 0 0\nintr 683722 0\n");
    write("diskstats", " 254       0 vda 11 0 1010 5 20 0 2000 5 0 200 10 0 0 0 0 0 0\n");
    write("net/dev", "    lo:  1500 1 0 0 0 0 0 0 1700 1 0 0 0 0 0 0\n");
  }

 private:
  std::filesystem::path root_ =
      std::filesystem::temp_directory_path() / ("tocsin-vital-signs-" + std::to_string(getpid()));
};

std::map<std::string, std::string> by_entity(const std::vector<VitalEvent>& events) {
  std::map<std::string, std::string> map;
  for (const VitalEvent& event : events) map[event.entity] = event.json;
  return map;
}

TEST(VitalSigns, AreWhatHappenedWithinASecond) {
  const RecordedProc proc;
  VitalSigns signs(proc.root());

  const auto first = signs.read(1'700'000'000'000);
  proc.a_second_later();
  const auto second = by_entity(signs.read(1'700'000'001'000));

  EXPECT_TRUE(first.empty());
  EXPECT_EQ(second.at("cpu"),
            R"({"entity":"cpu","time":1700000001000,"busy_percent":25,"system_percent":5})");
  EXPECT_EQ(second.at("cpu0"),
            R"({"entity":"cpu0","time":1700000001000,"busy_percent":50,"system_percent":10})");
  EXPECT_EQ(second.at("memory"),
            R"({"entity":"memory","time":1700000001000,"used_percent":25,"dirty_bytes":8192})");
  EXPECT_EQ(second.at("load"),
            R"({"entity":"load","time":1700000001000,"load_1m":0.85,"tasks":193})");
  EXPECT_EQ(second.at("disk vda"),
            R"({"entity":"disk vda","time":1700000001000,"read_bytes_per_second":5120,)"
            R"("written_bytes_per_second":0,"in_use_percent":10})");
  EXPECT_EQ(second.at("net lo"),
            R"({"entity":"net lo","time":1700000001000,"received_bytes_per_second":500,)"
            R"("sent_bytes_per_second":700})");
  EXPECT_EQ(signs.busy_percent(), 25);
}

TEST(VitalSigns, ShowWholeDisksOnly) {
  const RecordedProc proc;
  std::map<std::string, int> entities;
  for (const Vital& vital : read_vitals(proc.root())) ++entities[vital.entity];

  EXPECT_EQ(entities.count("disk vda"), 1U);
  EXPECT_EQ(entities.count("disk nvme0n1"), 1U);
  EXPECT_EQ(entities.count("disk vda1"), 0U);
  EXPECT_EQ(entities.count("disk nvme0n1p1"), 0U);
  EXPECT_EQ(entities.count("disk loop0"), 0U);
}

TEST(VitalSigns, LeaveOutACountThatWentBackwards) {
  const RecordedProc proc;
  VitalSigns signs(proc.root());
  proc.a_second_later();
  signs.read(0);
  proc.at_first();

  const auto events = by_entity(signs.read(1000));

  EXPECT_EQ(events.count("net lo"), 0U);  // Nothing is left of it.
  EXPECT_EQ(events.count("memory"), 1U);
}

TEST(VitalSigns, LeaveOutWhatAMachineDoesNotShow) {
  EXPECT_TRUE(read_vitals("/nonexistent").empty());
}

TEST(VitalSigns, OfThisMachineHaveSeveralEntities) {
  std::map<std::string, int> entities;
  for (const Vital& vital : read_vitals("/proc")) ++entities[vital.entity];

  EXPECT_EQ(entities.count("cpu"), 1U);
  EXPECT_EQ(entities.count("memory"), 1U);
  EXPECT_GE(entities.size(), 4U);
}

}  // namespace
}  // namespace tocsin
