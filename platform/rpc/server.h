#pragma once
// A gRPC server: limits, TLS that follows its files, health, reflection, an end that lets calls finish.

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "platform/core/error.h"
#include "platform/core/limits.h"
#include "platform/process/listen.h"
#include "platform/process/tls.h"
#include "platform/rpc/tls_memory.h"

namespace eda::rpc {

struct ServerOptions {
  process::Endpoint listen{"127.0.0.1", 7070};
  std::optional<process::TlsFiles> tls;  ///< beyond loopback it is required
  int threads = 64;                      ///< at most; a call beyond them gets RESOURCE_EXHAUSTED
  std::size_t message_bytes = limits::message_bytes;
};

enum class Readiness { ready, not_ready };

class Server {
 public:
  /// Listens when it returns. `services` must outlive the server. Beside them it answers grpc.health.v1.Health
  /// (NOT_SERVING until set_readiness) and grpc.reflection. Errors: those of process::may_listen and process::can_bind;
  /// unavailable LISTEN_FAILED.
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options, std::span<grpc::Service* const> services);
  /// Drains for no time.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// The one that was chosen where 0 was asked for.
  std::uint16_t port() const { return port_; }
  /// What the health service says, for "" and for every service.
  void set_readiness(Readiness readiness);
  /// A channel to this server without a socket, for the JSON gateway.
  std::shared_ptr<grpc::Channel> in_process();
  /// Takes no new calls, lets those under way finish, cancels what is left after `limit`, and returns. Health says
  /// NOT_SERVING from the start. Once only; later calls return at once.
  void drain(std::chrono::milliseconds limit = std::chrono::seconds(10));

 private:
  Server() = default;
  /// The certificate that lies there now, and each that replaces it.
  Result<std::shared_ptr<grpc::ServerCredentials>> credentials(const process::TlsFiles& files);
  void watch_certificate(process::TlsWatch watch);

  TlsMemory tls_;
  std::mutex guard_;
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread watcher_;
  std::unique_ptr<grpc::Server> server_;
  std::uint16_t port_ = 0;
  std::atomic<bool> drained_{false};
};

}  // namespace eda::rpc
