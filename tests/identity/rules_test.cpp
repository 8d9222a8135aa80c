#include <catch2/catch.hpp>

#include "identity/identity.h"
#include "identity/token.h"

using namespace eda;
using namespace eda::identity;

namespace {

std::string reason(const auto& result) {
  return result ? "ok" : result.error().reason;
}

Actor actor_with(std::set<Role> roles, std::set<Scope> scopes) {
  Actor actor;
  actor.subject = "user/ada";
  actor.name = "ada";
  actor.roles = std::move(roles);
  actor.scopes = std::move(scopes);
  return actor;
}

const std::set<Scope> r = {Scope::read}, rw = {Scope::read, Scope::write},
                      rwa = {Scope::read, Scope::write, Scope::administer};

}  // namespace

TEST_CASE("what a method asks is held against scopes and roles") {
  struct Row {
    Permission needs;
    std::set<Role> roles;
    std::set<Scope> scopes;
    const char* verdict;
  };
  const Row rows[] = {
      {Permission::open, {}, {}, "ok"},
      {Permission::read, {}, r, "ok"},
      {Permission::read, {}, {}, "SCOPE_MISSING"},
      {Permission::read, {}, {Scope::write}, "ok"},
      {Permission::read, {Role::admin}, {Scope::administer}, "SCOPE_MISSING"},
      {Permission::write, {}, rw, "ok"},
      {Permission::write, {}, r, "SCOPE_MISSING"},
      {Permission::audit, {Role::auditor}, r, "ok"},
      {Permission::audit, {Role::admin}, r, "ok"},
      {Permission::audit, {Role::operator_}, rw, "ROLE_MISSING"},
      {Permission::audit, {Role::auditor}, {}, "SCOPE_MISSING"},
      {Permission::operate, {Role::operator_}, rw, "ok"},
      {Permission::operate, {Role::admin}, rw, "ok"},
      {Permission::operate, {Role::auditor}, rw, "ROLE_MISSING"},
      {Permission::operate, {Role::operator_}, r, "SCOPE_MISSING"},
      {Permission::administer, {Role::admin}, rwa, "ok"},
      {Permission::administer, {Role::admin}, rw, "SCOPE_MISSING"},
      {Permission::administer, {Role::operator_, Role::auditor}, rwa, "ROLE_MISSING"},
      {Permission::administer, {}, rwa, "ROLE_MISSING"},
  };
  for (const Row& row : rows) {
    INFO(static_cast<int>(row.needs) << " with " << row.roles.size() << " roles, " << row.scopes.size() << " scopes");
    auto allowed = allow(actor_with(row.roles, row.scopes), row.needs);
    CHECK(reason(allowed) == row.verdict);
    if (!allowed) {
      CHECK(allowed.error().code == Code::denied);
      CHECK_FALSE(allowed.error().next.empty());
    }
  }
}

TEST_CASE("subjects are parsed and written alike") {
  for (const char* text : {"user/ada", "service/order-service", "ci/checkout/build", "user/zoë", "user/a.b_c-d"}) {
    INFO(text);
    auto subject = parse_subject(text);
    REQUIRE(subject);
    CHECK(subject->text() == text);
  }
  CHECK(parse_subject("ci/checkout/build")->team == "checkout");
  for (const char* text : {"", "ada", "user/", "user/a/b", "ci/checkout", "ci/a/b/c", "ci//b", "users/ada", "User/ada",
                           "user/a b", "user/../x", "user/a\nb", "/", "user/ada/", "*"}) {
    INFO(text);
    auto subject = parse_subject(text);
    CHECK(reason(subject) == "SUBJECT_SYNTAX");
  }
  CHECK(parse_subject("user/\x1b[31m").error().message.find('\x1b') == std::string::npos);
  CHECK(reason(parse_subject("user/" + std::string(300, 'a'))) == "SUBJECT_SYNTAX");
}

TEST_CASE("unknown roles and scopes are refused with the nearest name") {
  CHECK(*parse_roles({"admin", "operator", "auditor", "admin"}) ==
        std::set<Role>{Role::admin, Role::operator_, Role::auditor});
  CHECK(*parse_scopes({}) == std::set<Scope>{});
  CHECK(reason(parse_roles({"admin", "oprator"})) == "ROLE_UNKNOWN");
  CHECK(parse_roles({"oprator"}).error().next == "did you mean \"operator\"?");
  CHECK(parse_scopes({"everything"}).error().next == "it is one of read, write, delete, administer");
}

TEST_CASE("a token never gets more than its creator has or its subject may have") {
  auto granted = [](std::set<Scope> wished, std::set<Scope> open, std::set<Scope> creator) {
    return scopes_granted(wished, open, creator);
  };
  CHECK(*granted({}, rwa, rw) == rw);
  CHECK(*granted({}, rw, rwa) == rw);
  CHECK(*granted(r, rwa, rwa) == r);
  CHECK(reason(granted(rwa, rwa, rw)) == "SCOPE_BEYOND");
  CHECK(reason(granted(rwa, rw, rwa)) == "SCOPE_BEYOND");
  CHECK(scopes_open_to(SubjectKind::user, {Role::admin}) == rwa);
  CHECK(scopes_open_to(SubjectKind::user, {Role::operator_}) == rw);
  std::set<Scope> rwd = {Scope::read, Scope::write, Scope::remove};
  CHECK(scopes_open_to(SubjectKind::ci, {Role::admin}) == rwd);
  CHECK(scopes_open_to(SubjectKind::service, {}) == rw);
  // To delete is given to a pipeline by name only, by whoever may write for its team.
  CHECK(*granted({}, rwd, rw) == rw);
  CHECK(*granted(rwd, rwd, rw) == rwd);
  CHECK(reason(granted(rwd, rwd, r)) == "SCOPE_BEYOND");
  CHECK(reason(granted({Scope::remove}, rw, rwa)) == "SCOPE_BEYOND");
}

TEST_CASE("who may write may read") {
  Actor actor;
  actor.scopes = {Scope::write};
  CHECK(allow(actor, Permission::read));
  CHECK(allow(actor, Permission::write));
  actor.scopes = {Scope::read};
  CHECK_FALSE(allow(actor, Permission::write));
  actor.scopes = {Scope::remove};
  CHECK_FALSE(allow(actor, Permission::read));
}

TEST_CASE("lifetimes have bounds and a default") {
  CHECK(*token_lifetime(0) == std::chrono::days(90));
  CHECK(*token_lifetime(60) == std::chrono::minutes(1));
  CHECK(*token_lifetime(366LL * 86400) == std::chrono::days(366));
  using Limits = std::numeric_limits<std::int64_t>;
  for (std::int64_t seconds :
       std::initializer_list<std::int64_t>{-1, 59, 366 * 86400 + 1, Limits::max(), Limits::min()})
    CHECK(reason(token_lifetime(seconds)) == "TOKEN_LIFETIME");
}

TEST_CASE("a user's fields are judged together") {
  User fine{"ada", "Ada Lovelace", "ada@example.org", {}, false, {}};
  CHECK(check_user(fine));
  User bad{"a b", std::string(201, 'x'), "nowhere", {}, false, {}};
  auto refused = check_user(bad);
  CHECK(reason(refused) == "USER_INVALID");
  CHECK(refused.error().violations.size() == 3);
  CHECK_FALSE(check_user({"ada", "line\nfeed", "", {}, false, {}}));
  CHECK_FALSE(check_user({"ada", "", "@", {}, false, {}}));
  CHECK_FALSE(check_user({"", "", "", {}, false, {}}));
}

TEST_CASE("the last admin stays one") {
  auto user = [](std::string name, std::set<Role> roles, bool disabled) {
    return User{std::move(name), "", "", std::move(roles), disabled, {}};
  };
  CHECK(reason(keeps_an_admin({"ada"}, user("ada", {}, false))) == "LAST_ADMIN");
  CHECK(reason(keeps_an_admin({"ada"}, user("ada", {Role::admin}, true))) == "LAST_ADMIN");
  CHECK(keeps_an_admin({"ada"}, user("ada", {Role::admin, Role::auditor}, false)));
  CHECK(keeps_an_admin({"ada", "bob"}, user("ada", {}, true)));
  CHECK(keeps_an_admin({"ada"}, user("bob", {}, false)));
}

TEST_CASE("tokens are long, different and known by their digest") {
  Secret a = draw_token(), b = draw_token();
  CHECK(a.reveal().size() == 47);
  CHECK(a.reveal().starts_with("eda_"));
  CHECK(a.reveal() != b.reveal());
  CHECK(draw_token_id().size() == 12);
  CHECK(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(digest_of({"ab", "c"}) != digest_of({"a", "bc"}));
  CHECK(digest_of({"a", ""}) != digest_of({"a"}));
}
