#include "operations/rpc.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "platform/rpc/call.h"
#include "platform/rpc/convert.h"

namespace eda::operations {

using identity::Actor;
using identity::MethodPermission;
using identity::Permission;

namespace {

#define OPERATION_SERVICE "eda.operations.v1.OperationService/"

constexpr MethodPermission methods[] = {
    {OPERATION_SERVICE "ListOperations", Permission::read},
    {OPERATION_SERVICE "GetOperation", Permission::read},
    {OPERATION_SERVICE "ResumeOperation", Permission::write},
    {OPERATION_SERVICE "AbortOperation", Permission::write},
};

store::Filter filter_of(const v1::ListOperationsRequest& request) {
  store::Filter filter{request.state(), request.kind(), request.team(), request.plan_id(), {}, false};
  if (request.has_target()) filter.target = rpc::from_proto(request.target());
  filter.unfinished_only = request.unfinished_only();
  return filter;
}

// Asks again until the operation has changed or ended, the wait is over or the caller has gone.
Result<Operation> await(Actions& actions, const Actor& actor, const grpc::ServerContext& context,
                        const v1::GetOperationRequest& request) {
  auto deadline = Deadline::in(std::chrono::milliseconds(std::min(request.wait_ms(), 10'000u)));
  constexpr std::chrono::milliseconds poll{100};
  for (;;) {
    auto operation = actions.find(actor, request.id());
    if (!operation || operation->version > request.seen() || is_over(operation->state)) return operation;
    if (deadline.passed() || context.IsCancelled()) return operation;
    std::this_thread::sleep_for(std::min(poll, deadline.left()));
  }
}

template <class Message>
identity::Request request_of(const Message& message) {
  return {message.request_id(), message.reason()};
}

class OperationFace final : public v1::OperationService::Service {
 public:
  OperationFace(Actions& actions, identity::Gate& gate) : actions_(actions), gate_(gate) {}

  grpc::Status ListOperations(grpc::ServerContext* context, const v1::ListOperationsRequest* request,
                              v1::ListOperationsResponse* response) override {
    return rpc::serve(*context, gate_, OPERATION_SERVICE "ListOperations", [&](const Actor& actor) -> Result<> {
      EDA_ASSIGN(auto page, actions_.list(actor, filter_of(*request), rpc::page_of(*request)));
      for (auto& operation : page.rows) to_proto(operation, response->add_operations());
      response->set_next_page_token(page.next_token);
      return {};
    });
  }

  grpc::Status GetOperation(grpc::ServerContext* context, const v1::GetOperationRequest* request,
                            v1::GetOperationResponse* response) override {
    return rpc::serve(*context, gate_, OPERATION_SERVICE "GetOperation", [&](const Actor& actor) -> Result<> {
      EDA_ASSIGN(auto operation, await(actions_, actor, *context, *request));
      to_proto(operation, response->mutable_operation());
      return {};
    });
  }

  grpc::Status ResumeOperation(grpc::ServerContext* context, const v1::ResumeOperationRequest* request,
                               v1::ResumeOperationResponse* response) override {
    return rpc::serve(*context, gate_, OPERATION_SERVICE "ResumeOperation", [&](const Actor& actor) -> Result<> {
      EDA_ASSIGN(auto operation, actions_.resume(actor, request_of(*request), request->id()));
      to_proto(operation, response->mutable_operation());
      return {};
    });
  }

  grpc::Status AbortOperation(grpc::ServerContext* context, const v1::AbortOperationRequest* request,
                              v1::AbortOperationResponse* response) override {
    return rpc::serve(*context, gate_, OPERATION_SERVICE "AbortOperation", [&](const Actor& actor) -> Result<> {
      EDA_ASSIGN(auto operation, actions_.abort(actor, request_of(*request), request->id()));
      to_proto(operation, response->mutable_operation());
      return {};
    });
  }

 private:
  Actions& actions_;
  identity::Gate& gate_;
};

void to_proto(const Step& step, v1::Step* out) {
  constexpr std::array states{"open", "done", "failed"};
  out->set_name(step.name);
  out->set_state(states[static_cast<std::size_t>(step.state)]);
  if (step.at != Instant()) rpc::to_proto(step.at, out->mutable_at());
  if (step.evidence.as_map()) rpc::to_proto(step.evidence, out->mutable_evidence());
}

}  // namespace

void to_proto(const Operation& operation, v1::Operation* out) {
  out->set_id(operation.id);
  out->set_kind(operation.kind);
  rpc::to_proto(operation.target, out->mutable_target());
  out->set_team(operation.team);
  if (operation.parameters.as_map()) rpc::to_proto(operation.parameters, out->mutable_parameters());
  out->set_state(std::string(state_name(operation.state)));
  out->set_step(operation.step);
  for (auto& step : operation.steps) to_proto(step, out->add_steps());
  out->set_waiting_for(operation.waiting_for);
  if (operation.waiting_until) rpc::to_proto(*operation.waiting_until, out->mutable_waiting_until());
  out->set_message(operation.trouble);
  out->set_next(operation.next);
  out->set_actor(operation.actor);
  out->set_reason(operation.reason);
  out->set_plan_id(operation.plan_id);
  rpc::to_proto(operation.created_at, out->mutable_created_at());
  rpc::to_proto(operation.updated_at, out->mutable_updated_at());
  out->set_version(operation.version);
}

std::span<const MethodPermission> operation_methods() {
  return methods;
}

std::unique_ptr<grpc::Service> make_operation_face(Actions& actions, identity::Gate& gate) {
  return std::make_unique<OperationFace>(actions, gate);
}

}  // namespace eda::operations
