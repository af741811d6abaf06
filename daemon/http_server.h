// A small HTTP server for probes and metrics.

#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "daemon/config/config.h"
#include "detectors/result.h"

namespace tocsin {

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};

/// Answers GET and HEAD of a fixed set of paths; other methods get 405, other paths 404.
///
/// A handful of threads, short timeouts and no request bodies: a stuck client costs little and
/// cannot stop a probe for long.
/// Threads: `start` and the destructor by the owner; handlers run on the server's threads, several
/// at a time.
class HttpServer {
 public:
  using Handler = std::function<HttpReply()>;
  using Routes = std::map<std::string, Handler, std::less<>>;

  struct Limits {
    std::chrono::milliseconds read_timeout{2000};
    std::chrono::milliseconds write_timeout{5000};
    int threads = 4;
  };

  /// Listens where `settings` says.
  static Result<std::unique_ptr<HttpServer>> start(const HttpSettings& settings, Routes routes,
                                                   const Limits& limits);
  static Result<std::unique_ptr<HttpServer>> start(const HttpSettings& settings, Routes routes);
  /// Stops listening and waits for the requests that are being answered.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;             ///< The real one.
  std::string address() const;  ///< `host:port`, with the real port.

 private:
  class Inside;
  explicit HttpServer(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace tocsin
