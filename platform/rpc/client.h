#pragma once
// A channel to edad, for edactl and tools. A token goes over TLS, or to this machine itself; never in the clear to
// another.

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "platform/core/error.h"
#include "platform/core/secret.h"

namespace eda::rpc {

struct ClientOptions {
  /// `host:port`, `https://host:port` or `http://host:port`. Without a scheme: TLS, but plain to loopback when no `ca`
  /// is given.
  std::string address;
  Secret token;    ///< empty: none is sent
  std::string ca;  ///< PEM file of the authorities to trust; empty: the system's
};

struct CallOptions {
  std::string request_id;  ///< empty: one is drawn
  std::chrono::milliseconds timeout = std::chrono::seconds(60);
};

class Client {
 public:
  /// Makes the channel; connecting happens at the first call. Errors: invalid ENDPOINT_SYNTAX, refused PLAIN_TOKEN (a
  /// token over http:// to another machine), unavailable CA_FILE.
  static Result<Client> make(const ClientOptions& options);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const std::string& address() const { return address_; }

  /// One unary call of a generated stub: `client.call(*stub, &Stub::WhoAmI, request, &response, {timeout})`. The Error
  /// is that of from_status, with the fact `request_id`; SERVER_AWAY and SERVER_LOST name the address.
  template <class Stub, class Request, class Response>
  Result<> call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request, Response* response, const CallOptions& options = {}) const {
    grpc::ClientContext context;
    auto id = prepare(context, options);
    return outcome((stub.*method)(&context, request, response), id);
  }

  /// For other shapes of call: sets token, request id (returned) and deadline.
  std::string prepare(grpc::ClientContext& context, const CallOptions& options = {}) const;
  Result<> outcome(const grpc::Status& status, const std::string& request_id) const;

 private:
  Client() = default;
  std::shared_ptr<grpc::Channel> channel_;
  std::string address_;
  Secret token_;
};

}  // namespace eda::rpc
