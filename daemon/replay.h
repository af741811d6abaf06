// The pipeline over rows instead of Kafka: the engine on the log in memory.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "daemon/config/config.h"
#include "detectors/result.h"
#include "pipeline/flow/engine.h"
#include "pipeline/log/memory_log.h"

namespace tocsin {

/// Scores rows through the same stages as `tocsin run`: row n is offset n of partition 0 of the
/// stream's first topic.
///
/// At most a bounded number of rows is in memory at a time. Results are handed out in input order,
/// as committed. Threads: one calls; the engine has its own.
class Replay {
 public:
  using Take = std::function<void(const StoredRecord& record)>;
  struct Outputs {
    Take score;
    Take alert;        ///< Null: alerts are not kept.
    Take dead_letter;  ///< Null: rejected rows are only counted.
  };

  /// `stream` is one of the configuration's. Records are JSON, one for each row not rejected,
  /// whatever the configuration says of encodings and sampling.
  static Result<std::unique_ptr<Replay>> begin(const Config& config, const StreamSettings& stream,
                                               Outputs outputs);
  ~Replay();
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  /// Adds a row, handing out results and waiting while too many are under way.
  Result<void> add(std::string_view bytes);
  /// Waits until every row has its outcome, and hands out the rest.
  Result<void> finish();

  std::uint64_t rows() const { return rows_; }
  const FlowCounters& counters() const { return engine_->counters(); }

 private:
  struct Shape {
    std::string topic;
    StreamSettings stream;
    OutputSettings outputs;
  };

  Replay(const Config& config, Shape shape, std::shared_ptr<const StreamPlan> plan, Outputs take);
  void hand_out();
  std::uint64_t committed_rows() const;
  Result<void> wait_for(std::uint64_t rows_behind_max);

  Shape shape_;
  Outputs take_;
  MemoryLog log_;
  std::unique_ptr<LogReader> reader_;
  std::unique_ptr<LogWriter> writer_;
  std::unique_ptr<RefitRunner> refits_;
  std::unique_ptr<FlowObserver> observer_;
  std::unique_ptr<Engine> engine_;
  std::uint64_t rows_ = 0;
  std::uint64_t bytes_under_way_ = 0;
  std::atomic<bool> has_ended_{false};
  Result<void> ended_;  // Written by thread_ before has_ended_ is set.
  std::jthread thread_;
};

}  // namespace tocsin
