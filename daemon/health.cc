#include "daemon/health.h"

#include <algorithm>
#include <utility>

namespace tocsin {

Checks::Checks(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) fail(name, "not checked yet");
}

void Checks::set(std::string_view name, bool passes, std::string_view detail) {
  const std::lock_guard lock(mutex_);
  checks_.insert_or_assign(
      std::string(name),
      Check{.name = std::string(name), .passes = passes, .detail = std::string(detail)});
}

void Checks::watch(std::string_view name, std::function<std::optional<std::string>()> trouble) {
  const std::lock_guard lock(mutex_);
  watched_.insert_or_assign(std::string(name), std::move(trouble));
}

std::vector<Checks::Check> Checks::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<Check> checks;
  for (const auto& [name, check] : checks_) {
    checks.push_back(check);
    const auto watched = watched_.find(name);
    if (!check.passes || watched == watched_.end()) continue;
    if (auto trouble = watched->second()) {
      checks.back().passes = false;
      checks.back().detail = *std::move(trouble);
    }
  }
  return checks;
}

bool Checks::pass_all() const {
  const std::vector<Check> checks = all();
  return std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.passes; });
}

}  // namespace tocsin
