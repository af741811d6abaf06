#include "daemon/vital_signs.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "daemon/json_text.h"

namespace tocsin {
namespace {

constexpr std::int64_t kWindowMs = 1000;
/// A machine with hundreds of cores or interfaces shows the first of them.
constexpr std::size_t kCoresMax = 16;
constexpr std::size_t kDevicesMax = 6;

void read_cpus(const std::filesystem::path& proc, std::vector<Vital>& out) {
  std::ifstream file(proc / "stat");
  std::string line;
  std::size_t cores = 0;
  while (std::getline(file, line) && line.rfind("cpu", 0) == 0 && cores <= kCoresMax) {
    std::istringstream words(line);
    std::string name;
    // user, nice, system, idle, iowait, irq, softirq, steal; guests are within user.
    std::array<double, 8> ticks{};
    words >> name;
    for (double& tick : ticks) words >> tick;
    double all = 0;
    for (const double tick : ticks) all += tick;
    const double busy = all - ticks[3] - ticks[4];
    const double system = ticks[2] + ticks[5] + ticks[6];
    out.push_back({name, "busy_percent", VitalKind::percent, busy, all});
    out.push_back({name, "system_percent", VitalKind::percent, system, all});
    ++cores;
  }
}

void read_load(const std::filesystem::path& proc, std::vector<Vital>& out) {
  double last_minute = 0;
  std::string others;
  std::string tasks;
  std::ifstream file(proc / "loadavg");
  if (!(file >> last_minute >> others >> others >> tasks)) return;
  out.push_back({"load", "load_1m", VitalKind::level, last_minute, 0});
  const std::size_t slash = tasks.find('/');
  if (slash != std::string::npos) {
    out.push_back(
        {"load", "tasks", VitalKind::level, std::strtod(tasks.c_str() + slash + 1, nullptr), 0});
  }
}

void read_memory(const std::filesystem::path& proc, std::vector<Vital>& out) {
  std::ifstream file(proc / "meminfo");
  std::map<std::string, double> bytes;
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string name;
    double kibibytes = 0;
    if (words >> name >> kibibytes) bytes[name] = kibibytes * 1024;
  }
  const double total = bytes["MemTotal:"];
  if (!(total > 0)) return;
  const double used = total - bytes["MemAvailable:"];
  out.push_back({"memory", "used_percent", VitalKind::level, 100 * used / total, 0});
  out.push_back({"memory", "dirty_bytes", VitalKind::level, bytes["Dirty:"], 0});
}

bool begins_with_one_of(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return name.rfind(prefix, 0) == 0; });
}

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// A whole disk: not a partition of one, and nothing that lies in memory or on another disk.
bool is_whole_disk(std::string_view name) {
  if (begins_with_one_of(name, {"loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd"})) {
    return false;
  }
  if (name.empty() || !is_digit(name.back())) return true;
  if (!begins_with_one_of(name, {"nvme", "mmcblk"})) return false;  // sda1, vda2.
  const std::size_t digits = name.find_last_not_of("0123456789");
  return digits == std::string_view::npos || name[digits] != 'p';  // nvme0n1p1.
}

void read_disks(const std::filesystem::path& proc, std::vector<Vital>& out) {
  std::ifstream file(proc / "diskstats");
  std::string line;
  std::size_t disks = 0;
  while (std::getline(file, line) && disks < kDevicesMax) {
    std::istringstream words(line);
    std::string major_minor;
    std::string name;
    // reads, merged, sectors, ms; writes, merged, sectors, ms; in flight, ms busy.
    std::array<double, 10> fields{};
    words >> major_minor >> major_minor >> name;
    for (double& field : fields) words >> field;
    if (!words || !is_whole_disk(name)) continue;
    constexpr double kSectorBytes = 512;
    const std::string entity = "disk " + name;
    out.push_back(
        {entity, "read_bytes_per_second", VitalKind::per_second, fields[2] * kSectorBytes, 0});
    out.push_back(
        {entity, "written_bytes_per_second", VitalKind::per_second, fields[6] * kSectorBytes, 0});
    // Milliseconds a second are tenths of a percent.
    out.push_back({entity, "in_use_percent", VitalKind::per_second, fields[9] / 10, 0});
    ++disks;
  }
}

void read_networks(const std::filesystem::path& proc, std::vector<Vital>& out) {
  std::ifstream file(proc / "net" / "dev");
  std::string line;
  std::size_t interfaces = 0;
  while (std::getline(file, line) && interfaces < kDevicesMax) {
    const std::size_t colon = line.find(':');
    const std::size_t begin = line.find_first_not_of(' ');
    if (colon == std::string::npos || begin >= colon) continue;  // The two title lines.
    const std::string name = line.substr(begin, colon - begin);
    if (begins_with_one_of(name, {"veth", "br-", "cali", "ifb"})) continue;
    std::istringstream words(line.substr(colon + 1));
    std::array<double, 9> fields{};
    for (double& field : fields) words >> field;
    if (!words) continue;
    const std::string entity = "net " + name;
    out.push_back({entity, "received_bytes_per_second", VitalKind::per_second, fields[0], 0});
    out.push_back({entity, "sent_bytes_per_second", VitalKind::per_second, fields[8], 0});
    ++interfaces;
  }
}

/// The vital sign that `now` is, given what it was `seconds` before; empty when a count went
/// backwards or stood still where it must not: the device was replaced.
std::optional<double> sign_of(const Vital& before, const Vital& now, double seconds) {
  const double grown = now.value - before.value;
  switch (now.kind) {
    case VitalKind::level:
      return now.value;
    case VitalKind::per_second:
      if (grown < 0 || !(seconds > 0)) return std::nullopt;
      return grown / seconds;
    case VitalKind::percent:
      break;
  }
  const double whole = now.whole - before.whole;
  if (grown < 0 || !(whole > 0)) return std::nullopt;
  return std::min(100 * grown / whole, 100.0);
}

double rounded(double value) { return std::round(value * 100) / 100; }

}  // namespace

std::vector<Vital> read_vitals(const std::filesystem::path& proc) {
  std::vector<Vital> vitals;
  read_cpus(proc, vitals);
  read_load(proc, vitals);
  read_memory(proc, vitals);
  read_disks(proc, vitals);
  read_networks(proc, vitals);
  return vitals;
}

std::vector<VitalEvent> VitalSigns::read(std::int64_t now_ms) {
  Reading now{.time_ms = now_ms, .vitals = read_vitals(proc_)};
  // Keep the youngest reading that is at least a window old.
  while (readings_.size() > 1 && readings_[1].time_ms <= now_ms - kWindowMs) readings_.pop_front();
  std::vector<VitalEvent> events;
  if (!readings_.empty()) events = between(readings_.front(), now);
  readings_.push_back(std::move(now));
  return events;
}

std::vector<VitalEvent> VitalSigns::between(const Reading& before, const Reading& now) {
  const double seconds = static_cast<double>(now.time_ms - before.time_ms) / 1000;
  std::map<std::pair<std::string_view, std::string_view>, const Vital*> old;
  for (const Vital& vital : before.vitals) old[{vital.entity, vital.name}] = &vital;

  std::vector<VitalEvent> events;
  std::vector<JsonObject> objects;  // [events]
  for (const Vital& vital : now.vitals) {
    const auto found = old.find({vital.entity, vital.name});
    const auto sign = found == old.end() ? std::nullopt : sign_of(*found->second, vital, seconds);
    if (!sign) continue;
    if (events.empty() || events.back().entity != vital.entity) {
      events.push_back({.entity = vital.entity, .json = {}});
      objects.emplace_back().add("entity", vital.entity).add("time", now.time_ms);
    }
    objects.back().add(vital.name, rounded(*sign));
    if (vital.entity == "cpu" && vital.name == "busy_percent") busy_percent_ = *sign;
  }
  for (std::size_t i = 0; i < events.size(); ++i) events[i].json = objects[i].text();
  return events;
}

}  // namespace tocsin
