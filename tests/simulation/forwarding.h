// A reader and a writer that pass every call on, for those that change one of them.

#pragma once

#include <memory>
#include <utility>

#include "pipeline/log/log.h"

namespace tocsin::simulation {

class ForwardingReader : public LogReader {
 public:
  explicit ForwardingReader(std::unique_ptr<LogReader> inner) : inner_(std::move(inner)) {}

  Result<std::size_t> poll(ReadSink& sink, std::size_t records_max) override {
    return inner_->poll(sink, records_max);
  }
  Result<void> start(PartitionHandle partition, std::int64_t offset) override {
    return inner_->start(partition, offset);
  }
  void pause(std::span<const PartitionHandle> partitions) override { inner_->pause(partitions); }
  void resume(std::span<const PartitionHandle> partitions) override { inner_->resume(partitions); }
  void release() override { inner_->release(); }
  Result<std::optional<CommittedOffset>> committed(PartitionHandle partition) override {
    return inner_->committed(partition);
  }
  Result<Watermarks> watermarks(PartitionHandle partition) override {
    return inner_->watermarks(partition);
  }
  Result<bool> is_member() override { return inner_->is_member(); }
  std::optional<std::int64_t> last_high(PartitionHandle partition) const override {
    return inner_->last_high(partition);
  }
  void wait(std::chrono::milliseconds patience) override { inner_->wait(patience); }
  void close() override { inner_->close(); }

 private:
  std::unique_ptr<LogReader> inner_;
};

class ForwardingSink : public ReadSink {
 public:
  explicit ForwardingSink(ReadSink& inner) : inner_(inner) {}

  void assigned(std::span<const Assignment> partitions, GenerationRef generation) override {
    inner_.assigned(partitions, std::move(generation));
  }
  void revoked(std::span<const PartitionHandle> partitions, Revocation why) override {
    inner_.revoked(partitions, why);
  }
  void record(const ReadRecord& record) override { inner_.record(record); }
  void end_of_partition(PartitionHandle partition, std::int64_t next_offset) override {
    inner_.end_of_partition(partition, next_offset);
  }

 private:
  ReadSink& inner_;
};

class ForwardingWriter : public LogWriter {
 public:
  explicit ForwardingWriter(std::unique_ptr<LogWriter> inner) : inner_(std::move(inner)) {}

  WriteOutcome open() override { return inner_->open(); }
  WriteOutcome begin() override { return inner_->begin(); }
  std::size_t produce(std::span<const WriteRecord> records) override {
    return inner_->produce(records);
  }
  WriteOutcome flush() override { return inner_->flush(); }
  std::span<const RefusedRecord> refused() const override { return inner_->refused(); }
  std::span<const PlacedRecord> placed() const override { return inner_->placed(); }
  WriteOutcome send_offsets(std::span<const OffsetToCommit> offsets,
                            const GenerationRef& generation) override {
    return inner_->send_offsets(offsets, generation);
  }
  WriteOutcome commit() override { return inner_->commit(); }
  WriteOutcome abort() override { return inner_->abort(); }

 private:
  std::unique_ptr<LogWriter> inner_;
};

}  // namespace tocsin::simulation
