// How often what happened.

#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace tocsin::simulation {

/// Counts by name, over one run or many.
class Tally {
 public:
  void add(const std::string& name, std::uint64_t count = 1) {
    if (count > 0) counts_[name] += count;
  }
  void add(const Tally& other) {
    for (const auto& [name, count] : other.counts_) counts_[name] += count;
  }
  std::uint64_t operator[](const std::string& name) const {
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
  }
  const std::map<std::string, std::uint64_t>& counts() const { return counts_; }

 private:
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace tocsin::simulation
