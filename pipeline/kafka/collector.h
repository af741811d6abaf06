// What the tests of this folder read with, and write with besides a writer.

#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "pipeline/kafka/client.h"
#include "pipeline/kafka/kafka_reader.h"

namespace tocsin {

using PlaceName = std::pair<std::string, std::int32_t>;

/// One record as it was seen.
struct Seen {
  std::int64_t offset = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::int64_t timestamp_ms = -1;  ///< When sent, -1: of the moment.
};

/// Keeps what a reader reports. Starts each partition at its committed offset or else its
/// beginning, and releases at once, unless told otherwise.
class Collector final : public ReadSink {
 public:
  explicit Collector(KafkaReader& reader) : reader_(&reader) {}

  void assigned(std::span<const Assignment> partitions, GenerationRef group) override;
  void revoked(std::span<const PartitionHandle> partitions, Revocation why) override;
  void record(const ReadRecord& record) override;
  void end_of_partition(PartitionHandle partition, std::int64_t next_offset) override {
    ends[places.at(partition)] = next_offset;
  }

  std::size_t count() const;
  const std::vector<Seen>& of(const std::string& topic, std::int32_t partition) {
    return records[{topic, partition}];
  }
  std::vector<PartitionHandle> handles() const;

  /// Polls until `done`, for at most a minute; returns whether it was. `records_max` a poll.
  bool poll_until(const std::function<bool()>& done, std::size_t records_max = 1000);

  bool starts = true;
  std::function<void()> before_release;  ///< Empty: nothing.
  std::map<PlaceName, std::vector<Seen>> records;
  std::map<PlaceName, std::int64_t> ends;
  std::map<PartitionHandle, PlaceName> places;   ///< Of every handle there was.
  std::map<PartitionHandle, PlaceName> current;  ///< Of the assignment.
  std::map<PlaceName, std::int64_t> next;        ///< One past the last record seen, by place.
  std::vector<Revocation> revocations;
  std::size_t assignments = 0;
  GenerationRef generation;
  std::string error;  ///< Why `poll_until` gave up.

 private:
  KafkaReader* reader_;
};

/// Repeats `step` until it is true, for at most a minute.
bool eventually(const std::function<bool()>& step);

/// Writes to `topic` outside of any writer, and waits for the delivery.
class Source {
 public:
  explicit Source(const std::string& brokers);
  /// `partition` -1: by key. An absent value is a tombstone.
  void send(const std::string& topic, std::int32_t partition, const Seen& record);
  void flush();
  rd_kafka_t* client() const { return client_.get(); }

 private:
  RdPtr<rd_kafka_t> client_;
};

/// Records 0 … count-1 in each of `partitions` partitions, with the number as key and value.
void fill(const std::string& brokers, const std::string& topic, std::int32_t partitions,
          std::int64_t count, std::int64_t from = 0);

}  // namespace tocsin
