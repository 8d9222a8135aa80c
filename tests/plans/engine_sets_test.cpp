// Apply-sets, prunes and changes for a while through the engine, on real rows.

#include <catch2/catch.hpp>

#include <thread>

#include "tests/plans/shelf_world.h"

using namespace eda;
using namespace eda::plans;
using namespace eda::plans::test;

namespace {

PlanInput pruning(std::vector<Document> documents, std::string set, std::string team = "") {
  auto input = ShelfWorld::input(std::move(documents), std::move(set), std::move(team));
  input.unnamed = PlanInput::Unnamed::prune;
  return input;
}

PlanInput for_a_while(ShelfWorld& world, std::vector<Document> documents, Duration span) {
  auto input = ShelfWorld::input(std::move(documents));
  input.until = world.rows([](pg::Tx& tx) { return store::now(tx); }) + span;
  input.reason = "a flood";
  return input;
}

}  // namespace

TEST_CASE(
    "two sets of one team conflict over a value, with where each was applied from; force takes it over, audited") {
  ShelfWorld world;
  world.make(world.ada, ShelfWorld::input({ShelfWorld::shelf_of("a", "hall", {{"spec.boards", 3}})}, "web"));
  auto other = ShelfWorld::input({ShelfWorld::shelf_of("a", "hall", {{"spec.boards", 4}})}, "infra");
  auto refused = world.engine.plan(world.ada, other);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::conflict);
  CHECK(refused.error().reason == "FIELD_MANAGED");
  for (auto* part : {"\"a/web\"", "\"a/infra\"", "by user/ada from github.com/acme/web@4f2a9c1", "spec.boards"}) {
    INFO(refused.error().message);
    CHECK(refused.error().message.find(part) != std::string::npos);
  }
  auto by_hand = world.engine.plan(world.ada, ShelfWorld::input({shelf_document("hall", {{"spec.boards", 4}})}));
  REQUIRE_FALSE(by_hand);
  CHECK(by_hand.error().reason == "FIELD_MANAGED");

  other.conflicts = Conflicts::force;
  auto forced = world.make(world.ada, other);
  CHECK(forced.drafts[0].notes.at(0).find("taken over from the set \"a/web\"") != std::string::npos);
  CHECK(world.find("hall")->wish.at("spec.boards").manager == "a/infra");
  CHECK(world.find("hall")->wish.at("metadata.team").manager == "a/web");  // the same said twice
  auto event = world.last_event("shelf.changed");
  CHECK(*event.before.as_map()->at("managers").as_map()->at("spec.boards").as_text() == "a/web");
  CHECK(*event.after.as_map()->at("managers").as_map()->at("spec.boards").as_text() == "a/infra");
  CHECK(event.reason == "because");
}

TEST_CASE("a set comes to manage what is there by an apply that changes nothing else, once, with its event") {
  ShelfWorld world;
  auto hall = ShelfWorld::shelf_of("a", "hall", {{"spec.boards", 3}});
  world.make(world.ada, ShelfWorld::input({hall}));
  world.come_to_rest("hall");
  // Others may say the same of it, and manage nothing by it.
  CHECK(world.make(world.bob, ShelfWorld::input({hall}, "shop")).summary.hand_overs == 0);
  CHECK(world.find("hall")->wish.at("spec.boards").manager.empty());
  auto plan = world.make(world.ada, ShelfWorld::input({hall}, "shop"));
  CHECK(plan.summary.unchanged == 1);
  CHECK(plan.summary.hand_overs == 1);
  CHECK(plan.summary.changes == 0);
  auto object = *world.find("hall");
  CHECK(object.wish.at("spec.boards").manager == "a/shop");
  CHECK(object.state == State::applied);
  CHECK(object.observed_generation == object.generation);
  CHECK(world.last_event("shelf.managed").actor == "user/ada");
  CHECK(world.must(world.engine.progress(plan.summary.id, store::Which::all, {})).count.total == 0);
  auto again = world.must(world.engine.plan(world.ada, ShelfWorld::input({hall}, "shop")));
  CHECK(again.summary.hand_overs == 0);
  CHECK(world.find("hall")->generation == object.generation);
}

TEST_CASE("a prune deletes what the same set named before and names no more, and nothing else") {
  ShelfWorld world;
  auto shelf = [](const std::string& team, const std::string& name) {
    return ShelfWorld::shelf_of(team, name, {{"spec.boards", 3}});
  };
  world.make(world.ada, ShelfWorld::input({shelf("a", "kept"), shelf("a", "dropped"), shelf("a", "shared")}, "shop"));
  world.make(world.ada, ShelfWorld::input({shelf("a", "elsewhere")}, "web"));
  world.make(world.ada, ShelfWorld::input({shelf("a", "by-hand")}));
  world.make(world.ada, ShelfWorld::input({ShelfWorld::shelf_of("a", "shared", {{"spec.age", 1000}})}, "web"));
  world.make(world.bob, ShelfWorld::input({shelf("b", "bobs")}, "shop"));

  auto plan = world.must(world.engine.plan(world.ada, pruning({shelf("a", "kept")}, "shop")));
  CHECK(plan.summary.deletes == 1);
  CHECK(plan.summary.prunes == 1);
  CHECK(plan.summary.confirm == std::vector<std::string>{"shop"});
  CHECK(plan.summary.risk == Risk::critical);
  REQUIRE(plan.drafts[0].ref.name == "dropped");
  CHECK(plan.drafts[0].because == Draft::Because::pruned);
  auto unconfirmed = ShelfWorld::of(plan);
  unconfirmed.confirm = {"dropped"};
  CHECK(world.engine.apply(world.ada, unconfirmed).error().reason == "CONFIRM_MISSING");
  world.apply(world.ada, plan);
  CHECK(world.find("dropped")->state == State::deleting);
  for (auto* name : {"kept", "shared", "elsewhere", "by-hand", "bobs"}) {
    INFO(name);
    CHECK(world.find(name)->state != State::deleting);
  }
  CHECK(world.find("shared")->wish.at("spec.boards").manager.empty());
  CHECK(world.find("bobs")->wish.at("spec.boards").manager == "b/shop");
  CHECK(world.must(world.engine.plan(world.ada, pruning({shelf("a", "kept")}, "shop"))).summary.prunes == 0);
}

TEST_CASE("a prune looks at the call's cluster and at what belongs to none") {
  ShelfWorld world;
  world.make(world.admin, [] {
    PlanInput input;
    input.documents = {ShelfWorld::plain("Cluster", "stage")};
    return input;
  }());
  auto staged = ShelfWorld::shelf_of("a", "there", {});
  staged.cluster = "stage";
  auto kept = ShelfWorld::shelf_of("a", "kept", {{"spec.boards", 1}});
  world.make(world.ada, ShelfWorld::input({kept, ShelfWorld::shelf_of("a", "here"), staged}, "shop"));
  auto plan = world.must(world.engine.plan(world.ada, pruning({kept}, "shop")));
  CHECK(plan.summary.prunes == 1);
  CHECK(plan.drafts[0].ref == ShelfWorld::ref("here"));
  auto open = pruning({kept}, "shop");
  open.cluster.clear();
  auto which = world.engine.plan(world.ada, open);
  REQUIRE_FALSE(which);
  CHECK(which.error().reason == "CLUSTER_NEEDED");
}

TEST_CASE("a prune needs a set, its manifests and a team that is the caller's") {
  ShelfWorld world;
  auto kept = ShelfWorld::shelf_of("a", "kept");
  world.make(world.ada, ShelfWorld::input({kept}, "shop"));
  struct Row {
    const char* what;
    identity::Actor actor;
    PlanInput input;
    const char* reason;
  };
  const Row rows[] = {
      {"no name", world.ada, pruning({kept}, ""), "PRUNE_NEEDS_SET"},
      {"no manifests", world.ada, pruning({}, "shop"), "PRUNE_NEEDS_SET"},
      {"nobody's team", user("eve"), pruning({kept}, "shop"), "PRUNE_NEEDS_SET"},
      {"another's team", world.bob, pruning({kept}, "shop", "a"), "SET_OF_OTHERS"},
      {"another's team, without a prune", world.bob, ShelfWorld::input({kept}, "shop", "a"), "SET_OF_OTHERS"},
      {"a name that could be another team's", world.ada, pruning({kept}, "b/shop"), "SET_NAME"},
  };
  for (auto& row : rows) {
    INFO(row.what);
    auto refused = world.engine.plan(row.actor, row.input);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == row.reason);
  }
  CHECK(world.must(world.engine.plan(world.admin, pruning({kept}, "shop", "a"))).summary.prunes == 0);
}

TEST_CASE("a member's prune of what only a lead may delete is refused, and names whom to ask") {
  ShelfWorld world;
  auto team = ShelfWorld::plain("Team", "a");
  team.fields.emplace("spec.members[\"cleo\"]", Said{Value("member"), {}});
  PlanInput joins;
  joins.documents = {team};
  world.make(world.admin, joins);
  auto kept = ShelfWorld::shelf_of("a", "kept"), dropped = ShelfWorld::shelf_of("a", "dropped");
  world.make(user("cleo"), ShelfWorld::input({kept, dropped}, "shop"));
  auto refused = world.engine.plan(user("cleo"), pruning({kept}, "shop"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::denied);
  CHECK(refused.error().facts.at("owner") == "a");
  CHECK(world.engine.plan(world.ada, pruning({kept}, "shop")));

  // A team's pipeline prunes when it was given that; it may not give away, and nothing of others.
  auto ci = user("build");
  ci.subject = "ci/a/build";
  ci.kind = identity::SubjectKind::ci;
  ci.team = "a";
  auto unscoped = world.engine.plan(ci, pruning({kept}, "shop")).error();
  CHECK(unscoped.reason == "LEADS_ONLY");
  CHECK(unscoped.next.find("--scope delete") != std::string::npos);
  ci.scopes.insert(identity::Scope::remove);
  CHECK(world.engine.plan(ci, pruning({kept}, "shop")));
  PlanInput gone;
  world.make(world.bob, ShelfWorld::input({ShelfWorld::shelf_of("b", "theirs")}, "shop"));
  gone.deletions = {world.find("theirs")->ref};
  CHECK(world.engine.plan(ci, gone).error().reason == "NOT_OWNER");
  CHECK(world.engine.plan(ci, ShelfWorld::input({ShelfWorld::shelf_of("b", "kept")}, "shop")).error().code ==
        Code::denied);
}

TEST_CASE("nobody prunes a set that belongs to no team, which may name what many own") {
  ShelfWorld world;
  auto hers = ShelfWorld::shelf_of("a", "hers"), his = ShelfWorld::shelf_of("b", "his");
  world.make(world.admin, ShelfWorld::input({hers, his}, "shop"));
  CHECK(world.engine.plan(world.admin, pruning({hers}, "shop")).error().reason == "PRUNE_NEEDS_SET");
}

TEST_CASE("a change for a while ends by itself, also when nobody was there at that moment, and leaves its trace") {
  ShelfWorld world;
  world.make(world.ada, ShelfWorld::input({ShelfWorld::shelf_of("a", "hall", {{"spec.boards", 3}})}, "shop"));
  world.come_to_rest("hall");
  auto flood = shelf_document("hall", {{"spec.boards", 5}});
  auto plan = world.make(world.ada, for_a_while(world, {flood}, std::chrono::hours(4)));
  CHECK(plan.summary.changes == 1);
  auto object = *world.find("hall");
  CHECK(object.state == State::pending);
  CHECK(object.wish.at("spec.boards") == WishField{Value(3), "a/shop"});
  CHECK(object.overlay.at("spec.boards").by == "user/ada");
  CHECK(object.overlay.at("spec.boards").reason == "a flood");
  CHECK(world.must(world.engine.end_overlays(100)) == 0);

  world.come_to_rest("hall");
  // The hours pass while no edad runs.
  world.rows([](pg::Tx& tx) {
    tx.exec(
        "UPDATE objects SET overlay_until = now() - interval '1 hour',"
        " overlay = jsonb_set(overlay, '{spec.boards,until}', '\"2026-01-01T00:00:00Z\"')"
        " WHERE overlay_until IS NOT NULL");
    return 0;
  });
  int woken = world.woken;
  Engine restarted{world.database.pool(), world.kinds, {&world.shelf_rows}, world.owners, [&] { ++world.woken; }};
  CHECK(world.must(restarted.end_overlays(100)) == 1);
  CHECK(world.woken == woken + 1);
  auto back = *world.find("hall");
  CHECK(back.overlay.empty());
  CHECK(back.state == State::pending);
  CHECK(back.generation == object.generation + 1);
  CHECK(back.wish.at("spec.boards") == WishField{Value(3), "a/shop"});
  auto event = world.last_event("shelf.overlay-ended");
  CHECK(event.actor == "edad");
  CHECK(event.team == "a");
  CHECK(event.before.as_map()->contains("overlay"));
  auto revisions = world.must(world.engine.history(world.ada, ShelfWorld::ref("hall"), {}));
  CHECK(revisions.rows.at(0).actor == "edad");
  CHECK(revisions.rows.at(0).fields.at(0).from == Value(5));
  CHECK(revisions.rows.at(0).fields.at(0).to == Value(3));
  CHECK(world.must(restarted.end_overlays(100)) == 0);
}

TEST_CASE("what ends first goes alone, and two that end it at once end it once") {
  ShelfWorld world;
  std::vector<Document> halls;
  for (int i = 0; i < 10; ++i) {
    halls.push_back(ShelfWorld::shelf_of("a", "hall-" + std::to_string(i), {{"spec.boards", 3}, {"spec.age", 1000}}));
  }
  world.make(world.ada, ShelfWorld::input(halls));
  std::vector<Document> longer, shorter;
  for (auto& hall : halls) {
    longer.push_back(shelf_document(hall.name, {{"spec.age", 2000}}));
    shorter.push_back(shelf_document(hall.name, {{"spec.boards", 5}}));
  }
  world.make(world.ada, for_a_while(world, longer, std::chrono::hours(2)));
  world.make(world.ada, for_a_while(world, shorter, std::chrono::milliseconds(400)));
  std::atomic<int> ended{0};
  auto deadline = Deadline::in(std::chrono::seconds(10));
  auto end_all = [&] {
    while (ended < 10 && !deadline.passed()) ended += *world.engine.end_overlays(3);
  };
  std::thread one(end_all), two(end_all);
  one.join();
  two.join();
  CHECK(ended == 10);
  CHECK(world.count("SELECT count(*) FROM events WHERE verb = 'shelf.overlay-ended'") == 10);
  auto hall = *world.find("hall-0");
  CHECK_FALSE(hall.overlay.contains("spec.boards"));
  CHECK(hall.overlay.contains("spec.age"));
}

TEST_CASE("a change for a while lies in the future, within 30 days, on what has a live side") {
  ShelfWorld world;
  world.make(world.ada, ShelfWorld::input({ShelfWorld::shelf_of("a", "hall", {{"spec.boards", 3}})}));
  auto change = shelf_document("hall", {{"spec.boards", 5}});
  for (Duration span : {Duration(std::chrono::seconds(-1)), Duration(std::chrono::days(31))}) {
    auto refused = world.engine.plan(world.ada, for_a_while(world, {change}, span));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == "UNTIL_RANGE");
  }
  CHECK(world.engine.plan(world.ada, for_a_while(world, {change}, std::chrono::days(29))));
  auto team = ShelfWorld::plain("Team", "a");
  team.fields.emplace("spec.description", Said{Value("x"), {}});
  auto dead = world.engine.plan(world.ada, for_a_while(world, {team}, std::chrono::hours(1)));
  REQUIRE_FALSE(dead);
  CHECK(dead.error().reason == "UNTIL_KIND");
  auto missing = world.engine.plan(
      world.ada, for_a_while(world, {shelf_document("hal", {{"spec.boards", 5}})}, std::chrono::hours(1)));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Code::not_found);
}
