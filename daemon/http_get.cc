#include "daemon/http_get.h"

#include <httplib.h>

namespace tocsin {
namespace {

/// Where to ask: an address to listen on everywhere is none to connect to.
std::string host_to_ask(const std::string& listening) {
  if (listening == "0.0.0.0") return "127.0.0.1";
  if (listening == "::") return "::1";
  return listening;
}

}  // namespace

Result<HttpReply> http_get(const HttpSettings& settings, const std::string& path,
                           std::chrono::milliseconds patience) {
  const std::string host = host_to_ask(settings.host);
  httplib::Client client(host, settings.port);
  client.set_connection_timeout(patience);
  client.set_read_timeout(patience);
  const httplib::Result answer = client.Get(path);
  if (!answer) {
    return Error{host + ":" + std::to_string(settings.port) +
                 " does not answer: " + httplib::to_string(answer.error())};
  }
  return HttpReply{.status = answer->status,
                   .content_type = answer->get_header_value("Content-Type"),
                   .body = answer->body};
}

}  // namespace tocsin
