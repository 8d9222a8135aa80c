#pragma once
// One gRPC call, from the wire to an action and back. A face's method is one call of serve(): the gate says who calls
// and whether they may, the body does it, an Error becomes a google.rpc.Status, and the gate is told how it ended.

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "platform/core/error.h"
#include "platform/core/secret.h"
#include "platform/core/time.h"
#include "platform/process/request_id.h"
#include "platform/rpc/status.h"

namespace eda::rpc {

/// Of a call that names none.
inline constexpr std::chrono::milliseconds default_deadline = std::chrono::seconds(60);
/// No call is worked on for longer, whatever it asks for.
inline constexpr std::chrono::milliseconds max_deadline = std::chrono::minutes(10);

/// What the wire says of a call before anybody is known.
struct Incoming {
  std::string_view method;  ///< "eda.identity.v1.IdentityService/WhoAmI"
  Secret token;             ///< of `authorization: Bearer …`; empty when absent
  std::string request_id;   ///< of `x-request-id`, else drawn here; 1–64 of [A-Za-z0-9._-]
  std::string peer;
  Deadline deadline = Deadline::in(default_deadline);
};

/// How it ended, for logs and metrics.
struct Finished {
  std::string_view method;
  std::string subject;  ///< "user/ada"; empty when nobody was let in
  std::string request_id;
  const Error* error = nullptr;  ///< null: it went well
  Duration took{0};
};

Incoming incoming(const grpc::ServerContext& context, std::string_view method);

/// Runs one call. `Gate` has `Result<Actor> admit(const Incoming&)` with `Actor::subject`, and
/// `void finished(const Finished&)`; `body(const Actor&) -> Result<>`. Exceptions become internal errors.
template <class Gate, class Body>
grpc::Status serve(grpc::ServerContext& context, Gate& gate, std::string_view method, Body&& body) {
  auto started = std::chrono::steady_clock::now();
  Incoming call = incoming(context, method);
  process::RequestScope scope(call.request_id);
  std::string subject;
  Result<> outcome;
  try {
    auto actor = gate.admit(call);
    if (actor) {
      subject = actor->subject;
      outcome = body(*actor);
    } else {
      outcome = fail(std::move(actor).error());
    }
  } catch (const std::exception& fault) {
    outcome = fail(internal_fault(fault));
  }
  auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started);
  gate.finished(Finished{method, subject, call.request_id, outcome ? nullptr : &outcome.error(), took});
  return outcome ? grpc::Status::OK : to_status(outcome.error(), call.request_id);
}

}  // namespace eda::rpc
