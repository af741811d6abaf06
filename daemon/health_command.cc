#include "daemon/health_command.h"

#include <chrono>
#include <cstdio>

#include "daemon/config/compiler.h"
#include "daemon/exit_code.h"
#include "daemon/http_get.h"

namespace tocsin {
namespace {

constexpr std::chrono::milliseconds kPatience{3000};

int failed(const std::string& reason) {
  std::fprintf(stderr, "tocsin health: %s\n", reason.c_str());
  return kExitRuntime;
}

}  // namespace

int health_command(const HealthOptions& options) {
  const Compiled compiled = compile_file(options.config, process_surroundings());
  if (!compiled.config) {
    // Warnings are for who starts the daemon; a probe asks every few seconds.
    std::fputs(render(compiled.diagnostics, Colour::never).c_str(), stderr);
    return kExitConfiguration;
  }
  const HttpSettings& http = compiled.config->http;
  if (http.port == 0) {
    return failed("`http.listen` has port 0, so nobody knows the port but the daemon's log");
  }
  const Result<HttpReply> reply = http_get(http, "/" + options.probe, kPatience);
  if (!reply) return failed(reply.error().message);
  std::fputs(reply->body.c_str(), stdout);
  return reply->status == 200 ? kExitOk : kExitRuntime;
}

}  // namespace tocsin
