// The plan engine with the one kind that has no broker: real rows, real owners, real clashes.

#include <catch2/catch.hpp>

#include <thread>

#include "catalog/actions.h"
#include "events/store.h"
#include "plans/actions.h"
#include "tests/support/world.h"

using namespace eda;
using namespace eda::plans;

namespace {

identity::Actor user(std::string name, std::set<identity::Role> roles = {}) {
  identity::Actor actor;
  actor.subject = "user/" + name;
  actor.name = std::move(name);
  actor.roles = std::move(roles);
  actor.scopes = {identity::Scope::read, identity::Scope::write, identity::Scope::administer};
  return actor;
}

const identity::Actor admin = user("root", {identity::Role::admin});

struct World {
  test::FreshDatabase database;
  Kinds kinds{{&catalog::team_rules()}};
  catalog::TeamRows team_rows;
  catalog::OwnerBook owners;
  Engine engine{database.pool(), kinds, {&team_rows}, owners, [] {}};
  catalog::Reading reading{database.pool(), kinds};

  Result<PlanOutput> plan(const identity::Actor& actor, std::vector<Document> documents,
                          std::vector<Ref> deletions = {}) {
    PlanInput input;
    input.documents = std::move(documents);
    input.deletions = std::move(deletions);
    input.intent = PlanInput::Intent::apply;
    return engine.plan(actor, std::move(input));
  }
  Result<ApplyOutput> apply(const identity::Actor& actor, const PlanOutput& plan,
                            std::vector<std::string> confirm = {}) {
    return engine.apply(actor, ApplyInput{"", "", plan.summary.id, "because", std::move(confirm)});
  }
  void make(const identity::Actor& actor, std::vector<Document> documents) {
    auto planned = plan(actor, std::move(documents));
    REQUIRE(planned);
    REQUIRE(apply(actor, *planned));
  }
};

Document team(std::string name, std::map<std::string, Value> fields) {
  Document document;
  document.kind = "Team";
  document.name = std::move(name);
  document.at = Position{"teams.yaml", 1, 1};
  for (auto& [path, value] : fields) document.fields.emplace(path, Said{value, Position{"teams.yaml", 2, 3}});
  return document;
}

std::int64_t count(pg::Pool& pool, const char* sql) {
  return *pool.transact([&](pg::Tx& tx) -> Result<std::int64_t> { return tx.exec(sql)[0][0].as<std::int64_t>(); });
}

}  // namespace

TEST_CASE("a plan writes nothing, its apply writes everything with one event and one revision each") {
  World world;
  auto planned =
      world.plan(admin, {team("checkout", {{"spec.description", "Orders"}, {"spec.members[\"ada\"]", "lead"}}),
                         team("payments", {{"spec.contacts.chat", "#pay"}})});
  REQUIRE(planned);
  CHECK(planned->summary.creates == 2);
  CHECK(planned->summary.hash.size() == 64);
  CHECK(count(world.database.pool(), "SELECT count(*) FROM objects WHERE kind <> 'tag'") == 0);
  CHECK(planned->drafts[0].notes.size() == 1);  // ada is no user yet

  auto applied = world.apply(admin, *planned);
  REQUIRE(applied);
  CHECK(applied->pending == 0);
  CHECK(count(world.database.pool(), "SELECT count(*) FROM objects WHERE kind <> 'tag' AND state = 'applied'") == 2);
  CHECK(count(world.database.pool(), "SELECT count(*) FROM revisions WHERE reason = 'because'") == 2);
  CHECK(count(world.database.pool(), "SELECT count(*) FROM events WHERE verb = 'team.created'") == 2);

  auto again =
      world.plan(admin, {team("checkout", {{"spec.description", "Orders"}, {"spec.members[\"ada\"]", "lead"}})});
  REQUIRE(again);
  CHECK(again->summary.unchanged == 1);
  CHECK(again->summary.changes + again->summary.creates == 0);
}

TEST_CASE("an applied plan answers its own subject again, and nobody else") {
  World world;
  auto planned = world.plan(admin, {team("checkout", {})});
  REQUIRE(world.apply(admin, *planned));
  auto replay = world.apply(admin, *planned);
  REQUIRE(replay);
  CHECK(replay->summary.state == "applied");
  CHECK(count(world.database.pool(), "SELECT count(*) FROM revisions WHERE actor <> 'edad'") == 1);
  auto other = world.apply(user("eve", {identity::Role::admin}), *planned);
  REQUIRE_FALSE(other);
  CHECK(other.error().reason == "PLAN_ENDED");
}

TEST_CASE("of two plans on one basis one wins and the other is stale, and says who moved") {
  World world;
  world.make(admin, {team("checkout", {{"spec.description", "a"}})});
  auto one = world.plan(admin, {team("checkout", {{"spec.description", "b"}})});
  auto two = world.plan(admin, {team("checkout", {{"spec.description", "c"}})});
  REQUIRE(world.apply(admin, *one));
  auto lost = world.apply(admin, *two);
  REQUIRE_FALSE(lost);
  CHECK(lost.error().code == Code::stale);
  CHECK(lost.error().message.find("user/root") != std::string::npos);
  CHECK(world.engine.find(two->summary.id)->state == "stale");
}

TEST_CASE("of many concurrent creations of one name exactly one wins") {
  World world;
  std::vector<PlanOutput> plans;
  for (int i = 0; i < 8; ++i)
    plans.push_back(*world.plan(admin, {team("checkout", {{"spec.description", std::to_string(i)}})}));
  std::atomic<int> won{0}, stale{0};
  std::vector<std::thread> threads;
  for (auto& plan : plans) {
    threads.emplace_back([&] {
      auto applied = world.apply(admin, plan);
      if (applied) ++won;
      if (!applied && applied.error().code == Code::stale) ++stale;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(won == 1);
  CHECK(stale == 7);
  CHECK(count(world.database.pool(), "SELECT count(*) FROM events") == 1);
}

TEST_CASE("who may: admins make teams, a lead changes the own team, a member and a stranger do not") {
  World world;
  auto stranger = world.plan(user("eve"), {team("mine", {})});
  REQUIRE_FALSE(stranger);
  CHECK(stranger.error().code == Code::denied);
  world.make(admin, {team("checkout", {{"spec.members[\"ada\"]", "lead"},
                                       {"spec.members[\"bob\"]", "member"},
                                       {"spec.contacts.email", "c@shop.example"}})});
  auto change = team("checkout", {{"spec.description", "new"}});
  CHECK(world.plan(user("ada"), {change}));
  for (auto name : {"bob", "eve"}) {
    auto refused = world.plan(user(name), {change});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::denied);
    CHECK(refused.error().facts.at("owner") == "checkout");
    auto whom = name == std::string("bob") ? "a lead of your team" : "c@shop.example";
    CHECK(refused.error().next.find(whom) != std::string::npos);
  }
}

TEST_CASE("what is allowed at plan is asked again at apply") {
  World world;
  world.make(admin, {team("checkout", {{"spec.members[\"ada\"]", "lead"}}), team("other", {})});
  auto planned = world.plan(user("ada"), {team("checkout", {{"spec.description", "new"}})});
  REQUIRE(planned);
  REQUIRE(world.database.pool().transact([](pg::Tx& tx) -> Result<> {
    tx.exec("DELETE FROM team_members");
    return {};
  }));
  auto applied = world.apply(user("ada"), *planned);
  REQUIRE_FALSE(applied);
  CHECK(applied.error().code == Code::denied);
}

TEST_CASE("a deletion has to be confirmed by name, and the row goes with its event staying") {
  World world;
  world.make(admin, {team("checkout", {})});
  auto planned = world.plan(admin, {}, {Ref{"team", "", "checkout"}});
  REQUIRE(planned);
  CHECK(planned->summary.confirm == std::vector<std::string>{"checkout"});
  auto unconfirmed = world.apply(admin, *planned, {"chekout"});
  REQUIRE_FALSE(unconfirmed);
  CHECK(unconfirmed.error().reason == "CONFIRM_MISSING");
  REQUIRE(world.apply(admin, *planned, {"checkout"}));
  CHECK(count(world.database.pool(), "SELECT count(*) FROM objects WHERE kind <> 'tag'") == 0);
  CHECK(count(world.database.pool(), "SELECT count(*) FROM events WHERE verb = 'team.deleted'") == 1);
  auto progress = world.engine.progress(planned->summary.id, store::Which::all, {});
  REQUIRE(progress);
  CHECK(progress->page.rows.at(0).state == "gone");
  auto missing = world.plan(admin, {}, {Ref{"team", "", "checkout"}});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Code::not_found);
}

TEST_CASE("who may not delete hears whose it is, not that it is protected") {
  World world;
  world.make(admin, {team("checkout", {{"metadata.deletionProtection", true}})});
  auto refused = world.plan(user("eve"), {}, {Ref{"team", "", "checkout"}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::denied);
  CHECK(world.plan(admin, {}, {Ref{"team", "", "checkout"}}).error().reason == "DELETION_PROTECTED");
}

TEST_CASE("all faults of all documents come at once, with their positions") {
  World world;
  auto faulty = team("a/b", {{"spec.colour", "red"}, {"spec.members[\"ada\"]", "boss"}});
  auto refused = world.plan(admin, {faulty, team("fine", {}), team("fine", {})});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::invalid);
  CHECK(refused.error().violations.size() == 4);
  for (auto& violation : refused.error().violations) CHECK(violation.at.known());
}

TEST_CASE("objects list by page with their owners, and a wrong name is told with the nearest") {
  World world;
  std::vector<Document> many;
  for (int i = 0; i < 25; ++i)
    many.push_back(team("team-" + std::to_string(100 + i), {{"spec.contacts.email", "x@y.example"}}));
  world.make(admin, many);
  std::vector<std::string> names;
  std::string token;
  do {
    auto page = world.reading.list(admin, {"teams", "", {}}, PageRequest{10, token});
    REQUIRE(page);
    for (auto& entry : page->rows) names.push_back(entry.object.ref.name);
    CHECK(page->rows.front().owner.contact == "email: x@y.example");
    token = page->next_token;
  } while (!token.empty());
  CHECK(names.size() == 25);
  CHECK(std::is_sorted(names.begin(), names.end()));
  auto missing = world.reading.get(admin, Ref{"team", "", "team-1000"});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().next.find("team-100") != std::string::npos);
}

TEST_CASE("a stage belongs to its subject, keeps order, and has a limit") {
  World world;
  auto first = world.engine.stage(admin, "", "one", 600);
  REQUIRE(first);
  REQUIRE(world.engine.stage(admin, first->id, "two", 600));
  CHECK(*world.engine.staged(admin, first->id) == std::vector<std::string>{"one", "two"});
  CHECK_FALSE(world.engine.staged(user("eve"), first->id));
  CHECK_FALSE(world.engine.stage(user("eve"), first->id, "three", 1));
  CHECK_FALSE(world.engine.stage(admin, first->id, "x", 1001));
}
