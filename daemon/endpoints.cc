#include "daemon/endpoints.h"

#include <string>

#include "daemon/json_text.h"
#include "daemon/version.h"

namespace tocsin {
namespace {

HttpReply probe(const Checks& checks) {
  std::string list;
  bool passes = true;
  for (const Checks::Check& check : checks.all()) {
    passes = passes && check.passes;
    JsonObject object;
    object.add("name", check.name).add("passes", check.passes);
    if (!check.detail.empty()) object.add("detail", check.detail);
    if (!list.empty()) list += ',';
    list += object.text();
  }
  JsonObject body;
  body.add("status", passes ? "ok" : "failing").add_raw("checks", "[" + list + "]");
  return {.status = passes ? 200 : 503, .body = body.text() + "\n"};
}

}  // namespace

HttpServer::Routes endpoints(const Health& health, const Metrics& metrics) {
  return {
      {"/livez", [&health] { return probe(health.live); }},
      {"/readyz", [&health] { return probe(health.ready); }},
      {"/startupz", [&health] { return probe(health.startup); }},
      {"/metrics",
       [&metrics] {
         return HttpReply{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                          .body = metrics.scrape()};
       }},
      {"/version", [] { return HttpReply{.body = version_json() + "\n"}; }},
  };
}

}  // namespace tocsin
