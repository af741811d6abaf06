#include "daemon/http_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <exception>
#include <thread>
#include <utility>

namespace tocsin {
namespace {

/// One address per request needs no more than this; bodies are never read.
constexpr std::size_t kPayloadMaxBytes = 4096;

/// Without SO_REUSEPORT, which httplib sets by default: a second daemon on the same port must
/// fail, not share it.
void set_socket_options(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

void put(const HttpReply& reply, httplib::Response& response) {
  response.status = reply.status;
  response.set_header("Cache-Control", "no-store");
  response.set_content(reply.body, reply.content_type);
}

HttpReply plain(int status, std::string_view text) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::string(text)};
}

}  // namespace

class HttpServer::Inside {
 public:
  Inside(Routes routes, const Limits& limits) : routes_(std::move(routes)) {
    server_.set_socket_options(set_socket_options);
    server_.set_read_timeout(limits.read_timeout);
    server_.set_write_timeout(limits.write_timeout);
    // One request a connection: an idle one would hold a thread of the few there are.
    server_.set_keep_alive_max_count(1);
    server_.set_payload_max_length(kPayloadMaxBytes);
    server_.new_task_queue = [threads = limits.threads] {
      return new httplib::ThreadPool(static_cast<std::size_t>(threads));
    };
    // Answering here, before httplib would read a body or look for files.
    server_.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) {
          put(answer(request), response);
          return httplib::Server::HandlerResponse::Handled;
        });
    server_.set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, const std::exception_ptr&) {
          put(plain(500, "internal error\n"), response);
        });
  }

  ~Inside() {
    if (!thread_.joinable()) return;
    server_.stop();
    thread_.join();
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  Result<void> listen(const HttpSettings& settings) {
    host_ = settings.host;
    errno = 0;
    if (settings.port == 0) {
      port_ = server_.bind_to_any_port(host_);
    } else {
      port_ = server_.bind_to_port(host_, settings.port) ? settings.port : -1;
    }
    if (port_ < 0) {
      const std::string why = errno != 0 ? std::string(": ") + std::strerror(errno) : "";
      return Error{"cannot listen on " + host_ + ":" + std::to_string(settings.port) + why};
    }
    thread_ = std::thread([this] {
      server_.listen_after_bind();
      ended_ = true;
    });
    // `stop` is lost on a server that does not run yet.
    while (!server_.is_running() && !ended_) std::this_thread::yield();
    return {};
  }

  int port() const { return port_; }
  const std::string& host() const { return host_; }

 private:
  HttpReply answer(const httplib::Request& request) const {
    const auto route = routes_.find(request.path);
    if (route == routes_.end()) {
      std::string paths;
      for (const auto& [path, handler] : routes_) paths += " " + path;
      return plain(404, "not found; there are:" + paths + "\n");
    }
    if (request.method != "GET" && request.method != "HEAD") {
      return plain(405, "only GET is answered here\n");
    }
    return route->second();
  }

  Routes routes_;
  httplib::Server server_;
  std::string host_;
  int port_ = -1;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpSettings& settings, Routes routes,
                                                      const Limits& limits) {
  auto inside = std::make_unique<Inside>(std::move(routes), limits);
  if (const Result<void> listening = inside->listen(settings); !listening) {
    return listening.error();
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(inside)));
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpSettings& settings, Routes routes) {
  return start(settings, std::move(routes), Limits{});
}

HttpServer::HttpServer(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

HttpServer::~HttpServer() = default;

int HttpServer::port() const { return inside_->port(); }

std::string HttpServer::address() const {
  const bool is_v6 = inside_->host().find(':') != std::string::npos;
  return (is_v6 ? "[" + inside_->host() + "]" : inside_->host()) + ":" +
         std::to_string(inside_->port());
}

}  // namespace tocsin
