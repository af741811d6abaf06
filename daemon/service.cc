#include "daemon/service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/config/contradictions.h"
#include "daemon/endpoints.h"
#include "daemon/exit_code.h"
#include "daemon/health.h"
#include "daemon/http_server.h"
#include "daemon/log_observer.h"
#include "daemon/memory_plan.h"
#include "daemon/metrics.h"
#include "daemon/plans.h"
#include "daemon/start_point.h"
#include "daemon/steady_clock.h"
#include "daemon/topic_plan.h"
#include "daemon/version.h"
#include "pipeline/flow/engine.h"
#include "pipeline/kafka/kafka_admin.h"
#include "pipeline/kafka/kafka_group.h"
#include "pipeline/kafka/kafka_health.h"
#include "pipeline/kafka/kafka_reader.h"
#include "pipeline/kafka/kafka_state_log.h"
#include "pipeline/kafka/kafka_writer.h"
#include "pipeline/scoring/threaded_refits.h"

namespace tocsin {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookPatience{5'000};
constexpr milliseconds kLookAgain{1'000};
constexpr milliseconds kChangePatience{10'000};

/// A stable name for this member: the pod's, else the host's.
std::string instance_name() {
  if (const char* pod = std::getenv("POD_NAME"); pod != nullptr && *pod != '\0') return pod;
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) == 0 && host[0] != '\0') return host.data();
  return "tocsin-0";
}

Config with_what_is_the_process_own(Config config) {
  config.flow.workers = workers_of(config);
  config.flow.app = config.app;
  config.flow.is_exact = config.kafka.delivery == Delivery::exactly_once;
  config.flow.snapshot_interval_ms = config.snapshot_interval_ms;
  std::random_device random;  // Names what this process writes for itself; no score depends on it.
  config.flow.owner = std::uint64_t{random()} << 32U | random();
  config.kafka.output_topics = {config.outputs.scores.topic, config.outputs.alerts.topic,
                                config.outputs.dead_letters};
  if (config.kafka.instance.empty()) config.kafka.instance = instance_name();
  return config;
}

void sleep_unless(const std::stop_token& stop, milliseconds duration) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, duration, [] { return false; });
}

/// Everything that lives as long as the daemon serves.
class Service {
 public:
  Service(Config config, Log& log, const ServiceOptions& options)
      : config_(std::move(config)), log_(log), options_(options) {}

  int run(const std::stop_token& stop);

 private:
  /// A step of the start: empty, or the exit code with which the process ends.
  using Ended = std::optional<int>;

  Ended prepare();
  Ended await_topics(const std::stop_token& stop);
  enum class Verdict : std::uint8_t { fine, look_again, refused };
  Verdict judge(KafkaAdmin& admin, const ClusterView& cluster, const ClusterView& states);
  TopicChange change_topics(KafkaAdmin& admin, const TopicPlan& plan);
  TopicChange note_change(const TopicChanged& changed, std::string_view what,
                          const NewTopic& topic);
  bool may_yet_appear(const TopicPlan& plan, const std::string& reasons);
  void limit_batches(const ClusterView& cluster);
  Ended find_start(const std::stop_token& stop);
  Ended connect();
  int drive(const std::stop_token& stop);

  int refuse(std::string_view reason) {
    log_.error("refusing to start", {{"reason", reason}});
    return kExitConfiguration;
  }
  int fail(std::string_view message, std::string_view reason) {
    log_.error(message, {{"reason", reason}});
    return kExitRuntime;
  }
  KafkaLog kafka_log() {
    return [this](int level, std::string_view facility, std::string_view text) {
      log_.kafka(level, facility, text);
    };
  }

  Config config_;
  Log& log_;
  const ServiceOptions& options_;
  Health health_;
  KafkaHealth consumer_health_;
  KafkaHealth producer_health_;
  StateLogHealth state_health_;
  LogObserver observer_{log_, health_};
  std::vector<StreamPlanRef> plans_;
  std::size_t partitions_max_ = 0;  // That memory has room for.
  /// Since when the brokers answer without all topics, and what they lacked last.
  std::optional<std::uint64_t> topics_missed_ns_;
  std::string topics_missed_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<KafkaReader> reader_;
  std::unique_ptr<StateLog> states_;  // Uses the reader's clients.
  std::unique_ptr<LogWriter> writer_;
};

Service::Ended Service::prepare() {
  auto plans = make_plans(config_);
  if (!plans) return refuse(plans.error().message);
  plans_ = *std::move(plans);
  const MemoryPlan memory = plan_memory(memory_needs(config_, plans_), config_.memory.max_bytes);
  if (const auto reason = why_refused(memory, config_))
    return refuse(reason->message + ". " + reason->hint);
  health_.startup.pass("configuration", config_.hash);
  health_.ready.pass("configuration", config_.hash);
  health_.ready.pass("memory", bytes_text(memory.sum_bytes));
  partitions_max_ = memory.partitions_max;
  // Alive while it waits for brokers, too: a restart would not bring them back.
  health_.live.pass("pipeline", "not begun");
  health_.live.pass("kafka_client", "not begun");
  health_.ready.watch("brokers", [this]() -> std::optional<std::string> {
    if (consumer_health_.all_brokers_down.value() == 0) return std::nullopt;
    return "no broker can be reached: " + consumer_health_.last_error();
  });
  metrics_ = std::make_unique<Metrics>(metrics_subject(config_, plans_));
  metrics_->watch(KafkaClients{
      .consumer = &consumer_health_, .producer = &producer_health_, .state = &state_health_});
  auto http = HttpServer::start(config_.http, endpoints(health_, *metrics_));
  if (!http) return fail("the HTTP server cannot start", http.error().message);
  http_ = *std::move(http);
  log_.info("starting", {{"version", this_build().version},
                         {"app", config_.app},
                         {"config", config_.hash},
                         {"http", http_->address()},
                         {"workers", config_.flow.workers}});
  return std::nullopt;
}

/// Until the brokers answer; then the topics must be right, or become so.
Service::Ended Service::await_topics(const std::stop_token& stop) {
  auto admin = KafkaAdmin::make(config_.kafka, kafka_log(), consumer_health_);
  if (!admin) return refuse(admin.error().message);
  while (!stop.stop_requested()) {
    const Result<ClusterView> cluster = (*admin)->look(topics_needed(config_), kLookPatience);
    const Result<ClusterView> states =
        cluster ? (*admin)->look(state_topics_needed(config_, *cluster), kLookPatience) : cluster;
    if (cluster && states) {
      const Verdict verdict = judge(**admin, *cluster, *states);
      if (verdict == Verdict::fine) return std::nullopt;
      if (verdict == Verdict::refused) return kExitConfiguration;
    } else {
      topics_missed_ns_.reset();
      health_.ready.fail("brokers", states.error().message);
      log_.warning("the brokers cannot be reached; trying again",
                   {{"reason", states.error().message}});
    }
    sleep_unless(stop, kLookAgain);
  }
  return kExitOk;
}

Service::Verdict Service::judge(KafkaAdmin& admin, const ClusterView& cluster,
                                const ClusterView& states) {
  health_.ready.pass("brokers");
  const TopicPlan plan = plan_topics(config_, cluster, states);
  if (!plan.mistakes.empty()) {
    const std::string reasons = fmt::format("{}", fmt::join(plan.mistakes, "; "));
    if (may_yet_appear(plan, reasons)) return Verdict::look_again;
    refuse(reasons);
    return Verdict::refused;
  }
  const TopicChange change = change_topics(admin, plan);
  if (change == TopicChange::refused) return Verdict::refused;
  if (change == TopicChange::try_again) return Verdict::look_again;
  for (const std::string& warning : plan.warnings)
    log_.warning("a topic may not be as it should", {{"reason", warning}});
  if (const auto few = why_one_process_is_too_few(plan, partitions_max_))
    log_.warning("memory may not suffice", {{"reason", *few}});
  limit_batches(cluster);
  limit_batches(states);
  health_.startup.pass("topics");
  health_.ready.pass("topics");
  return Verdict::fine;
}

/// Whether nothing is wrong but that topics are not there, and the time to ask for them again is
/// not over: a broker that has just come back does not know all of them at once.
bool Service::may_yet_appear(const TopicPlan& plan, const std::string& reasons) {
  if (plan.missing < plan.mistakes.size()) return false;
  const std::uint64_t now_ns = steady_nanoseconds();
  if (!topics_missed_ns_) topics_missed_ns_ = now_ns;
  const auto waited_ms = static_cast<std::int64_t>((now_ns - *topics_missed_ns_) / 1'000'000);
  if (waited_ms >= config_.topic_wait_ms) return false;
  health_.ready.fail("topics", reasons);
  if (std::exchange(topics_missed_, reasons) != reasons)
    log_.warning("topics are not there; asking again",
                 {{"reason", reasons}, {"for_ms", config_.topic_wait_ms - waited_ms}});
  return true;
}

/// Makes and widens state topics. A broker that cannot is left to the one who runs it: what reads
/// the state says for what it waits.
TopicChange Service::change_topics(KafkaAdmin& admin, const TopicPlan& plan) {
  for (const NewTopic& topic : plan.to_make) {
    const TopicChange change = note_change(admin.make_topic(topic, kChangePatience), "made", topic);
    if (change != TopicChange::done) return change;
  }
  for (const NewTopic& topic : plan.to_widen) {
    const TopicChange change = note_change(
        admin.widen_topic(topic.name, topic.partitions, kChangePatience), "widened", topic);
    if (change != TopicChange::done) return change;
  }
  return TopicChange::done;
}

TopicChange Service::note_change(const TopicChanged& changed, std::string_view what,
                                 const NewTopic& topic) {
  switch (changed.change) {
    case TopicChange::done:
      log_.info(fmt::format("{} a state topic", what),
                {{"topic", topic.name}, {"partitions", topic.partitions}});
      break;
    case TopicChange::try_again:
      health_.ready.fail("topics", changed.reason);
      log_.warning(fmt::format("a state topic cannot be {} now; trying again", what),
                   {{"topic", topic.name}, {"reason", changed.reason}});
      break;
    case TopicChange::refused:
      refuse(fmt::format("state topic {} cannot be {}: {}; do it by hand: {}", topic.name, what,
                         changed.reason, description_of(topic)));
      break;
    case TopicChange::unsupported:
      log_.warning("this broker makes no topics; make it by hand",
                   {{"topic", topic.name}, {"as", description_of(topic)}});
      break;
  }
  return changed.change;
}

/// A batch that is too large is refused whole.
void Service::limit_batches(const ClusterView& cluster) {
  for (const TopicView& topic : cluster.topics) {
    const bool is_written = std::ranges::count(config_.kafka.output_topics, topic.name) > 0 ||
                            topic.name.starts_with(state_topic(config_.app, ""));
    if (!is_written || !topic.max_message_bytes) continue;
    const auto limit = static_cast<std::size_t>(*topic.max_message_bytes);
    config_.kafka.batch_bytes_max = std::min(config_.kafka.batch_bytes_max, limit);
  }
}

/// Until the brokers have told where to begin, where that was asked for.
Service::Ended Service::find_start(const std::stop_token& stop) {
  if (!options_.from) return std::nullopt;
  auto admin = KafkaAdmin::make(config_.kafka, kafka_log(), consumer_health_);
  auto group = KafkaGroup::make(config_.kafka, kafka_log(), consumer_health_);
  if (!admin || !group) return refuse((admin ? group.error() : admin.error()).message);
  while (!stop.stop_requested()) {
    FirstStart start =
        find_first_start(config_.kafka, **admin, **group, *options_.from, kLookPatience);
    if (start.verdict == FirstStart::Verdict::refused) return refuse(start.reason);
    if (start.verdict == FirstStart::Verdict::fine) {
      config_.flow.from = std::move(start.offsets);
      log_.info("a new lineage begins",
                {{"from", text_of(*options_.from)}, {"partitions", config_.flow.from.size()}});
      return std::nullopt;
    }
    log_.warning("it is not known yet where to begin; trying again", {{"reason", start.reason}});
    sleep_unless(stop, kLookAgain);
  }
  return kExitOk;
}

Service::Ended Service::connect() {
  auto reader = KafkaReader::make(config_.kafka, kafka_log(), consumer_health_);
  if (!reader) return refuse(reader.error().message);
  reader_ = *std::move(reader);
  auto states = make_kafka_state_log(config_.kafka, *reader_, kafka_log(), state_health_);
  if (!states) return refuse(states.error().message);
  states_ = *std::move(states);
  writer_ = make_kafka_writer(config_.kafka, reader_.get(), kafka_log(), producer_health_);
  return std::nullopt;
}

int Service::drive(const std::stop_token& stop) {
  ThreadedRefits refits;
  const EngineEdges made{
      .reader = *reader_, .states = states_.get(), .writer = *writer_, .observer = observer_};
  const EngineEdges edges = options_.interpose ? options_.interpose(made) : made;
  Engine engine(EngineParts{.streams = config_.streams,
                            .plans = plans_,
                            .outputs = config_.outputs,
                            .identity = {.config_hash = config_.hash,
                                         .program_version = std::string(this_build().version),
                                         .app = config_.app},
                            .settings = config_.flow,
                            .reader = edges.reader,
                            .states = edges.states,
                            .writer = edges.writer,
                            .refits = refits,
                            .observer = edges.observer,
                            .stopwatch = steady_nanoseconds,
                            .wall_clock_ms = wall_clock_milliseconds});
  metrics_->watch(&engine.counters());
  health_.ready.watch("memory", [this, &engine]() -> std::optional<std::string> {
    const std::uint64_t assigned = engine.counters().assigned_partitions.value();
    if (assigned <= partitions_max_) return std::nullopt;
    return fmt::format("{} partitions are assigned, but memory.max_bytes holds {}", assigned,
                       partitions_max_);
  });
  health_.ready.pass("state");
  health_.ready.watch("state", [&engine]() -> std::optional<std::string> {
    const std::uint64_t restoring = engine.counters().restoring.value();
    if (restoring == 0) return std::nullopt;
    return fmt::format("{} of {} partitions are being restored", restoring,
                       engine.counters().assigned_partitions.value());
  });
  health_.startup.pass("pipeline");
  health_.live.pass("pipeline");
  health_.live.pass("kafka_client");
  const Result<void> ended = engine.run(stop);
  metrics_->watch(static_cast<const FlowCounters*>(nullptr));
  health_.ready.watch("memory", [] { return std::nullopt; });
  health_.ready.watch("state", [] { return std::nullopt; });
  reader_->close();
  if (!ended) return fail("stopped", ended.error().message);
  log_.info("stopped", {{"commits", engine.counters().commits.value()}});
  return kExitOk;
}

int Service::run(const std::stop_token& stop) {
  if (const Ended ended = prepare()) return *ended;
  if (options_.is_up) options_.is_up({.http = http_->address()});
  if (const Ended ended = await_topics(stop)) return *ended;
  if (const Ended ended = find_start(stop)) return *ended;
  if (const Ended ended = connect()) return *ended;
  return drive(stop);
}

}  // namespace

int serve(const Config& config, Log& log, const std::stop_token& stop,
          const ServiceOptions& options) {
  return Service(with_what_is_the_process_own(config), log, options).run(stop);
}

}  // namespace tocsin
