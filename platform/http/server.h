#pragma once
// An HTTP/1.1 server with limits on everything a client can make large or slow. Handlers run on threads of their own,
// may block, and get whole requests. Beast and OpenSSL stay in server.cpp.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "platform/core/error.h"
#include "platform/core/limits.h"
#include "platform/http/message.h"
#include "platform/process/listen.h"

namespace eda::http {

struct ServerOptions {
  process::Endpoint listen{"127.0.0.1", 8080};
  std::optional<process::TlsFiles> tls;  ///< TLS 1.2 or later; beyond loopback it is required; read again when changed
  std::size_t threads = 16;              ///< handlers at work at once; the others wait in line
  std::size_t connections = 512;         ///< at once; one more is closed at once
  std::size_t header_bytes = limits::http_header_bytes;  ///< else 431
  std::size_t body_bytes = limits::http_body_bytes;      ///< else 413
  std::chrono::milliseconds header_time =
      std::chrono::seconds(15);  ///< until a header is there, idle time included; also TLS
  std::chrono::milliseconds body_time = std::chrono::seconds(30);  ///< until the whole body is there; else it is closed
  std::chrono::milliseconds write_time = std::chrono::seconds(30);  ///< until the answer is taken
};

class Server {
 public:
  /// Listens when it returns. What the handler throws becomes a 500 without its text, which goes to the log. Errors:
  /// those of process::may_listen and process::can_bind; invalid TLS_INVALID for files that are no certificate and its
  /// key.
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Handler handler);
  /// Drains for no time.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// The one that was chosen where 0 was asked for.
  std::uint16_t port() const;
  /// Listens no more, closes idle connections, lets requests under way be answered, closes what is left after `limit`,
  /// and returns when every handler has. Once only.
  void drain(std::chrono::milliseconds limit = std::chrono::seconds(10));

  struct State;  ///< server.cpp's own

 private:
  explicit Server(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace eda::http
