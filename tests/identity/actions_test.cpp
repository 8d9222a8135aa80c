#include "identity/actions.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <pqxx/pqxx>
#include <thread>

#include "events/store.h"
#include "identity/gate.h"
#include "tests/support/world.h"

using namespace eda;
using namespace eda::identity;

namespace {

class SetClock final : public Clock {
 public:
  Instant now() const override { return at; }
  Instant at = *from_rfc3339("2026-11-21T08:00:00Z");
};

/// checkout: ada leads, bob is a member; checkout owns order-service.
class Checkout final : public Teams {
 public:
  std::vector<Membership> of(pg::Tx&, const std::string& user) override {
    if (user == "ada") return {{"checkout", "lead"}};
    if (user == "bob") return {{"checkout", "member"}};
    return {};
  }
  bool leads(pg::Tx&, const Actor& actor, const std::string& team) override {
    return actor.subject == "user/ada" && team == "checkout";
  }
  std::string owner_of_service(pg::Tx&, const std::string& service) override {
    return service == "order-service" ? "checkout" : "";
  }
  bool exists(pg::Tx&, const std::string& team) override { return team == "checkout" || team == "payments"; }
  std::string contact(pg::Tx&, const std::string& team) override { return team == "checkout" ? "chat #checkout" : ""; }
};

std::string reason(const auto& result) {
  return result ? "ok" : result.error().reason;
}

struct World {
  World() {
    gate.permit(methods);
    auto first = actions.bootstrap_admin(Actions::IfThereIsOne::refuse);
    REQUIRE(first);
    root_secret = first->secret;
    for (const char* name : {"ada", "bob", "eve"}) REQUIRE(actions.create_user(root(), {}, {name, "", "", {}}));
  }

  Result<Actor> admit(const Secret& token, std::string_view method = "x/Read") {
    rpc::Incoming call;
    call.method = method;
    call.token = token;
    call.request_id = "call-1";
    return gate.admit(call);
  }
  Actor root() { return *admit(root_secret); }
  /// A fresh token of a user, made by the admin.
  Actor user(const std::string& name, std::vector<std::string> scopes = {}) {
    return *admit(token("user/" + name, scopes));
  }
  Secret token(const std::string& subject, std::vector<std::string> scopes = {}) {
    auto made = actions.create_token(root(), {}, {subject, scopes, 0, ""});
    REQUIRE(made);
    return made->secret;
  }
  std::vector<std::string> verbs(const std::string& object) {
    auto page = database.pool().transact([&](pg::Tx& tx) {
      events::Filter filter;
      filter.object = *parse_ref(object);
      return events::list(tx, filter, {});
    });
    REQUIRE(page);
    std::vector<std::string> found;
    for (const auto& event : page->rows) found.push_back(event.verb);
    return found;
  }

  static constexpr MethodPermission methods[] = {{"x/Open", Permission::open},
                                                 {"x/Read", Permission::read},
                                                 {"x/Write", Permission::write},
                                                 {"x/Administer", Permission::administer}};
  test::FreshDatabase database;
  SetClock clock;
  Checkout teams;
  Actions actions{database.pool(), clock, teams};
  Gate gate{database.pool(), clock, [](const rpc::Finished&) {}};
  Secret root_secret;
};

using Verbs = std::vector<std::string>;

}  // namespace

TEST_CASE("the first admin is made once, and a lost token can be replaced") {
  World world;
  CHECK(world.root().is_admin());
  CHECK(world.root().subject == "user/admin");
  CHECK(world.root().may(Scope::administer));
  auto second = world.actions.bootstrap_admin(Actions::IfThereIsOne::refuse);
  CHECK(reason(second) == "ADMIN_EXISTS");
  CHECK(second.error().code == Code::conflict);
  auto more = world.actions.bootstrap_admin(Actions::IfThereIsOne::add_token);
  REQUIRE(more);
  CHECK(more->token.subject == "user/admin");
  CHECK(world.admit(more->secret));
  CHECK(world.verbs("user/admin") == Verbs{"user.created"});
}

TEST_CASE("two bootstraps at once make one admin") {
  test::FreshDatabase database;
  pg::Pool& pool = database.pool();
  SetClock clock;
  NoTeams teams;
  Actions actions(pool, clock, teams);
  std::atomic<int> made = 0, refused = 0;
  std::vector<std::thread> programs;
  for (int i = 0; i < 4; ++i) {
    programs.emplace_back([&] {
      auto admin = actions.bootstrap_admin(Actions::IfThereIsOne::refuse);
      if (admin)
        ++made;
      else if (admin.error().reason == "ADMIN_EXISTS")
        ++refused;
    });
  }
  for (auto& program : programs) program.join();
  CHECK(made == 1);
  CHECK(refused == 3);
}

TEST_CASE("users are created, read, listed and changed, each change with its event") {
  World world;
  auto made = world.actions.create_user(world.root(), {"r-1", "joins us"}, {"cy", "Cy", "cy@example.org", {"auditor"}});
  REQUIRE(made);
  CHECK(made->user.roles == std::set<Role>{Role::auditor});
  auto changed = world.actions.update_user(world.root(), {}, {"cy", "Cyan", {}, {}, {"operator"}, {"auditor"}});
  REQUIRE(changed);
  CHECK(changed->user.display_name == "Cyan");
  CHECK(changed->user.email == "cy@example.org");
  CHECK(changed->user.roles == std::set<Role>{Role::operator_});
  CHECK(world.actions.update_user(world.root(), {}, {"cy", "Cyan", {}, {}, {}, {}}));
  CHECK(world.verbs("user/cy") == Verbs{"user.changed", "user.created"});
  CHECK(world.actions.get_user("ada")->teams.size() == 1);

  std::vector<std::string> names;
  PageRequest page{2, {}};
  do {
    auto users = world.actions.list_users(page);
    REQUIRE(users);
    for (const User& user : users->rows) names.push_back(user.name);
    page.token = users->next_token;
  } while (!page.token.empty());
  CHECK(names == std::vector<std::string>{"ada", "admin", "bob", "cy", "eve"});
}

TEST_CASE("what is wrong with a user is said") {
  World world;
  auto create = [&](NewUser wish) { return reason(world.actions.create_user(world.root(), {}, wish)); };
  CHECK(create({"ada", "", "", {}}) == "USER_EXISTS");
  CHECK(create({"a b", "", "", {}}) == "USER_INVALID");
  CHECK(create({"../x", "", "", {}}) == "USER_INVALID");
  CHECK(create({std::string(300, 'x'), "", "", {}}) == "USER_INVALID");
  CHECK(create({"cy", "", "", {"boss"}}) == "ROLE_UNKNOWN");
  auto unknown = world.actions.get_user("adda");
  CHECK(reason(unknown) == "USER_UNKNOWN");
  CHECK(unknown.error().code == Code::not_found);
  CHECK(unknown.error().next == "did you mean \"ada\"?");
  CHECK(reason(world.actions.update_user(world.root(), {}, {"nobody", {}, {}, {}, {}, {}})) == "USER_UNKNOWN");
  CHECK(reason(world.actions.update_user(world.root(), {}, {"ada", {}, {}, {}, {"admin"}, {"admin"}})) == "ROLE_BOTH");
  CHECK(reason(world.actions.create_user(world.root(), {"bad id", ""}, {"cy", "", "", {}})) == "REQUEST_ID");
  CHECK(reason(world.actions.create_user(world.root(), {"", std::string(5000, 'x')}, {"cy", "", "", {}})) ==
        "REASON_INVALID");
}

TEST_CASE("the last admin can neither be disabled nor lose the role, not even by two who do it to each other at once") {
  World world;
  UserChange disable{"admin", {}, {}, true, {}, {}}, demote{"admin", {}, {}, {}, {}, {"admin"}};
  CHECK(reason(world.actions.update_user(world.root(), {}, disable)) == "LAST_ADMIN");
  CHECK(reason(world.actions.update_user(world.root(), {}, demote)) == "LAST_ADMIN");
  REQUIRE(world.actions.update_user(world.root(), {}, {"ada", {}, {}, {}, {"admin"}, {}}));
  Actor root = world.root();
  std::atomic<int> done = 0, refused = 0;
  std::vector<std::thread> rivals;
  for (const char* victim : {"admin", "ada"}) {
    rivals.emplace_back([&, victim] {
      auto changed = world.actions.update_user(root, {}, {victim, {}, {}, {}, {}, {"admin"}});
      if (changed)
        ++done;
      else if (changed.error().reason == "LAST_ADMIN")
        ++refused;
    });
  }
  for (auto& rival : rivals) rival.join();
  CHECK(done == 1);
  CHECK(refused == 1);
}

TEST_CASE("the gate says why a token opens nothing, and what to do") {
  World world;
  auto refused = [&](const Secret& token, std::string_view method, const char* wanted) {
    auto actor = world.admit(token, method);
    CHECK(reason(actor) == wanted);
    if (!actor) CHECK_FALSE(actor.error().next.empty());
  };
  Secret ada = world.token("user/ada");
  refused(ada, "x/Read", "ok");
  refused(ada, "x/Write", "ok");
  refused(ada, "x/Administer", "ROLE_MISSING");
  refused(world.token("user/ada", {"read"}), "x/Write", "SCOPE_MISSING");
  refused(world.root_secret, "x/Unlisted", "METHOD_UNLISTED");
  refused(Secret(), "x/Open", "ok");
  refused(Secret(), "x/Read", "TOKEN_MISSING");
  refused(Secret("eda_guess"), "x/Read", "TOKEN_UNKNOWN");
  refused(Secret(std::string(100000, 'x')), "x/Read", "TOKEN_UNKNOWN");
  refused(Secret("' or true --"), "x/Read", "TOKEN_UNKNOWN");
  CHECK(world.admit(Secret()).error().code == Code::unauthenticated);
  CHECK(world.admit(ada)->request_id == "call-1");

  REQUIRE(world.actions.update_user(world.root(), {}, {"ada", {}, {}, true, {}, {}}));
  refused(ada, "x/Read", "USER_DISABLED");
  REQUIRE(world.actions.update_user(world.root(), {}, {"ada", {}, {}, false, {}, {}}));
  refused(ada, "x/Read", "ok");
  world.clock.at += std::chrono::days(90);
  refused(ada, "x/Read", "TOKEN_EXPIRED");
}

TEST_CASE("a token lost its power when its user lost the role") {
  World world;
  REQUIRE(world.actions.update_user(world.root(), {}, {"ada", {}, {}, {}, {"admin"}, {}}));
  Secret ada = world.token("user/ada");
  CHECK(reason(world.admit(ada, "x/Administer")) == "ok");
  REQUIRE(world.actions.update_user(world.root(), {}, {"ada", {}, {}, {}, {}, {"admin"}}));
  CHECK(reason(world.admit(ada, "x/Administer")) == "ROLE_MISSING");
}

TEST_CASE("who may make tokens for whom") {
  World world;
  Actor root = world.root(), ada = world.user("ada"), bob = world.user("bob");
  Actor ci = *world.admit(world.token("ci/checkout/build"));
  Actor tame_root = world.user("admin", {"read", "write"});
  struct Row {
    Actor who;
    const char* subject;
    const char* verdict;
  };
  const Row rows[] = {
      {bob, "", "ok"},
      {bob, "user/bob", "ok"},
      {bob, "user/ada", "SUBJECT_OF_OTHERS"},
      {bob, "ci/checkout/build", "SUBJECT_OF_OTHERS"},
      {bob, "service/order-service", "SUBJECT_OF_OTHERS"},
      {ada, "ci/checkout/deploy", "ok"},
      {ada, "ci/payments/build", "SUBJECT_OF_OTHERS"},
      {ada, "service/order-service", "ok"},
      {ada, "service/unowned", "SUBJECT_OF_OTHERS"},
      {ada, "user/bob", "SUBJECT_OF_OTHERS"},
      {root, "user/bob", "ok"},
      {root, "ci/payments/build", "ok"},
      {root, "ci/nobody/build", "TEAM_UNKNOWN"},
      {root, "user/nobody", "USER_UNKNOWN"},
      {root, "service/unowned", "ok"},
      {root, "root", "SUBJECT_SYNTAX"},
      {ci, "", "SUBJECT_OF_OTHERS"},
      {ci, "ci/checkout/build", "SUBJECT_OF_OTHERS"},
      {tame_root, "user/bob", "SUBJECT_OF_OTHERS"},
  };
  for (const Row& row : rows) {
    INFO(row.who.subject << " for " << row.subject);
    auto made = world.actions.create_token(row.who, {}, {row.subject, {}, 0, ""});
    CHECK(reason(made) == row.verdict);
    if (!made && made.error().code == Code::denied) CHECK_FALSE(made.error().next.empty());
  }
  auto denied = world.actions.create_token(bob, {}, {"ci/checkout/build", {}, 0, ""});
  CHECK(denied.error().facts["owner"] == "the leads of team/checkout");
  CHECK(denied.error().facts["contact"] == "chat #checkout");
  CHECK(denied.error().next.find("chat #checkout") != std::string::npos);
}

TEST_CASE("a token carries what was asked, within what its creator has") {
  World world;
  Actor ada = world.user("ada"), reader = world.user("ada", {"read"});
  auto made = world.actions.create_token(ada, {}, {"", {"read"}, 3600, "laptop"});
  REQUIRE(made);
  CHECK(made->token.scopes == std::set<Scope>{Scope::read});
  CHECK(made->token.expires_at == world.clock.at + std::chrono::hours(1));
  CHECK(made->token.description == "laptop");
  CHECK(reason(world.actions.create_token(ada, {}, {"", {"administer"}, 0, ""})) == "SCOPE_BEYOND");
  CHECK(reason(world.actions.create_token(reader, {}, {"", {"write"}, 0, ""})) == "SCOPE_BEYOND");
  CHECK(reason(world.actions.create_token(ada, {}, {"", {"all"}, 0, ""})) == "SCOPE_UNKNOWN");
  CHECK(reason(world.actions.create_token(ada, {}, {"", {}, 5, ""})) == "TOKEN_LIFETIME");
  CHECK(reason(world.actions.create_token(ada, {}, {"", {}, 0, "a\nb"})) == "DESCRIPTION_INVALID");
  Actor root = world.root();
  REQUIRE(world.actions.update_user(root, {}, {"eve", {}, {}, true, {}, {}}));
  CHECK(reason(world.actions.create_token(root, {}, {"user/eve", {}, 0, ""})) == "USER_DISABLED");
}

TEST_CASE("a token's text is in no table") {
  World world;
  Secret secret = world.token("user/ada");
  pqxx::connection session(world.database.url());
  pqxx::work work(session);
  std::string text = work.quote("%" + secret.reveal().substr(4) + "%");
  for (const char* table : {"tokens", "events", "outcomes", "users"}) {
    INFO(table);
    CHECK(work.exec("select 1 from " + std::string(table) + " t where t::text like " + text).empty());
  }
}

TEST_CASE("a subject has so many tokens and no more") {
  World world;
  Actor bob = world.user("bob");
  for (std::size_t i = 1; i < tokens_per_subject; ++i) REQUIRE(world.actions.create_token(bob, {}, {}));
  auto refused = world.actions.create_token(bob, {}, {});
  CHECK(reason(refused) == "TOKEN_LIMIT");
  CHECK(refused.error().code == Code::exhausted);
  REQUIRE(world.actions.revoke_token(bob, {}, bob.token));
  CHECK(world.actions.create_token(bob, {}, {}));
}

TEST_CASE("tokens are revoked by whoever may make them, and anybody may log out") {
  World world;
  Actor ada = world.user("ada"), bob = world.user("bob"), reader = world.user("bob", {"read"});
  Secret ci_secret = world.token("ci/checkout/build");
  Actor ci = *world.admit(ci_secret);
  auto revoke = [&](const Actor& who, const std::string& id) {
    return reason(world.actions.revoke_token(who, {}, id));
  };
  CHECK(revoke(bob, ci.token) == "SUBJECT_OF_OTHERS");
  CHECK(revoke(bob, ada.token) == "SUBJECT_OF_OTHERS");
  CHECK(revoke(reader, bob.token) == "SCOPE_MISSING");
  CHECK(revoke(ada, "nonsense") == "TOKEN_UNKNOWN");
  CHECK(revoke(ada, ci.token) == "ok");
  CHECK(reason(world.admit(ci_secret)) == "TOKEN_REVOKED");
  CHECK(revoke(ada, ci.token) == "ok");
  CHECK(world.verbs("token/" + ci.token) == Verbs{"token.revoked", "token.created"});
  CHECK(revoke(reader, "") == "ok");
  CHECK(revoke(bob, bob.token) == "ok");
  CHECK(revoke(world.root(), ada.token) == "ok");
}

TEST_CASE("tokens are listed to those whom they concern") {
  World world;
  Actor ada = world.user("ada"), bob = world.user("bob"), eve = world.user("eve");
  Actor ci = *world.admit(world.token("ci/checkout/build"));
  REQUIRE(world.actions.update_user(world.root(), {}, {"eve", {}, {}, {}, {"auditor"}, {}}));
  Actor auditor = world.user("eve");
  auto list = [&](const Actor& who, const std::string& subject, TokenQuery::Ended ended = TokenQuery::Ended::left_out) {
    auto page = world.actions.list_tokens(who, {subject, ended}, {});
    return page ? std::to_string(page->rows.size()) : page.error().reason;
  };
  CHECK(list(bob, "") == "1");
  CHECK(list(bob, "*") == "1");
  CHECK(list(bob, "user/ada") == "SUBJECT_OF_OTHERS");
  CHECK(list(bob, "ci/checkout/build") == "SUBJECT_OF_OTHERS");
  CHECK(list(ada, "ci/checkout/build") == "1");
  CHECK(list(ada, "*") == "2");
  CHECK(list(ci, "") == "1");
  CHECK(list(ci, "*") == "1");
  CHECK(list(auditor, "user/ada") == "1");
  CHECK(list(auditor, "*") == "6");
  CHECK(list(world.root(), "*") == "6");
  REQUIRE(world.actions.revoke_token(ada, {}, ci.token));
  CHECK(list(ada, "*") == "1");
  CHECK(list(ada, "*", TokenQuery::Ended::included) == "2");
  CHECK(list(ada, "nonsense") == "SUBJECT_SYNTAX");

  std::set<std::string> seen;
  PageRequest page{2, {}};
  int pages = 0;
  do {
    auto got = world.actions.list_tokens(auditor, {"*", TokenQuery::Ended::included}, page);
    REQUIRE(got);
    for (const Token& token : got->rows) CHECK(seen.insert(token.id).second);
    page.token = got->next_token;
    ++pages;
  } while (!page.token.empty());
  CHECK(seen.size() == 6);
  CHECK(pages == 3);
  for (const char* token : {"x", "1", ".", "-1.a", "99999999999999999999.a"}) {
    INFO(token);
    CHECK(reason(world.actions.list_tokens(auditor, {"*", {}}, {2, token})) == "PAGE_TOKEN");
  }
}

TEST_CASE("a repeated request is answered once more and done once") {
  World world;
  Actor root = world.root();
  NewUser cy{"cy", "Cy", "", {}};
  REQUIRE(world.actions.create_user(root, {"r-1", ""}, cy));
  CHECK(world.actions.create_user(root, {"r-1", ""}, cy)->user.display_name == "Cy");
  CHECK(reason(world.actions.create_user(root, {"r-1", ""}, {"dee", "", "", {}})) == "REQUEST_REUSED");
  CHECK(reason(world.actions.create_user(root, {"r-1", "another reason"}, cy)) == "REQUEST_REUSED");
  CHECK(reason(world.actions.update_user(root, {"r-1", ""}, {"cy", {}, {}, {}, {}, {}})) == "REQUEST_REUSED");
  UserChange change{"cy", "Cyan", {}, {}, {}, {}};
  REQUIRE(world.actions.update_user(root, {"r-2", ""}, change));
  REQUIRE(world.actions.update_user(root, {"r-2", ""}, change));
  CHECK(world.verbs("user/cy") == Verbs{"user.changed", "user.created"});

  TokenWish wish{"user/cy", {}, 0, ""};
  auto made = world.actions.create_token(root, {"r-3", ""}, wish);
  REQUIRE(made);
  auto again = world.actions.create_token(root, {"r-3", ""}, wish);
  CHECK(reason(again) == "TOKEN_MADE");
  CHECK(again.error().code == Code::conflict);
  CHECK(again.error().facts["token"] == made->token.id);
  REQUIRE(world.actions.revoke_token(root, {"r-4", ""}, made->token.id));
  REQUIRE(world.actions.revoke_token(root, {"r-4", ""}, made->token.id));
  CHECK(world.verbs("token/" + made->token.id) == Verbs{"token.revoked", "token.created"});
}

TEST_CASE("two calls that race with one request id make one user") {
  World world;
  Actor root = world.root();
  std::atomic<int> fine = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      if (world.actions.create_user(root, {"r-1", ""}, {"cy", "", "", {}})) ++fine;
    });
  }
  for (auto& caller : callers) caller.join();
  CHECK(fine == 4);
  CHECK(world.verbs("user/cy") == Verbs{"user.created"});
}

TEST_CASE("whoami tells the subject, the person and the token") {
  World world;
  Actor ada = world.user("ada");
  auto self = world.actions.who_am_i(ada);
  REQUIRE(self);
  CHECK(self->subject == "user/ada");
  REQUIRE(self->person);
  CHECK(self->person->teams[0].team == "checkout");
  CHECK(self->token.id == ada.token);
  auto ci = world.actions.who_am_i(*world.admit(world.token("ci/checkout/build")));
  REQUIRE(ci);
  CHECK_FALSE(ci->person);
}

TEST_CASE("when a token was used is written beside the calls and never goes back") {
  World world;
  Actor ada = world.user("ada");
  auto used = [&] { return world.actions.who_am_i(ada)->token.last_used_at; };
  CHECK(used() == std::nullopt);
  REQUIRE(world.gate.write_last_used());
  Instant first = world.clock.at;
  CHECK(used() == first);
  REQUIRE(world.gate.write_last_used());
  Secret token = world.token("user/ada");
  world.clock.at += std::chrono::hours(1);
  Actor again = *world.admit(token);
  world.clock.at -= std::chrono::hours(2);
  REQUIRE(world.gate.write_last_used());
  REQUIRE(world.admit(token));
  REQUIRE(world.gate.write_last_used());
  CHECK(world.actions.who_am_i(again)->token.last_used_at == first + std::chrono::hours(1));
}

TEST_CASE("without a database the gate says so and lets nobody in") {
  pg::PoolOptions options;
  options.url = Secret("postgresql://postgres@127.0.0.1:1/eda");
  pg::Pool pool(options);
  SetClock clock;
  Gate gate(pool, clock, [](const rpc::Finished&) {});
  gate.permit(World::methods);
  rpc::Incoming call;
  call.method = "x/Read";
  call.token = Secret("eda_x");
  auto actor = gate.admit(call);
  CHECK(reason(actor) == "DATABASE_AWAY");
  CHECK(actor.error().code == Code::unavailable);
}
