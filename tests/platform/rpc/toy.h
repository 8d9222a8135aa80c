#pragma once
// A server with one small service behind rpc::serve(), and certificates made with the openssl command.

#include <sys/wait.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <stdexcept>

#include "eda/identity/v1/identity.grpc.pb.h"
#include "platform/rpc/call.h"
#include "platform/rpc/server.h"
#include "tests/platform/process/scratch.h"

namespace eda::test {

namespace v1 = eda::identity::v1;

/// A door with two states.
class Latch {
 public:
  void open() {
    std::lock_guard hold(guard_);
    open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock hold(guard_);
    changed_.wait(hold, [&] { return open_; });
  }

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  bool open_ = false;
};

struct ToyActor {
  std::string subject;
};

/// Lets in whoever has the token "sesame".
class ToyGate {
 public:
  Result<ToyActor> admit(const rpc::Incoming& call) {
    std::lock_guard hold(guard);
    last_peer = call.peer;
    last_deadline = call.deadline.left();
    if (call.token.reveal() != "sesame")
      return fail(Code::unauthenticated, "TOKEN_UNKNOWN", "nobody has that token", "log in");
    return ToyActor{"user/ada"};
  }
  void finished(const rpc::Finished& call) {
    std::lock_guard hold(guard);
    last_subject = call.subject;
    last_request_id = call.request_id;
    last_reason = call.error ? call.error->reason : "";
  }

  std::mutex guard;
  std::string last_peer, last_subject, last_request_id, last_reason;
  std::chrono::milliseconds last_deadline{0};
};

class ToyIdentity final : public v1::IdentityService::Service {
 public:
  grpc::Status WhoAmI(grpc::ServerContext* context, const v1::WhoAmIRequest*, v1::WhoAmIResponse* response) override {
    return rpc::serve(*context, gate, "eda.identity.v1.IdentityService/WhoAmI", [&](const ToyActor& actor) -> Result<> {
      response->set_subject(actor.subject);
      return {};
    });
  }
  grpc::Status CreateUser(grpc::ServerContext* context, const v1::CreateUserRequest* request,
                          v1::CreateUserResponse* response) override {
    return rpc::serve(*context, gate, "eda.identity.v1.IdentityService/CreateUser", [&](const ToyActor&) -> Result<> {
      *response->mutable_user() = request->user();
      return {};
    });
  }
  /// Fails with `failure`.
  grpc::Status UpdateUser(grpc::ServerContext* context, const v1::UpdateUserRequest*,
                          v1::UpdateUserResponse*) override {
    return rpc::serve(*context, gate, "eda.identity.v1.IdentityService/UpdateUser",
                      [&](const ToyActor&) -> Result<> { return fail(failure); });
  }
  grpc::Status CreateToken(grpc::ServerContext* context, const v1::CreateTokenRequest*,
                           v1::CreateTokenResponse*) override {
    return rpc::serve(*context, gate, "eda.identity.v1.IdentityService/CreateToken",
                      [&](const ToyActor&) -> Result<> { throw std::runtime_error("the password is sesame"); });
  }
  /// Says that it has begun and waits until it is let go.
  grpc::Status ListUsers(grpc::ServerContext* context, const v1::ListUsersRequest*, v1::ListUsersResponse*) override {
    return rpc::serve(*context, gate, "eda.identity.v1.IdentityService/ListUsers", [&](const ToyActor&) -> Result<> {
      begun.open();
      let_go.wait();
      return {};
    });
  }

  ToyGate gate;
  Error failure;
  Latch begun, let_go;
};

struct Toy {
  explicit Toy(const rpc::ServerOptions& options = any_port()) {
    grpc::Service* services[] = {&identity};
    auto started = rpc::Server::start(options, services);
    if (!started) throw std::runtime_error(started.error().message);
    server = std::move(*started);
  }
  ~Toy() { identity.let_go.open(); }

  static rpc::ServerOptions any_port() {
    rpc::ServerOptions options;
    options.listen.port = 0;
    return options;
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(server->port()); }

  ToyIdentity identity;
  std::unique_ptr<rpc::Server> server;
};

/// A self-signed certificate for localhost and 127.0.0.1 in `scratch`, or a new one in its place, as a renewal puts it
/// there: each file by a rename.
inline process::TlsFiles make_certificate(const Scratch& scratch, const std::string& name = "localhost") {
  auto at = [&](const std::string& file) { return scratch.path(file); };
  std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=" + name +
      " -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " + at("new.key") + " -out " + at("new.crt") +
      " 2>/dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl could not make a certificate");
  std::filesystem::rename(at("new.key"), at("tls.key"));
  std::filesystem::rename(at("new.crt"), at("tls.crt"));
  return {at("tls.crt"), at("tls.key")};
}

}  // namespace eda::test
