// A log in memory with topics, and a sink that remembers, for its tests.

#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/log/memory_log.h"

namespace tocsin {

/// Remembers what a reader reports, and starts every partition at its beginning.
struct Listener final : ReadSink {
  explicit Listener(LogReader& from) : reader(from) {}

  void assigned(std::span<const Assignment> partitions, GenerationRef now) override {
    generation = std::move(now);
    for (const Assignment& a : partitions) {
      names[a.handle] = a.topic + "/" + std::to_string(a.partition);
      fresh.push_back(a.handle);
    }
  }
  void revoked(std::span<const PartitionHandle> partitions, Revocation why) override {
    revoked_count += partitions.size();
    last_revocation = why;
  }
  void record(const ReadRecord& record) override {
    values.push_back(names[record.partition] + "@" + std::to_string(record.offset) + "=" +
                     std::string(record.value.value_or("(tombstone)")));
  }
  void end_of_partition(PartitionHandle, std::int64_t next_offset) override { end = next_offset; }

  void poll(int times = 1) {
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(reader.poll(*this, 100));
      for (const PartitionHandle h : std::exchange(fresh, {})) ASSERT_TRUE(reader.start(h, 0));
    }
  }

  LogReader& reader;
  std::map<PartitionHandle, std::string> names;
  std::vector<PartitionHandle> fresh;
  std::vector<std::string> values;
  GenerationRef generation;
  std::size_t revoked_count = 0;
  std::optional<Revocation> last_revocation;
  std::int64_t end = -1;
};

class MemoryLogTest : public testing::Test {
 protected:
  MemoryLogTest() {
    log.create_topic("in", 2);
    log.create_topic("out", 1);
  }
  void append(std::int32_t partition, const std::string& value) {
    log.append("in", partition, {.value = value});
  }
  std::vector<std::string> written() const {
    std::vector<std::string> values;
    for (const StoredRecord& r : log.read("out", 0, 0)) values.push_back(*r.value);
    return values;
  }

  MemoryLog log;
};

}  // namespace tocsin
