// The gRPC face of operations, through a real server.

#include "operations/rpc.h"

#include <grpcpp/grpcpp.h>

#include <catch2/catch.hpp>
#include <thread>

#include "platform/rpc/status.h"
#include "tests/operations/operation_world.h"

using namespace eda;
using namespace eda::test;

namespace {

using Stub = v1::OperationService::StubInterface;

struct Server : OperationWorld {
  Server() {
    gate.permit(operation_methods());
    auto first = users.bootstrap_admin(identity::Actions::IfThereIsOne::refuse);
    REQUIRE(first);
    root = first->secret.reveal();
    auto admin = test::user("admin", {identity::Role::admin});
    admin.scopes.insert(identity::Scope::administer);
    REQUIRE(users.create_user(admin, {}, {"eve", "", "", {}}));
    auto token = users.create_token(admin, {}, {"user/eve", {"read", "write"}, 0, ""});
    REQUIRE(token);
    eve = token->secret.reveal();
    grpc::ServerBuilder builder;
    builder.RegisterService(face.get());
    server = builder.BuildAndStart();
    stub = v1::OperationService::NewStub(server->InProcessChannel({}));
  }
  ~Server() { server->Shutdown(); }

  template <class Request, class Reply>
  std::string call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*), const std::string& token,
                   const Request& request, Reply& reply) {
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    grpc::Status status = (stub.get()->*method)(&context, request, &reply);
    return status.ok() ? "ok" : rpc::from_status(status).reason;
  }
  v1::Operation get(const std::string& token, const std::string& id, std::uint32_t wait_ms = 0, std::int64_t seen = 0) {
    v1::GetOperationRequest request;
    request.set_id(id);
    request.set_wait_ms(wait_ms);
    request.set_seen(seen);
    v1::GetOperationResponse reply;
    REQUIRE(call(&Stub::GetOperation, token, request, reply) == "ok");
    return reply.operation();
  }

  identity::Actions users{pool(), clock, teams};
  identity::Gate gate{pool(), clock, [](const rpc::Finished&) {}};
  std::unique_ptr<grpc::Service> face = make_operation_face(actions, gate);
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<Stub> stub;
  std::string root, eve;
};

}  // namespace

TEST_CASE("every method of the operation service states its permission, and an outsider is turned away at each") {
  const auto* service = v1::GetOperationRequest::descriptor()->file()->service(0);
  REQUIRE(service->method_count() == static_cast<int>(operation_methods().size()));
  Server server;
  auto turned_away =
      [&]<class Request, class Reply>(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*)) {
        Reply reply;
        CHECK(server.call(method, "", Request(), reply) == "TOKEN_MISSING");
        CHECK(server.call(method, "eda_guess", Request(), reply) == "TOKEN_UNKNOWN");
      };
  turned_away(&Stub::ListOperations);
  turned_away(&Stub::GetOperation);
  turned_away(&Stub::ResumeOperation);
  turned_away(&Stub::AbortOperation);
}

TEST_CASE("from a question to its answer over the wire, by whom it concerns and by whom it does not") {
  Server server;
  auto id = server.begin();
  server.errand.on["look"] = [&](const Operation&) {
    auto outcome = waits(server.clock.now() + std::chrono::hours(1));
    outcome.evidence = Value::Map{{"topics", 3}};
    outcome.trouble = "an admin is asked";
    outcome.next = "edactl operation resume";
    return outcome;
  };
  server.settle();
  v1::ListOperationsRequest all;
  all.set_unfinished_only(true);
  all.set_team("checkout");
  all.mutable_target()->set_kind("stream");
  v1::ListOperationsResponse listed;
  REQUIRE(server.call(&Stub::ListOperations, server.eve, all, listed) == "ok");
  REQUIRE(listed.operations_size() == 1);
  CHECK_FALSE(listed.operations(0).has_parameters());
  CHECK_FALSE(listed.operations(0).steps(0).has_evidence());

  auto seen = server.get(server.root, id);
  CHECK(seen.kind() == "test.errand");
  CHECK(seen.target().cluster() == "prod");
  CHECK(seen.team() == "checkout");
  CHECK(seen.state() == "waiting");
  CHECK(seen.waiting_for() == "admins");
  CHECK(seen.has_waiting_until());
  CHECK(seen.message() == "an admin is asked");
  CHECK(seen.next() == "edactl operation resume");
  CHECK(seen.steps_size() == 3);
  CHECK(seen.steps(0).evidence().fields().at("topics").number_value() == 3);
  CHECK(seen.parameters().fields().at("records").number_value() == 7);

  v1::ResumeOperationRequest yes;
  yes.set_id(id);
  yes.set_request_id("r-1");
  yes.set_reason("reviewed");
  v1::ResumeOperationResponse resumed;
  CHECK(server.call(&Stub::ResumeOperation, server.eve, yes, resumed) == "NOT_YOURS");
  REQUIRE(server.call(&Stub::ResumeOperation, server.root, yes, resumed) == "ok");
  CHECK(resumed.operation().step() == "act");
  server.settle();
  CHECK(server.get(server.root, id).state() == "done");

  v1::AbortOperationRequest no;
  no.set_id(id);
  v1::AbortOperationResponse ended;
  CHECK(server.call(&Stub::AbortOperation, server.root, no, ended) == "OPERATION_OVER");
}

TEST_CASE("a held-back answer comes as soon as the operation has changed, and at once when it has ended") {
  Server server;
  auto id = server.begin();
  auto first = server.get(server.root, id, 10'000);  // changed since version 0
  CHECK(first.version() == 1);
  auto same = server.get(server.root, id, 150, first.version());
  CHECK(same.version() == 1);

  v1::Operation changed;
  std::thread waiter([&] { changed = server.get(server.root, id, 10'000, 1); });
  server.worker.step();
  waiter.join();
  CHECK(changed.version() == 2);
  CHECK(changed.step() == "act");
  server.settle();
  auto started = std::chrono::steady_clock::now();
  auto done = server.get(server.root, id, 10'000, 99);
  CHECK(done.state() == "done");
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(5));
}
