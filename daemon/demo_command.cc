#include "daemon/demo_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "daemon/alert_display.h"
#include "daemon/alert_tail.h"
#include "daemon/config/compiler.h"
#include "daemon/disturbance.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "daemon/progress.h"
#include "daemon/scratch_directory.h"
#include "daemon/service.h"
#include "daemon/shutdown.h"
#include "daemon/vital_feed.h"
#include "pipeline/kafka/embedded_broker.h"

namespace tocsin {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr const char* kInput = "vital-signs";
constexpr const char* kScores = "tocsin-demo-scores";
constexpr const char* kAlerts = "tocsin-demo-alerts";
constexpr const char* kDeadLetters = "tocsin-demo-dead-letters";
constexpr const char* kState = "tocsin-demo-state-vital-signs";

/// Long enough for every detector to have seen what it needs, at ten events a second.
constexpr seconds kLearning{45};
constexpr seconds kDisturbance{6};
/// When no alert has followed the disturbance by then, none will.
constexpr seconds kPatience{12};
constexpr int kDisturbances = 3;

std::string configuration(const std::string& bootstrap) {
  return fmt::format(
      "app: tocsin-demo\n"
      "kafka: {{brokers: [\"{}\"]}}\n"
      "delivery: at_least_once        # the embedded broker knows no real transactions\n"
      "streams:\n"
      "  - topics: [{}]       # JSON, keyed by entity; numeric fields are found\n"
      "    time: {{field: /time, unit: ms}}\n"
      "    detectors: [{{type: spike, warmup_points: 350}}]  # 35 seconds, then it judges\n"
      "http: {{listen: \"127.0.0.1:0\"}}\n",
      bootstrap, kInput);
}

std::string indented(const std::string& text) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    out += "    " + text.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return out;
}

void say(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int fail(const std::string& reason) {
  std::fprintf(stderr, "tocsin demo: %s\n", reason.c_str());
  return kExitRuntime;
}

/// The daemon, in a thread of its own, logging to a file.
class DaemonThread {
 public:
  DaemonThread(Config config, const std::filesystem::path& log_path)
      : log_file_(log_path),
        log_(
            config.log, [this](std::string_view line) { log_file_ << line << std::flush; },
            std::chrono::system_clock::now),
        thread_([this, config = std::move(config)](const std::stop_token& stop) {
          exit_code_ = serve(config, log_, stop,
                             {.is_up = [this](const ServiceAddress& up) { is_up_.set_value(up); }});
          has_ended_ = true;
        }) {}

  Log& log() { return log_; }
  bool has_ended() const { return has_ended_; }

  /// Where it listens; empty: it has ended, or `stop` came first.
  std::optional<ServiceAddress> await(const std::stop_token& stop) {
    std::future<ServiceAddress> future = is_up_.get_future();
    while (!has_ended() && !stop.stop_requested()) {
      if (future.wait_for(milliseconds(50)) == std::future_status::ready) return future.get();
    }
    return std::nullopt;
  }

 private:
  std::ofstream log_file_;
  Log log_;
  std::promise<ServiceAddress> is_up_;
  std::atomic<int> exit_code_{0};
  std::atomic<bool> has_ended_{false};
  std::jthread thread_;  // Last: it uses all of the above.
};

/// What happens on the screen from the moment the daemon is up.
class Screenplay {
 public:
  Screenplay(const DemoOptions& options, const VitalFeed& feed)
      : options_(options),
        feed_(feed),
        ink_(may_colour(STDOUT_FILENO) ? Ink::colour : Ink::plain),
        began_(Clock::now()),
        progress_(std::make_unique<Progress>("learning what is normal here")) {}

  /// An alert record has come.
  void show(std::string_view json) {
    const auto alert = display_alert(json, ink_);
    if (!alert) return say(alert.error().message + "\n");
    const bool follows = disturbed_ms_ > 0 && alert->time_ms >= disturbed_ms_ &&
                         alert->state != "close" && !has_followed_;
    if (alert->state == "update" && !follows) return;
    progress_.reset();
    say("\n" + alert->block);
    if (!follows) return;
    has_followed_ = true;
    say(fmt::format("\n{:.1f} s after the disturbance began, {:.0f} s after the demo did.\n",
                    static_cast<double>(now_ms() - disturbed_ms_) / 1000,
                    std::chrono::duration<double>(Clock::now() - began_).count()));
    if (!options_.once) say("Watching on; Ctrl-C ends the demo.\n");
  }

  /// Time has passed: draws, and disturbs when it is due. The exit code when the play is over.
  std::optional<int> go_on() {
    const Clock::duration elapsed = Clock::now() - began_;
    if (options_.seconds > 0 && elapsed >= seconds(options_.seconds)) return kExitOk;
    const auto due = kLearning + disturbances_ * kPatience;
    if (!has_followed_ && disturbances_ < kDisturbances && elapsed >= due) begin_disturbance();
    if (disturbed_ms_ == 0 && progress_) {
      progress_->show(std::chrono::duration<double>(elapsed) / kLearning,
                      fmt::format("{} events", feed_.events()));
    }
    if (!options_.once) return std::nullopt;
    if (has_followed_) return kExitOk;
    if (disturbances_ < kDisturbances || elapsed < due + kPatience) return std::nullopt;
    return fail("no alert followed the disturbance");
  }

 private:
  static std::int64_t now_ms() {
    return std::chrono::duration_cast<milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }

  static std::string clock_text() {
    const std::time_t seconds_now = now_ms() / 1000;
    std::tm local{};
    localtime_r(&seconds_now, &local);
    return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
  }

  void begin_disturbance() {
    progress_.reset();
    const Disturbance disturbance = disturbances_ == 0 ? fitting_disturbance(feed_.busy_percent())
                                                       : other_than(last_disturbance_);
    last_disturbance_ = disturbance;
    ++disturbances_;
    if (disturbed_ms_ == 0) disturbed_ms_ = now_ms();
    say(fmt::format("\n{}: {} events learned. Now, for {} seconds, {}...\n", clock_text(),
                    feed_.events(), kDisturbance.count(), describe(disturbance)));
    disturbance_ = std::jthread(
        [disturbance](const std::stop_token& stop) { disturb(disturbance, kDisturbance, stop); });
  }

  DemoOptions options_;
  const VitalFeed& feed_;
  Ink ink_;
  Clock::time_point began_;
  std::unique_ptr<Progress> progress_;  // Null once something else is on the screen.
  std::int64_t disturbed_ms_ = 0;       // 0: not yet.
  int disturbances_ = 0;
  Disturbance last_disturbance_ = Disturbance::cpu;
  bool has_followed_ = false;
  std::jthread disturbance_;
};

void introduce(const std::string& bootstrap, const ServiceAddress& address,
               const std::filesystem::path& scratch, const std::string& yaml) {
  say(
      fmt::format("tocsin watches this machine's own vital signs, from /proc, ten times a second.\n"
                  "\n"
                  "The broker is inside this program, at {0}. Look further from another terminal:\n"
                  "    kcat -C -q -u -b {0} -t {1}\n"
                  "    kcat -C -q -u -b {0} -t {2} -o end\n"
                  "    curl -s http://{3}/metrics\n"
                  "    curl -s http://{3}/readyz\n"
                  "    tail -f {4}\n"
                  "\n"
                  "The whole configuration, {5}:\n{6}"
                  "\n"
                  "For {7} seconds it learns; then this program disturbs the machine.\n",
                  bootstrap, kAlerts, kScores, address.http, (scratch / "tocsin.log").string(),
                  (scratch / "tocsin.yaml").string(), indented(yaml), kLearning.count()));
}

/// The last lines of the daemon's log, for whoever wonders why it ended.
std::string end_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  constexpr std::size_t kShown = 4000;
  return text.size() <= kShown ? text : text.substr(text.size() - kShown);
}

Result<void> make_topics(EmbeddedBroker& broker) {
  // The state topic, too: this broker cannot be asked for one.
  for (const char* topic : {kInput, kScores, kAlerts, kDeadLetters, kState}) {
    if (auto made = broker.create_topic(topic, 1); !made) return made;
  }
  return {};
}

/// From the broker to the end of the play.
int play(const DemoOptions& options, const std::filesystem::path& scratch,
         const std::stop_token& stop) {
  auto broker = EmbeddedBroker::start();
  if (!broker) return fail(broker.error().message);
  if (auto made = make_topics(**broker); !made) return fail(made.error().message);
  const std::string bootstrap = (*broker)->bootstrap();
  const std::string yaml = configuration(bootstrap);
  std::ofstream(scratch / "tocsin.yaml") << yaml;
  Compiled compiled = compile((scratch / "tocsin.yaml").string(), yaml, process_surroundings());
  if (!compiled.config) return fail(render(compiled.diagnostics, Colour::never));

  DaemonThread daemon(*std::move(compiled.config), scratch / "tocsin.log");
  const KafkaLog kafka_log = [&log = daemon.log()](int level, std::string_view facility,
                                                   std::string_view text) {
    log.kafka(level, facility, text);
  };
  const VitalFeed feed(bootstrap, kInput, kafka_log);
  const auto address = daemon.await(stop);
  if (!address) {
    if (stop.stop_requested()) return kExitOk;
    return fail("the daemon has ended:\n" + end_of(scratch / "tocsin.log"));
  }
  introduce(bootstrap, *address, scratch, yaml);
  Screenplay screenplay(options, feed);
  auto tail = AlertTail::begin(bootstrap, kAlerts, kafka_log,
                               [&](std::string_view json) { screenplay.show(json); });
  if (!tail) return fail(tail.error().message);
  while (!stop.stop_requested()) {
    if (auto polled = (*tail)->poll(milliseconds(100)); !polled) {
      return fail(polled.error().message);
    }
    if (const auto exit_code = screenplay.go_on()) return *exit_code;
    if (daemon.has_ended()) {
      return fail("the daemon has ended:\n" + end_of(scratch / "tocsin.log"));
    }
  }
  return kExitOk;
}

}  // namespace

int demo_command(const DemoOptions& options) {
  // Before any other thread, which then leave signals to it.
  const Shutdown shutdown([](int) {});
  const ScratchDirectory scratch("tocsin-demo");
  if (scratch.path().empty()) return fail("no directory for temporary files can be made");
  return play(options, scratch.path(), shutdown.token());
}

}  // namespace tocsin
