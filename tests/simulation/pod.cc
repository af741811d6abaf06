#include "tests/simulation/pod.h"

#include <utility>

#include "pipeline/scoring/inline_refits.h"
#include "tests/simulation/late_refits.h"

namespace tocsin::simulation {

std::string pod_id(std::size_t pod) { return "pod-" + std::to_string(pod); }
std::string transactional_id(std::size_t pod) {
  return std::string(kApp) + "-" + pod_id(pod) + "-0";
}

/// Counts what is rare.
class Pod::Observer final : public FlowObserver {
 public:
  explicit Observer(const Surroundings& around) : around_(around), tally_(around.tally) {}

  void partition_began(const Began& began) override {
    if (began.live_from > began.start) tally_.add("replays of input");
    if (!began.has_committed && began.start > 0)
      around_.missing(began.topic, began.partition, 0, began.start);
  }
  void partition_live(std::string_view, std::int32_t) override {}
  void partition_restored(const Restored&) override { tally_.add("partitions restored"); }
  void snapshot_begun(std::string_view, std::int32_t) override { tally_.add("snapshots begun"); }
  void snapshot_named(std::string_view, std::int32_t, const SnapshotEnd& sum) override {
    tally_.add("snapshots named");
    // Of one epoch it has a head and the chunks, and both fit into a piece.
    if (sum.pieces > 2) tally_.add("snapshots over several epochs");
  }
  void partitions_revoked(std::size_t, bool are_lost) override {
    tally_.add(are_lost ? "revocations as lost" : "revocations in order");
  }
  void records_missing(std::string_view topic, std::int32_t partition, std::int64_t from,
                       std::int64_t to) override {
    tally_.add("records missing");
    around_.missing(topic, partition, from, to);
  }
  void producer_opened() override { tally_.add("producers opened"); }
  void transaction_trouble(std::string_view what, std::string_view) override {
    tally_.add("trouble in " + std::string(what));
  }
  void record_refused(std::string_view) override { tally_.add("records refused"); }
  void waiting(std::string_view) override { tally_.add("waits for the log"); }

 private:
  const Surroundings& around_;
  Tally& tally_;
};

Pod::Pod(const Surroundings& around, const PodIdentity& self, const PodSettings& settings,
         FaultPlan& faults)
    : around_(around),
      number_(self.number),
      drain_timeout_ns_(settings.flow.drain_timeout_ms * 1'000'000),
      observer_(std::make_unique<Observer>(around)) {
  const Workload& work = workload(settings.configuration);
  FlowSettings flow = settings.flow;
  if (self.owner % 2 == 0)
    refits_ = std::make_unique<LateRefits>(around.tally);
  else
    refits_ = std::make_unique<InlineRefits>();
  flow.app = kApp;
  flow.owner = self.owner;
  flow.is_exact = around.delivery == Delivery::exactly_once;
  MemoryMember member{.group = kApp, .id = pod_id(number_), .topics = {}, .is_static = true};
  for (const auto& [topic, width] : work.input_widths) member.topics.push_back(topic);
  reader_ = around.log.join(member, [&faults](ReaderCall call) { return faults.next(call); });
  const MemoryProducer producer{.transactional_id = transactional_id(number_),
                                .topics = work.output_topics,
                                .record_bytes_max = work.record_bytes_max,
                                .named_bytes_max = SIZE_MAX};
  const auto trouble = [&faults](WriterCall call) { return faults.next(call); };
  writer_ = around.delivery == Delivery::exactly_once ? around.log.writer(producer, trouble)
                                                      : around.log.plain_writer(producer, trouble);
  states_ = around.log.state_log([&faults] { return faults.delays_state(); });
  if (around.sabotage != nullptr) {
    reader_ = around.sabotage->around(std::move(reader_));
    writer_ = around.sabotage->around(std::move(writer_));
  }
  engine_ = std::make_unique<Engine>(EngineParts{.streams = work.streams,
                                                 .plans = work.plans,
                                                 .outputs = work.outputs,
                                                 .identity = work.identity,
                                                 .settings = flow,
                                                 .reader = *reader_,
                                                 .states = states_.get(),
                                                 .writer = *writer_,
                                                 .refits = *refits_,
                                                 .observer = *observer_});
}

Pod::~Pod() {
  const FlowCounters& counters = engine_->counters();
  around_.tally.add("transactions committed", counters.commits.value());
  around_.tally.add("transactions aborted", counters.aborts.value());
  around_.tally.add("producers reopened", counters.reopens.value());
  around_.tally.add("pauses for want of room", counters.pauses.value());
}

Pod::Life Pod::step(std::int64_t now_ns) {
  const Step step = engine_->step(now_ns);
  has_worked_ = step == Step::worked;
  if (step == Step::failed) return Life::failed;
  if (stop_before_ns_ < 0) return Life::lives;
  if (engine_->is_stopped()) {
    reader_->close();
    around_.tally.add("stops in order");
    return Life::stopped;
  }
  if (now_ns < stop_before_ns_) return Life::lives;
  around_.tally.add("stops that took too long");
  return Life::stopped;
}

void Pod::stop(std::int64_t now_ns) {
  if (stop_before_ns_ >= 0) return;
  engine_->begin_stop();
  stop_before_ns_ = now_ns + drain_timeout_ns_;
}

}  // namespace tocsin::simulation
