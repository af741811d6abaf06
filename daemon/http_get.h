// One question to an HTTP server, for the command that asks a running daemon how it is.

#pragma once

#include <chrono>
#include <string>

#include "daemon/config/config.h"
#include "daemon/http_server.h"
#include "detectors/result.h"

namespace tocsin {

/// What the server that listens as `settings` say answers to GET `path`. A server that listens on
/// all addresses is asked on this machine's own. Fails where nobody answers within `patience`.
Result<HttpReply> http_get(const HttpSettings& settings, const std::string& path,
                           std::chrono::milliseconds patience);

}  // namespace tocsin
