#include "daemon/run_command.h"

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "daemon/exit_code.h"
#include "daemon/load_config.h"
#include "daemon/log.h"
#include "daemon/shutdown.h"

namespace tocsin {
namespace {

/// Ends the process when a stop takes longer than draining may, and a little for leaving: what is
/// not committed by then is aborted by the broker, and nothing is kept outside of it.
class Watchdog {
 public:
  Watchdog(const std::stop_token& stop, std::int64_t drain_timeout_ms, Log& log)
      : thread_([stop, drain_timeout_ms, &log](const std::stop_token& done) {
          std::mutex mutex;
          std::condition_variable_any woken;
          const std::stop_callback asked(stop, [&] {
            const std::lock_guard held(mutex);
            woken.notify_all();
          });
          std::unique_lock lock(mutex);
          woken.wait(lock, done, [&stop] { return stop.stop_requested(); });
          if (done.stop_requested()) return;
          woken.wait_for(lock, done, std::chrono::milliseconds(drain_timeout_ms) + kLeaving,
                         [] { return false; });
          if (done.stop_requested()) return;
          log.error("stopping takes too long; leaving without a farewell");
          std::_Exit(kExitRuntime);
        }) {}

 private:
  static constexpr std::chrono::seconds kLeaving{5};
  std::jthread thread_;
};

}  // namespace

int run_command(const RunOptions& options, const Interpose& interpose) {
  std::vector<Diagnostic> warnings;
  const std::optional<Config> config = load_config(
      options.config, [&warnings](const Diagnostic& warning) { warnings.push_back(warning); });
  if (!config) return kExitConfiguration;
  Log log(config->log);
  for (const Diagnostic& warning : warnings)
    log.warning("the configuration may not mean what was wanted", {{"file", warning.file},
                                                                   {"line", warning.line},
                                                                   {"path", warning.path},
                                                                   {"reason", warning.message},
                                                                   {"hint", warning.hint}});
  const Shutdown shutdown([&log](int signal) {
    if (signal == SIGHUP)
      log.warning("SIGHUP is not supported yet: restart to read a new configuration");
    else
      log.info("asked to stop", {{"signal", signal}});
  });
  const Watchdog watchdog(shutdown.token(), config->flow.drain_timeout_ms, log);
  return serve(*config, log, shutdown.token(),
               {.from = options.from, .is_up = {}, .interpose = interpose});
}

}  // namespace tocsin
