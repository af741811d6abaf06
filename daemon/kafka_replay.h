// The pipeline over what Kafka holds: everything that `run` would have written, in one unbroken go.

#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/plans.h"
#include "detectors/result.h"
#include "pipeline/flow/engine.h"
#include "pipeline/flow/quiet_observer.h"
#include "pipeline/kafka/kafka_history.h"
#include "pipeline/scoring/threaded_refits.h"

namespace tocsin {

/// Scores all records of the configuration's input topics, from the earliest retained one to the
/// end as of `begin`, at their true partitions and offsets. Nothing is written to Kafka, and the
/// daemon's group is neither joined nor asked.
///
/// Threads: one calls; the engine has its own.
class KafkaReplay {
 public:
  /// `log` and `writer` outlive the replay. The outputs' encodings, sampling and details are those
  /// of the configuration, so that records are byte for byte what the daemon writes.
  static Result<std::unique_ptr<KafkaReplay>> begin(const Config& config, LogWriter& writer,
                                                    KafkaLog log);
  KafkaReplay(const KafkaReplay&) = delete;
  KafkaReplay& operator=(const KafkaReplay&) = delete;

  /// Until every record has its outcome. `show` is called now and then.
  using Show = std::function<void(KafkaHistory::Progress)>;
  Result<void> run(const Show& show);

  const FlowCounters& counters() const { return engine_->counters(); }

 private:
  KafkaReplay() = default;

  KafkaHealth health_;
  std::vector<StreamPlanRef> plans_;
  std::unique_ptr<KafkaHistory> history_;
  ThreadedRefits refits_;
  QuietObserver observer_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace tocsin
