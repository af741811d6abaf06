// What each path of the daemon's HTTP server answers.

#pragma once

#include "daemon/health.h"
#include "daemon/http_server.h"
#include "daemon/metrics.h"

namespace tocsin {

/// `/livez`, `/readyz` and `/startupz` (200, or 503 until every check passes; the body names
/// each), `/metrics`, and `/version`. Both arguments outlive the server.
HttpServer::Routes endpoints(const Health& health, const Metrics& metrics);

}  // namespace tocsin
