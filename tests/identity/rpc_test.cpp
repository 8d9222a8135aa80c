#include "identity/rpc.h"

#include <grpcpp/grpcpp.h>

#include <catch2/catch.hpp>

#include "platform/rpc/status.h"
#include "tests/support/world.h"

using namespace eda;
using namespace eda::identity;

namespace {

struct Server {
  Server() {
    gate.permit(identity_methods());
    auto first = actions.bootstrap_admin(Actions::IfThereIsOne::refuse);
    REQUIRE(first);
    root = first->secret.reveal();
    grpc::ServerBuilder builder;
    builder.RegisterService(face.get());
    server = builder.BuildAndStart();
    stub = v1::IdentityService::NewStub(server->InProcessChannel({}));
  }
  ~Server() { server->Shutdown(); }

  /// Calls one method with a token; how it ended comes back as our Error, or "ok".
  template <class Request, class Reply>
  std::string call(grpc::Status (v1::IdentityService::StubInterface::*method)(grpc::ClientContext*, const Request&,
                                                                              Reply*),
                   const std::string& token, const Request& request, Reply& reply) {
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    grpc::Status status = (stub.get()->*method)(&context, request, &reply);
    return status.ok() ? "ok" : rpc::from_status(status).reason;
  }

  test::FreshDatabase database;
  SystemClock clock;
  NoTeams teams;
  Actions actions{database.pool(), clock, teams};
  std::vector<std::string> finished;
  Gate gate{database.pool(), clock,
            [this](const rpc::Finished& call) { finished.push_back(call.error ? call.error->reason : call.subject); }};
  std::unique_ptr<grpc::Service> face = make_identity_face(actions, gate, {"1.2.3"});
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<v1::IdentityService::StubInterface> stub;
  std::string root;
};

using Stub = v1::IdentityService::StubInterface;

}  // namespace

TEST_CASE("every method of the identity service states its permission") {
  const auto* service = v1::WhoAmIRequest::descriptor()->file()->service(0);
  REQUIRE(service->method_count() == static_cast<int>(identity_methods().size()));
  for (int i = 0; i < service->method_count(); ++i) {
    std::string name = service->full_name() + "/" + service->method(i)->name();
    INFO(name);
    CHECK(std::any_of(identity_methods().begin(), identity_methods().end(),
                      [&](const MethodPermission& method) { return method.method == name; }));
  }
}

TEST_CASE("an outsider is turned away at every method of the identity service") {
  Server server;
  for (const std::string& token : {std::string(), std::string("eda_guess")}) {
    const char* wanted = token.empty() ? "TOKEN_MISSING" : "TOKEN_UNKNOWN";
    auto turned_away =
        [&]<class Request, class Reply>(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*)) {
          Reply reply;
          CHECK(server.call(method, token, Request(), reply) == wanted);
        };
    turned_away(&Stub::WhoAmI);
    turned_away(&Stub::CreateUser);
    turned_away(&Stub::GetUser);
    turned_away(&Stub::ListUsers);
    turned_away(&Stub::UpdateUser);
    turned_away(&Stub::CreateToken);
    turned_away(&Stub::ListTokens);
    turned_away(&Stub::RevokeToken);
  }
}

TEST_CASE("from the first admin to a user who logs out with a token that can only read") {
  Server server;
  v1::CreateUserRequest ada;
  ada.mutable_user()->set_name("ada");
  ada.mutable_user()->set_email("ada@example.org");
  v1::CreateUserResponse made;
  REQUIRE(server.call(&Stub::CreateUser, server.root, ada, made) == "ok");
  CHECK(made.user().created_at().seconds() > 0);

  v1::CreateTokenRequest wish;
  wish.set_subject("user/ada");
  wish.add_scopes("read");
  v1::CreateTokenResponse token;
  REQUIRE(server.call(&Stub::CreateToken, server.root, wish, token) == "ok");
  CHECK(token.token().id().size() == 12);

  v1::WhoAmIResponse self;
  REQUIRE(server.call(&Stub::WhoAmI, token.secret(), v1::WhoAmIRequest(), self) == "ok");
  CHECK(self.subject() == "user/ada");
  CHECK(self.user().email() == "ada@example.org");
  CHECK(self.token().id() == token.token().id());
  CHECK(self.token().scopes_size() == 1);
  CHECK(self.server_version() == "1.2.3");

  v1::CreateTokenResponse no_token;
  CHECK(server.call(&Stub::CreateToken, token.secret(), v1::CreateTokenRequest(), no_token) == "SCOPE_MISSING");
  v1::CreateUserResponse no_user;
  CHECK(server.call(&Stub::CreateUser, token.secret(), ada, no_user) == "ROLE_MISSING");

  v1::UpdateUserRequest change;
  change.set_name("ada");
  change.add_add_roles("auditor");
  v1::UpdateUserResponse changed;
  REQUIRE(server.call(&Stub::UpdateUser, server.root, change, changed) == "ok");
  CHECK(changed.user().email() == "ada@example.org");
  CHECK(changed.user().roles(0) == "auditor");

  v1::ListUsersResponse users;
  REQUIRE(server.call(&Stub::ListUsers, token.secret(), v1::ListUsersRequest(), users) == "ok");
  CHECK(users.users_size() == 2);
  v1::ListTokensRequest all;
  all.set_subject("*");
  v1::ListTokensResponse tokens;
  REQUIRE(server.call(&Stub::ListTokens, token.secret(), all, tokens) == "ok");
  CHECK(tokens.tokens_size() == 2);

  v1::RevokeTokenResponse ended;
  REQUIRE(server.call(&Stub::RevokeToken, token.secret(), v1::RevokeTokenRequest(), ended) == "ok");
  CHECK(ended.token().has_revoked_at());
  CHECK(server.call(&Stub::WhoAmI, token.secret(), v1::WhoAmIRequest(), self) == "TOKEN_REVOKED");
  CHECK(server.finished.back() == "TOKEN_REVOKED");
}
