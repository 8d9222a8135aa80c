#pragma once
// A small GET, for health checks: http and https, one request a connection.

#include <chrono>
#include <string>

#include "platform/core/error.h"

namespace eda::http {

struct Answer {
  int status = 0;
  std::string body;
};

struct GetOptions {
  std::chrono::milliseconds timeout = std::chrono::seconds(5);  ///< for the whole exchange
  std::string ca;                                               ///< PEM file; empty: the system's authorities
  std::size_t body_bytes = 16u << 20;                           ///< more is an error
};

/// `url` is http://host[:port][/path] or https://…. Any status is an answer. Errors: invalid URL_SYNTAX, unavailable
/// HTTP_AWAY (not reached, or not understood), unavailable HTTP_TLS (the certificate), timeout HTTP_TIMEOUT.
Result<Answer> get(const std::string& url, const GetOptions& options = {});

}  // namespace eda::http
