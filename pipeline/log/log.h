// The log that events come from and results go to, as the pipeline sees it.
//
// Two implementations: Apache Kafka through librdkafka (pipeline/kafka), and an exact one in
// memory (memory_log.h) that replay, the tests and the simulation use. Every promise about
// exactly-once is made against this interface, so it carries what those promises rest on:
// assignments with their generation, ends of partitions, watermarks, the outcome of each
// delivery, and transactions whose every call can fail in its own way.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/result.h"

namespace tocsin {

/// A reader's own small number for an assigned partition. Never used twice in the life of a
/// reader: a partition that is lost and regained comes back under a new handle.
using PartitionHandle = std::int32_t;

/// The group's generation as it was when partitions were assigned; what is inside belongs to the
/// log. It is bound to every epoch read under it, and the log refuses to commit an epoch of a
/// generation that has passed.
class Generation {
 public:
  virtual ~Generation() = default;
};
/// Shared by the ingest stage and by every epoch read under it, which may outlive the assignment.
using GenerationRef = std::shared_ptr<const Generation>;

struct Assignment {
  PartitionHandle handle = 0;
  std::string topic;
  std::int32_t partition = 0;
};

/// One header of a record; a header may be without a value.
struct HeaderView {
  std::string_view name;
  std::optional<std::string_view> value;
};

/// One record as read. Views are valid until the sink's call returns.
struct ReadRecord {
  PartitionHandle partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;  ///< -1: the record has none.
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  ///< Empty: a tombstone.
  std::span<const HeaderView> headers;
};

/// Why partitions go away.
enum class Revocation : std::uint8_t {
  handed_over,  ///< In order: what was read may still be committed before `release`.
  lost,         ///< Another owner may already have them: nothing of them may be committed.
};

/// What a reader reports; implemented by the ingest stage.
class ReadSink {
 public:
  virtual ~ReadSink() = default;
  /// The partitions are ours and paused; `LogReader::start` begins them.
  virtual void assigned(std::span<const Assignment> partitions, GenerationRef generation) = 0;
  /// The partitions deliver nothing more. The group waits until `LogReader::release`.
  virtual void revoked(std::span<const PartitionHandle> partitions, Revocation why) = 0;
  virtual void record(const ReadRecord& record) = 0;
  /// The end of a partition as of now: the next record will have at least this offset.
  virtual void end_of_partition(PartitionHandle partition, std::int64_t next_offset) = 0;
};

/// How far a group has come in a partition, and the words it left there (ASCII, < 4 KB).
struct CommittedOffset {
  std::int64_t offset = 0;
  std::string metadata;
  friend bool operator==(const CommittedOffset&, const CommittedOffset&) = default;
};

/// First retained offset, and one past the last committed record.
struct Watermarks {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

/// One member of a consumer group.
///
/// Threads: one; `committed`, `watermarks`, `is_member` and `wait` may wait for the log, the rest
/// never does.
class LogReader {
 public:
  virtual ~LogReader() = default;

  /// Reports what there is, at most about `records_max` records, and returns how many records
  /// it reported. An error ends the process: what can be mended by waiting is not one.
  virtual Result<std::size_t> poll(ReadSink& sink, std::size_t records_max) = 0;

  /// Begins delivery of an assigned partition at `offset`.
  virtual Result<void> start(PartitionHandle partition, std::int64_t offset) = 0;
  virtual void pause(std::span<const PartitionHandle> partitions) = 0;
  virtual void resume(std::span<const PartitionHandle> partitions) = 0;
  /// Answers the last `revoked`: everything that will be committed has been.
  virtual void release() = 0;

  /// The group's committed offset, once no transaction that could change it is open.
  virtual Result<std::optional<CommittedOffset>> committed(PartitionHandle partition) = 0;
  virtual Result<Watermarks> watermarks(PartitionHandle partition) = 0;
  /// Whether the group counts this very member among its own, asked of the group. While that
  /// cannot be known, an error.
  virtual Result<bool> is_member() = 0;
  /// The high watermark as last heard; empty: not yet. Never waits.
  virtual std::optional<std::int64_t> last_high(PartitionHandle partition) const = 0;

  /// Waits until `poll` may have something to report, at most `patience`.
  virtual void wait(std::chrono::milliseconds patience) = 0;

  /// Leaves the group. No call but the destructor may follow.
  virtual void close() = 0;
};

/// A reader's own small number for one reading of a state partition. Never used twice.
using StateReading = std::int32_t;

/// What a state log reports; implemented by the ingest stage.
class StateSink {
 public:
  virtual ~StateSink() = default;
  /// Before anything else of a reading: one past the last record there was when it began, those of
  /// open and aborted transactions included. What was read is whole once a record or an end at or
  /// past this has been reported.
  virtual void state_watermark(StateReading reading, std::int64_t high) = 0;
  /// A committed record, in the order of offsets. Views are valid until the call returns.
  virtual void state_record(StateReading reading, std::int64_t offset, std::string_view value) = 0;
  /// The end as of now for a read-committed reader: it may lie before the watermark, where a
  /// transaction is open. Reported again whenever it moves.
  virtual void state_end(StateReading reading, std::int64_t next_offset) = 0;
};

/// A partition of a state topic, and the input that it belongs to.
struct StatePlace {
  std::string_view topic;
  std::string_view input;  ///< The topic whose state it is: both have as many partitions.
  std::int32_t partition = 0;
};

/// The topics that hold our own state: read for a restore, trimmed when newer state makes older
/// needless. Not a member of any group.
///
/// Threads: one, the reader's. No call waits.
class StateLog {
 public:
  virtual ~StateLog() = default;

  /// Begins to read a partition from `offset` on; what is no longer there is left out. A topic
  /// that does not exist is made first, with as many partitions as the input; one that has fewer
  /// is given more. Once a watermark has been reported, the partition can be written to.
  virtual StateReading begin(const StatePlace& place, std::int64_t offset) = 0;
  /// Ends a reading, finished or not.
  virtual void end(StateReading reading) = 0;
  /// Reports what there is, at most about `bytes_max` bytes, and returns how many records it
  /// reported. An error ends the process: what can be mended by waiting is not one.
  virtual Result<std::size_t> poll(StateSink& sink, std::size_t bytes_max) = 0;
  /// Why a reading does not get on, for the log; empty: it does.
  virtual std::string waiting_for() const = 0;

  /// Records before `offset` may be deleted. Best effort: nothing rests on it. It goes on in
  /// `poll`, which with no bytes to report is for this alone.
  virtual void trim(std::string_view topic, std::int32_t partition, std::int64_t offset) = 0;
};

/// One record to be written. It stays where it is, and all its views valid, until the writer has
/// reported its delivery.
struct WriteRecord {
  std::uint16_t topic = 0;          ///< Index into the topics the writer was made with.
  std::int32_t partition = kByKey;  ///< Or a partition's number.
  std::optional<std::string_view> key;
  std::string_view value;
  std::span<const HeaderView> headers;
  static constexpr std::int32_t kByKey = -1;  ///< murmur2 of the key, as Java's partitioner.
  /// Not empty: the topic by its name, for those that the writer was not made with (a state topic
  /// whose input appeared at run time). It exists.
  std::string_view topic_name;
  bool wants_place = false;  ///< Its offset is told by `LogWriter::placed`.
};

/// A partition's progress within an epoch.
struct OffsetToCommit {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t next_offset = 0;
  std::string_view metadata;
};

/// What to do after a call to a writer. Every error of a log folds into one of these.
enum class WriteStatus : std::uint8_t {
  ok,
  retry,   ///< Call the same function again; nothing is lost.
  resend,  ///< Abort, then begin again with the same bytes.
  reopen,  ///< The writer is unusable and the outcome may be unknown: `open` again, then compare
           ///< the committed offset with ours.
  stop,    ///< Nothing here can help: the process ends with the reason.
};

/// Why, where that decides more than what to do next.
enum class WriteCause : std::uint8_t {
  other,
  passed,  ///< With `resend`: the generation has passed, so these offsets can never be committed.
  fenced,  ///< With `reopen`: another writer has taken over the name.
};

struct WriteOutcome {
  WriteStatus status = WriteStatus::ok;
  std::string reason;  ///< For the log; empty when ok.
  WriteCause cause = WriteCause::other;
};

/// A record that the log refused for good, by its index among the records of the transaction.
struct RefusedRecord {
  std::size_t index = 0;
  std::string reason;
};

/// Where a record that wanted to know was stored, by its index among the records of the
/// transaction.
struct PlacedRecord {
  std::size_t index = 0;
  std::int64_t offset = 0;
};

/// One transactional producer. The order of calls is begin, produce…, flush, send_offsets,
/// commit; or abort after any of them. A writer without transactions commits offsets in `commit`,
/// after everything has been delivered.
///
/// Threads: one. Each call may wait for the log, but not longer than about 100 ms: then it
/// answers `retry`.
class LogWriter {
 public:
  virtual ~LogWriter() = default;

  /// Makes the producer ready, ending whatever a predecessor of the same name left open.
  virtual WriteOutcome open() = 0;
  virtual WriteOutcome begin() = 0;
  /// Takes records from the front, and returns how many were taken; fewer than given when its
  /// queue is full, and then `flush` makes room.
  virtual std::size_t produce(std::span<const WriteRecord> records) = 0;
  /// Ok once every record taken is either stored or among `refused()`.
  virtual WriteOutcome flush() = 0;
  /// Records of this transaction that were refused for good (too large, for instance).
  virtual std::span<const RefusedRecord> refused() const = 0;
  /// Where the records of this transaction that wanted to know were stored, by index. Whole once
  /// `flush` is ok, valid until `begin`.
  virtual std::span<const PlacedRecord> placed() const = 0;
  virtual WriteOutcome send_offsets(std::span<const OffsetToCommit> offsets,
                                    const GenerationRef& generation) = 0;
  virtual WriteOutcome commit() = 0;
  virtual WriteOutcome abort() = 0;
};

}  // namespace tocsin
