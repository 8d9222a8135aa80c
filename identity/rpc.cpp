#include "identity/rpc.h"

#include "platform/rpc/call.h"
#include "platform/rpc/convert.h"

namespace eda::identity {
namespace {

#define IDENTITY_SERVICE "eda.identity.v1.IdentityService/"

constexpr MethodPermission methods[] = {
    {IDENTITY_SERVICE "WhoAmI", Permission::read},
    {IDENTITY_SERVICE "CreateUser", Permission::administer},
    {IDENTITY_SERVICE "GetUser", Permission::read},
    {IDENTITY_SERVICE "ListUsers", Permission::read},
    {IDENTITY_SERVICE "UpdateUser", Permission::administer},
    {IDENTITY_SERVICE "CreateToken", Permission::write},
    {IDENTITY_SERVICE "ListTokens", Permission::read},
    // Logging out with a token that can only read must work; the action asks for `write` for any other token.
    {IDENTITY_SERVICE "RevokeToken", Permission::read},
};

void fill(const User& user, v1::User* out) {
  out->set_name(user.name);
  out->set_display_name(user.display_name);
  out->set_email(user.email);
  for (Role role : user.roles) out->add_roles(std::string(role_name(role)));
  out->set_disabled(user.disabled);
  rpc::to_proto(user.created_at, out->mutable_created_at());
}

void fill(const Person& person, v1::User* out) {
  fill(person.user, out);
  for (const Membership& membership : person.teams) {
    auto* team = out->add_teams();
    team->set_team(membership.team);
    team->set_role(membership.role);
  }
}

void fill(const Token& token, v1::Token* out) {
  out->set_id(token.id);
  out->set_subject(token.subject);
  for (Scope scope : token.scopes) out->add_scopes(std::string(scope_name(scope)));
  out->set_description(token.description);
  rpc::to_proto(token.created_at, out->mutable_created_at());
  rpc::to_proto(token.expires_at, out->mutable_expires_at());
  if (token.revoked_at) rpc::to_proto(*token.revoked_at, out->mutable_revoked_at());
  if (token.last_used_at) rpc::to_proto(*token.last_used_at, out->mutable_last_used_at());
}

void fill(const ServerFacts& server, v1::WhoAmIResponse* out) {
  out->set_server_version(server.version);
  rpc::to_proto(SystemClock().now(), out->mutable_server_time());
  for (const ServerFacts::Port& port : server.ports) {
    auto* one = out->add_ports();
    one->set_name(port.name);
    one->set_address(port.address);
    one->set_tls(port.tls);
  }
}

std::vector<std::string> texts(const google::protobuf::RepeatedPtrField<std::string>& items) {
  return {items.begin(), items.end()};
}

template <class Message>
Request request_of(const Message& message) {
  return {message.request_id(), message.reason()};
}

UserChange change_of(const v1::UpdateUserRequest& message) {
  UserChange change;
  change.name = message.name();
  if (message.has_display_name()) change.display_name = message.display_name();
  if (message.has_email()) change.email = message.email();
  if (message.has_disabled()) change.disabled = message.disabled();
  change.add_roles = texts(message.add_roles());
  change.remove_roles = texts(message.remove_roles());
  return change;
}

class IdentityFace final : public v1::IdentityService::Service {
 public:
  IdentityFace(Actions& actions, Gate& gate, ServerFacts server)
      : actions_(actions), gate_(gate), server_(std::move(server)) {}

  grpc::Status WhoAmI(grpc::ServerContext* context, const v1::WhoAmIRequest*, v1::WhoAmIResponse* reply) override {
    return rpc::serve(*context, gate_, IDENTITY_SERVICE "WhoAmI", [&](const Actor& actor) -> Result<> {
      EDA_ASSIGN(Self self, actions_.who_am_i(actor));
      reply->set_subject(self.subject);
      if (self.person) fill(*self.person, reply->mutable_user());
      fill(self.token, reply->mutable_token());
      fill(server_, reply);
      return {};
    });
  }

  grpc::Status CreateUser(grpc::ServerContext* context, const v1::CreateUserRequest* message,
                          v1::CreateUserResponse* reply) override {
    return rpc::serve(*context, gate_, IDENTITY_SERVICE "CreateUser", [&](const Actor& actor) -> Result<> {
      const v1::User& user = message->user();
      NewUser wish{user.name(), user.display_name(), user.email(), texts(user.roles())};
      EDA_ASSIGN(Person made, actions_.create_user(actor, request_of(*message), wish));
      fill(made, reply->mutable_user());
      return {};
    });
  }

  grpc::Status GetUser(grpc::ServerContext* context, const v1::GetUserRequest* message,
                       v1::GetUserResponse* reply) override {
    return rpc::serve(*context, gate_, IDENTITY_SERVICE "GetUser", [&](const Actor&) -> Result<> {
      EDA_ASSIGN(Person found, actions_.get_user(message->name()));
      fill(found, reply->mutable_user());
      return {};
    });
  }

  grpc::Status ListUsers(grpc::ServerContext* context, const v1::ListUsersRequest* message,
                         v1::ListUsersResponse* reply) override {
    return rpc::serve(*context, gate_, IDENTITY_SERVICE "ListUsers", [&](const Actor&) -> Result<> {
      EDA_ASSIGN(Page<User> page, actions_.list_users(rpc::page_of(*message)));
      for (const User& user : page.rows) fill(user, reply->add_users());
      reply->set_next_page_token(page.next_token);
      return {};
    });
  }

  grpc::Status UpdateUser(grpc::ServerContext* context, const v1::UpdateUserRequest* message,
                          v1::UpdateUserResponse* reply) override {
    return rpc::serve(*context, gate_, IDENTITY_SERVICE "UpdateUser", [&](const Actor& actor) -> Result<> {
      EDA_ASSIGN(Person after, actions_.update_user(actor, request_of(*message), change_of(*message)));
      fill(after, reply->mutable_user());
      return {};
    });
  }

  grpc::Status CreateToken(grpc::ServerContext* context, const v1::CreateTokenRequest* message,
                           v1::CreateTokenResponse* reply) override {
    return rpc::serve(*context, gate_, IDENTITY_SERVICE "CreateToken", [&](const Actor& actor) -> Result<> {
      TokenWish wish{message->subject(), texts(message->scopes()), message->lifetime_seconds(), message->description()};
      EDA_ASSIGN(NewToken made, actions_.create_token(actor, request_of(*message), wish));
      fill(made.token, reply->mutable_token());
      reply->set_secret(made.secret.reveal());
      return {};
    });
  }

  grpc::Status ListTokens(grpc::ServerContext* context, const v1::ListTokensRequest* message,
                          v1::ListTokensResponse* reply) override {
    return rpc::serve(*context, gate_, IDENTITY_SERVICE "ListTokens", [&](const Actor& actor) -> Result<> {
      using Ended = TokenQuery::Ended;
      TokenQuery query{message->subject(), message->include_ended() ? Ended::included : Ended::left_out};
      EDA_ASSIGN(Page<Token> page, actions_.list_tokens(actor, query, rpc::page_of(*message)));
      for (const Token& token : page.rows) fill(token, reply->add_tokens());
      reply->set_next_page_token(page.next_token);
      return {};
    });
  }

  grpc::Status RevokeToken(grpc::ServerContext* context, const v1::RevokeTokenRequest* message,
                           v1::RevokeTokenResponse* reply) override {
    return rpc::serve(*context, gate_, IDENTITY_SERVICE "RevokeToken", [&](const Actor& actor) -> Result<> {
      EDA_ASSIGN(Token ended, actions_.revoke_token(actor, request_of(*message), message->id()));
      fill(ended, reply->mutable_token());
      return {};
    });
  }

 private:
  Actions& actions_;
  Gate& gate_;
  const ServerFacts server_;
};

}  // namespace

std::span<const MethodPermission> identity_methods() {
  return methods;
}

std::unique_ptr<grpc::Service> make_identity_face(Actions& actions, Gate& gate, ServerFacts server) {
  return std::make_unique<IdentityFace>(actions, gate, std::move(server));
}

}  // namespace eda::identity
