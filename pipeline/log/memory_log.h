// The log in memory: as exact as Kafka where promises rest on it, and without waiting.
//
// Transactions with control markers (each takes an offset, as in Kafka), a last stable offset that
// readers stop at, producer epochs and group generations that fence, trimming with watermarks, and
// a place to put a fault at every call. `tocsin replay`, the tests and the simulation run on it.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/log/log.h"

namespace tocsin {

/// A record as it is kept.
struct StoredRecord {
  std::int64_t offset = 0;  ///< Given by the log.
  std::int64_t timestamp_ms = -1;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

/// The calls of a writer, for faults.
enum class WriterCall : std::uint8_t { open, begin, produce, flush, send_offsets, commit, abort };

/// What shall go wrong with one call. It lasts as in Kafka: after `resend` only an abort helps,
/// after `reopen` only `open`.
struct Fault {
  WriteStatus status = WriteStatus::ok;  ///< The answer; ok: nothing goes wrong.
  /// The call is carried out all the same; of what is produced, half is taken.
  bool takes_effect = false;
};
using FaultHook = std::function<Fault(WriterCall)>;

/// The calls of a reader that can go wrong, and how.
enum class ReaderCall : std::uint8_t { poll, committed, watermarks, is_member };
enum class ReaderFault : std::uint8_t {
  none,
  wait,  ///< Not now: nothing is reported, or the answer does not come in time.
  end,   ///< The reader cannot go on.
};
using ReaderFaultHook = std::function<ReaderFault(ReaderCall)>;

/// Whether a state log has nothing to report this time.
using StateDelayHook = std::function<bool()>;

/// Who reads.
struct MemoryMember {
  std::string group;
  std::string id;
  std::vector<std::string> topics;  ///< Exact names.
  /// Stays a member when its reader is closed or destroyed, until it is expelled. A reader with
  /// the same id that comes before gets the same partitions under the same generation, and fences
  /// its predecessor.
  bool is_static = false;
};

/// Who writes.
struct MemoryProducer {
  std::string transactional_id;
  std::vector<std::string> topics;             ///< By index, as WriteRecord::topic names them.
  std::size_t record_bytes_max = SIZE_MAX;     ///< Larger values are refused for good.
  std::optional<std::size_t> named_bytes_max;  ///< The same, of topics that records name.
};

struct MemoryStore;

/// Topics, groups and transactions in memory.
///
/// Threads: any; one mutex. Readers and writers made here refer to the log, which outlives them.
class MemoryLog {
 public:
  /// Why a record is refused for good.
  static constexpr std::string_view kRecordTooLarge = "the value is larger than the topic takes";

  MemoryLog();
  ~MemoryLog();
  MemoryLog(const MemoryLog&) = delete;
  MemoryLog& operator=(const MemoryLog&) = delete;

  /// Makes a topic, or adds partitions to it.
  void create_topic(const std::string& name, std::int32_t partitions);
  /// Appends outside of any transaction; returns the offset.
  std::int64_t append(const std::string& topic, std::int32_t partition, StoredRecord record);
  /// Forgets records before `offset`.
  void trim(const std::string& topic, std::int32_t partition, std::int64_t offset);
  /// Takes one record away, as compaction does: its offset stays.
  void remove(const std::string& topic, std::int32_t partition, std::int64_t offset);
  /// The topic is deleted, and made anew with as many partitions. Nobody reads or writes it.
  void recreate(const std::string& topic);
  /// A group's committed offsets expire.
  void forget_group(const std::string& group);

  /// What a read-committed reader sees from `offset` on.
  std::vector<StoredRecord> read(const std::string& topic, std::int32_t partition,
                                 std::int64_t offset) const;
  /// The same from the start, and forgets it: what a program does that writes results elsewhere.
  std::vector<StoredRecord> take(const std::string& topic, std::int32_t partition);
  Watermarks watermarks(const std::string& topic, std::int32_t partition) const;
  std::optional<CommittedOffset> committed(const std::string& group, const std::string& topic,
                                           std::int32_t partition) const;

  /// As an administrator does it; the group has no members. Empty: there is none any more.
  void set_committed(const std::string& group, const std::string& topic, std::int32_t partition,
                     std::optional<CommittedOffset> offset);

  std::unique_ptr<LogReader> join(MemoryMember member, ReaderFaultHook faults = nullptr);
  std::unique_ptr<StateLog> state_log(StateDelayHook delays = nullptr);
  /// The member's session is over, unknown to itself: it is a zombie until it polls again.
  void expel(const std::string& group, const std::string& member);

  std::unique_ptr<LogWriter> writer(MemoryProducer producer, FaultHook faults = nullptr);
  /// Without transactions: what arrives is there, and what is sent again is there again. Offsets
  /// are committed by themselves, by members of the current generation.
  std::unique_ptr<LogWriter> plain_writer(MemoryProducer producer, FaultHook faults = nullptr);
  /// Which one of all transactions a producer has open; empty: none.
  std::optional<std::uint64_t> open_transaction(const std::string& transactional_id) const;
  /// The transaction of a producer has taken too long: it is aborted, and the producer fenced.
  void time_out(const std::string& transactional_id);

 private:
  std::unique_ptr<MemoryStore> store_;
};

}  // namespace tocsin
