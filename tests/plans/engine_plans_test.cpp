// Plans that hold: what moved and who moved it, the same request twice, histories and ways back, on real rows.

#include <catch2/catch.hpp>

#include <thread>

#include "tests/plans/shelf_world.h"

using namespace eda;
using namespace eda::plans;
using namespace eda::plans::test;

namespace {

Document hall(std::map<std::string, std::optional<Value>> fields) {
  return ShelfWorld::shelf_of("a", "hall", std::move(fields));
}

PlanInput requested(PlanInput input, std::string id, std::string body = "body") {
  input.request_id = std::move(id);
  input.body_hash = std::move(body);
  return input;
}

}  // namespace

TEST_CASE("a stale plan says which fields moved, from what to what, and who moved them") {
  ShelfWorld world;
  world.make(world.ada, ShelfWorld::input({hall({{"spec.boards", 3}})}));
  auto planned = world.must(world.engine.plan(world.ada, ShelfWorld::input({hall({{"spec.age", 1000}})})));
  world.make(world.admin, ShelfWorld::input({hall({{"spec.boards", 6}})}));
  auto stale = world.engine.apply(world.ada, ShelfWorld::of(planned));
  REQUIRE_FALSE(stale);
  CHECK(stale.error().code == Code::stale);
  CHECK(stale.error().message ==
        "the plan is stale: shelf/prod/hall was changed meanwhile by user/root: spec.boards: 3 -> 6");
  CHECK(world.must(world.engine.find(planned.summary.id)).state == "stale");
}

TEST_CASE("a stale plan says what moved outside edad, and what edad itself had still been doing") {
  ShelfWorld world;
  world.shelf_rows.facts["hall"] = R"({"boards":3,"config":{"a":"1"}})";
  world.make(world.ada, ShelfWorld::input({hall({{"spec.boards", 3}})}));
  auto plan = [&] { return world.must(world.engine.plan(world.ada, ShelfWorld::input({hall({{"spec.boards", 5}})}))); };
  auto planned = plan();
  world.shelf_rows.facts["hall"] = R"({"boards":4,"config":{"a":"2"}})";
  auto stale = world.engine.apply(world.ada, ShelfWorld::of(planned));
  REQUIRE_FALSE(stale);
  CHECK(stale.error().message ==
        "the plan is stale: shelf/prod/hall was changed on the cluster meanwhile, outside "
        "edad: boards: 3 -> 4, config.a: 1 -> 2");
  planned = plan();
  world.shelf_rows.facts["hall"] = R"({"boards":3,"config":{"a":"1"}})";
  world.come_to_rest("hall");
  stale = world.engine.apply(world.ada, ShelfWorld::of(planned));
  REQUIRE_FALSE(stale);
  CHECK(stale.error().message.find("by edad: boards: 4 -> 3") != std::string::npos);
}

TEST_CASE("what was created, deleted or made anew meanwhile is told too, all of it") {
  ShelfWorld world;
  auto shelf = [](const char* name, int boards) { return ShelfWorld::shelf_of("a", name, {{"spec.boards", boards}}); };
  world.make(world.ada, ShelfWorld::input({shelf("anew", 1), shelf("gone", 1)}));
  auto planned = world.must(
      world.engine.plan(world.ada, ShelfWorld::input({shelf("anew", 2), shelf("gone", 2), shelf("new", 2)})));
  for (auto* name : {"anew", "gone"}) {
    PlanInput removal;
    removal.deletions = {ShelfWorld::ref(name)};
    world.make(world.ada, removal);
    auto id = world.find(name)->id;
    world.rows([&](pg::Tx& tx) { return store::remove(tx, {id}).size(); });
  }
  world.make(world.ada, ShelfWorld::input({shelf("anew", 3), shelf("new", 3)}));
  auto stale = world.engine.apply(world.ada, ShelfWorld::of(planned));
  REQUIRE_FALSE(stale);
  std::map<std::string, std::string> told;
  for (auto& one : stale.error().violations) told.emplace(one.object, one.message);
  CHECK(told.at("shelf/prod/anew") == "was deleted and created anew meanwhile by user/ada");
  CHECK(told.at("shelf/prod/gone") == "was deleted meanwhile");
  CHECK(told.at("shelf/prod/new") == "was created meanwhile by user/ada");
}

TEST_CASE("a plan that other rules judged is stale") {
  ShelfWorld world;
  auto planned = world.must(world.engine.plan(world.ada, ShelfWorld::input({hall({})})));
  world.rules.version = 2;
  auto stale = world.engine.apply(world.ada, ShelfWorld::of(planned));
  REQUIRE_FALSE(stale);
  CHECK(stale.error().code == Code::stale);
  CHECK(stale.error().message.find("edad's rules have changed since") != std::string::npos);
  CHECK(world.must(world.engine.find(planned.summary.id)).state == "stale");
}

TEST_CASE("the same request id gets the first plan, from any replica; another request under it is refused") {
  ShelfWorld world;
  auto input = requested(ShelfWorld::input({hall({{"spec.boards", 3}})}), "r-1");
  auto first = world.must(world.engine.plan(world.ada, input));
  Engine replica{world.database.pool(), world.kinds, {&world.shelf_rows}, world.owners, [] {}};
  auto second = world.must(replica.plan(world.ada, input));
  CHECK(second.summary.id == first.summary.id);
  CHECK(second.summary.hash == first.summary.hash);
  REQUIRE(second.drafts.size() == 1);
  CHECK(second.drafts[0].action == Action::create);
  auto other = replica.plan(world.ada, requested(input, "r-1", "another body"));
  REQUIRE_FALSE(other);
  CHECK(other.error().reason == "REQUEST_REUSED");
  // Ids are each caller's own.
  CHECK(world.must(replica.plan(world.admin, input)).summary.id != first.summary.id);
  CHECK(replica.plan(world.ada, requested(input, "no good id")).error().reason == "REQUEST_ID");
}

TEST_CASE("of many calls with one request id at once one plans, and one applies") {
  ShelfWorld world;
  auto input = requested(ShelfWorld::input({hall({{"spec.boards", 3}})}), "r-1");
  std::mutex mutex;
  std::set<std::string> ids;
  auto at_once = [](auto act) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back(act);
    for (auto& thread : threads) thread.join();
  };
  at_once([&] {
    auto plan = world.engine.plan(world.ada, input);
    std::lock_guard lock(mutex);
    ids.insert(plan ? plan->summary.id : plan.error().message);
  });
  REQUIRE(ids.size() == 1);
  auto plan = world.must(world.engine.plan(world.ada, input));
  std::set<std::string> outcomes;
  at_once([&] {
    auto applied = world.engine.apply(world.ada, ShelfWorld::of(plan, "r-2"));
    std::lock_guard lock(mutex);
    outcomes.insert(applied ? applied->summary.state + " " + std::to_string(applied->pending)
                            : applied.error().message);
  });
  CHECK(outcomes == std::set<std::string>{"applied 1"});
  CHECK(world.count("SELECT count(*) FROM events WHERE verb = 'shelf.created'") == 1);
  CHECK(world.find("hall")->generation == 1);
}

TEST_CASE("the same plan applied at once without request ids is applied once, and answers its own subject alike") {
  ShelfWorld world;
  auto plan = world.must(world.engine.plan(world.ada, ShelfWorld::input({hall({{"spec.boards", 3}})})));
  std::atomic<int> applied{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] { applied += world.engine.apply(world.ada, ShelfWorld::of(plan)).has_value(); });
  }
  for (auto& thread : threads) thread.join();
  CHECK(applied == 6);
  CHECK(world.count("SELECT count(*) FROM revisions r JOIN objects o ON o.id = r.object_id WHERE o.kind = 'shelf'") ==
        1);
}

TEST_CASE("a history says who, when, why, what, from which plan, file and commit, page by page") {
  ShelfWorld world;
  for (int boards = 1; boards <= 5; ++boards) {
    world.make(world.ada, ShelfWorld::input({hall({{"spec.boards", boards}})}, "shop"));
  }
  auto first = world.must(world.engine.history(world.bob, ShelfWorld::ref("hall"), PageRequest{2, ""}));
  REQUIRE(first.rows.size() == 2);
  auto& newest = first.rows[0];
  CHECK(newest.generation == 5);
  CHECK(newest.actor == "user/ada");
  CHECK(newest.reason == "because");
  CHECK(newest.source == "github.com/acme/shop@4f2a9c1");
  CHECK(newest.file == "shelves.yaml:1");
  CHECK(newest.plan_id.starts_with("pl-"));
  REQUIRE(newest.fields.size() == 1);
  CHECK(newest.fields[0].from == Value(4));
  CHECK(newest.fields[0].to == Value(5));
  CHECK(first.rows[1].fields[0].from == Value(3));
  std::vector<std::int64_t> generations;
  std::string token = first.next_token;
  while (!token.empty()) {
    auto page = world.must(world.engine.history(world.bob, ShelfWorld::ref("hall"), PageRequest{2, token}));
    for (auto& revision : page.rows) generations.push_back(revision.generation);
    token = page.next_token;
    if (token.empty()) CHECK(page.rows.back().fields.size() == 3);  // the first of all: everything is new
  }
  CHECK(generations == std::vector<std::int64_t>{3, 2, 1});
  auto missing = world.engine.history(world.bob, ShelfWorld::ref("hal"), {});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Code::not_found);
  CHECK(missing.error().next.find("hall") != std::string::npos);
}

TEST_CASE("confidential fields of histories and plans are for the owning team and those who see all") {
  ShelfWorld world;
  auto plan = world.make(world.ada, ShelfWorld::input({hall({{"spec.boards", 1}, {"spec.key", "env:KEY"}})}));
  auto shows = [&](const identity::Actor& actor) {
    auto page = world.must(world.engine.history(actor, ShelfWorld::ref("hall"), {}));
    bool wish = page.rows.at(0).wish.contains("spec.key");
    auto listed = world.must(world.engine.list(actor, plan.summary.id, {}));
    auto has = [](auto& fields) {
      return std::any_of(fields.begin(), fields.end(), [](auto& field) { return field.path == "spec.key"; });
    };
    CHECK(wish == has(page.rows[0].fields));
    CHECK(wish == has(listed.rows.at(0).fields));
    return wish;
  };
  CHECK(shows(world.ada));
  CHECK(shows(world.admin));
  CHECK(shows(user("olga", {identity::Role::operator_})));
  CHECK_FALSE(shows(world.bob));
}

TEST_CASE("what is deleted and made anew begins its own history") {
  ShelfWorld world;
  world.make(world.ada, ShelfWorld::input({hall({{"spec.boards", 1}})}));
  world.make(world.ada, ShelfWorld::input({hall({{"spec.boards", 2}})}));
  PlanInput removal;
  removal.deletions = {ShelfWorld::ref("hall")};
  world.make(world.ada, removal);
  auto id = world.find("hall")->id;
  world.rows([&](pg::Tx& tx) { return store::remove(tx, {id}).size(); });
  world.make(world.bob, ShelfWorld::input({ShelfWorld::shelf_of("b", "hall", {{"spec.boards", 9}})}));
  auto page = world.must(world.engine.history(world.bob, ShelfWorld::ref("hall"), {}));
  REQUIRE(page.rows.size() == 1);
  CHECK(page.rows[0].actor == "user/bob");
}

TEST_CASE("a rollback is a plan of the way back, with what cannot come back among its notes") {
  ShelfWorld world;
  world.make(world.ada, ShelfWorld::input({hall({{"spec.boards", 3}, {"spec.age", 86'400'000}})}, "shop"));
  world.make(world.ada, ShelfWorld::input({hall({{"spec.boards", 6}, {"spec.age", 1000}})}, "shop"));
  PlanInput input;
  input.intent = PlanInput::Intent::apply;
  auto plan = world.must(world.engine.plan_rollback(world.ada, input, Ref{"shelf", "", "hall"}, 1));
  REQUIRE(plan.drafts.size() == 1);
  CHECK(plan.summary.changes == 1);
  REQUIRE(plan.drafts[0].fields.size() == 1);
  CHECK(plan.drafts[0].fields[0].path == "spec.age");
  CHECK(plan.drafts[0].fields[0].to == Value(86'400'000));
  CHECK(plan.drafts[0].notes.size() == 3);
  world.apply(world.ada, plan);
  auto object = *world.find("hall");
  CHECK(object.wish.at("spec.age") == WishField{Value(86'400'000), "a/shop"});
  CHECK(object.wish.at("spec.boards") == WishField{Value(6), "a/shop"});
  auto unknown = world.engine.plan_rollback(world.ada, input, ShelfWorld::ref("hall"), 17);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().reason == "GENERATION_UNKNOWN");
  auto denied = world.engine.plan_rollback(world.bob, input, ShelfWorld::ref("hall"), 2);
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == Code::denied);
}

TEST_CASE("a wish as it is can be planned, and is nothing to do where its kind sees nothing to repair") {
  ShelfWorld world;
  world.make(world.ada, ShelfWorld::input({hall({{"spec.boards", 3}})}));
  PlanInput repair;
  repair.rewrites = {{ShelfWorld::ref("hall"), world.find("hall")->wish, {"looked at"}}};
  auto plan = world.must(world.engine.plan(world.ada, repair));
  CHECK(plan.summary.unchanged == 1);
  CHECK(plan.drafts.at(0).notes == std::vector<std::string>{"looked at"});
  PlanInput twice = ShelfWorld::input({hall({{"spec.boards", 4}})});
  twice.rewrites = repair.rewrites;
  CHECK(world.engine.plan(world.ada, twice).error().reason == "MANIFEST_INVALID");
}

TEST_CASE("what was refused of an applied plan is taken up again, by those who may, audited, once a request") {
  ShelfWorld world;
  auto plan = world.make(world.ada, ShelfWorld::input({hall({{"spec.boards", 3}}), ShelfWorld::shelf_of("a", "wall")}));
  world.come_to_rest("hall", State::refused);
  world.come_to_rest("wall");
  auto counts = [&] { return world.must(world.engine.progress(plan.summary.id, store::Which::all, {})).count; };
  CHECK(counts().refused == 1);
  ApplyInput again{"r-9", "resume", plan.summary.id, "the disk is free again", {}};
  CHECK(world.engine.resume(world.bob, again).error().code == Code::denied);
  auto resumed = world.must(world.engine.resume(world.ada, again));
  CHECK(resumed.pending == 1);
  CHECK(world.find("hall")->state == State::pending);
  CHECK(world.find("wall")->state == State::applied);
  CHECK(counts().at_rest == 1);
  CHECK(world.last_event("shelf.retried").reason == "the disk is free again");
  CHECK(world.must(world.engine.resume(world.ada, again)).pending == 1);
  CHECK(world.count("SELECT count(*) FROM events WHERE verb = 'shelf.retried'") == 1);
  auto open = world.must(world.engine.plan(world.ada, ShelfWorld::input({hall({{"spec.boards", 4}})})));
  CHECK(world.engine.resume(world.ada, {"", "", open.summary.id, "", {}}).error().reason == "PLAN_NOT_APPLIED");
  CHECK(world.engine.resume(world.ada, {"", "", "pl-none", "", {}}).error().reason == "PLAN_UNKNOWN");
}

TEST_CASE("plans are listed newest first, by state and by who asked, page by page") {
  ShelfWorld world;
  for (int i = 0; i < 7; ++i) {
    world.must(world.engine.plan(i % 2 ? world.ada : world.admin, ShelfWorld::input({hall({{"spec.boards", i + 1}})})));
  }
  auto mine = world.must(world.engine.plans("open", "user/ada", {}));
  CHECK(mine.rows.size() == 3);
  std::vector<Instant> times;
  std::string token;
  do {
    auto page = world.must(world.engine.plans("", "", PageRequest{3, token}));
    for (auto& plan : page.rows) times.push_back(plan.created_at);
    token = page.next_token;
  } while (!token.empty());
  CHECK(times.size() == 8);  // with the one that made the world
  CHECK(std::is_sorted(times.rbegin(), times.rend()));
  CHECK(world.must(world.engine.plans("applied", "", {})).rows.size() == 1);
  auto applied = world.must(world.engine.plans("applied", "", {})).rows[0];
  CHECK(applied.applied_at.has_value());
}

TEST_CASE("who is affected is the team that had it, and never the owner") {
  ShelfWorld world;
  world.make(world.ada, ShelfWorld::input({hall({{"spec.boards", 1}})}));
  auto same = world.must(world.engine.plan(world.ada, ShelfWorld::input({hall({{"spec.boards", 2}})})));
  CHECK(same.drafts[0].owner == "a");
  CHECK(same.drafts[0].affected.empty());
  auto moved =
      world.must(world.engine.plan(world.admin, ShelfWorld::input({shelf_document("hall", {{"metadata.team", "b"}})})));
  CHECK(moved.drafts[0].owner == "b");
  CHECK(moved.drafts[0].affected == std::vector<std::string>{"a"});
  CHECK(moved.drafts[0].risk == Risk::high);
}

TEST_CASE("a plan keeps what it was asked for: source, reason, set, cluster") {
  ShelfWorld world;
  auto input = ShelfWorld::input({hall({{"spec.boards", 1}})}, "shop");
  input.reason = "more room";
  auto plan = world.must(world.engine.plan(world.ada, input));
  auto kept = world.must(world.engine.find(plan.summary.id));
  CHECK(kept.source == "github.com/acme/shop@4f2a9c1");
  CHECK(kept.reason == "more room");
  CHECK(kept.set.manager() == "a/shop");
  CHECK(kept.cluster == "prod");
  CHECK(kept.rules == "shelf:1");
  world.must(world.engine.apply(world.ada, ApplyInput{"", "", plan.summary.id, "", {}}));
  CHECK(world.last_event("shelf.created").reason == "more room");
}

TEST_CASE("a plan of thousands that are unchanged lists them all, and keeps no more than their names") {
  ShelfWorld world;
  std::vector<Document> many;
  for (int i = 0; i < 2500; ++i) {
    many.push_back(ShelfWorld::shelf_of("a", "shelf-" + std::to_string(10'000 + i), {{"spec.boards", 3}}));
  }
  world.make(world.ada, ShelfWorld::input(many, "shop"));
  many[7].fields.at("spec.boards").value = Value(4);
  auto plan = world.must(world.engine.plan(world.ada, ShelfWorld::input(many, "shop")));
  CHECK(plan.summary.unchanged == 2499);
  CHECK(plan.summary.changes == 1);
  REQUIRE(plan.drafts.size() == 1000);
  CHECK(plan.drafts[0].action == Action::change);
  std::set<Ref> seen;
  for (auto& draft : plan.drafts) seen.insert(draft.ref);
  for (auto token = plan.next_token; !token.empty();) {
    auto page = world.must(world.engine.list(world.ada, plan.summary.id, PageRequest{1000, token}));
    for (auto& draft : page.rows) seen.insert(draft.ref);
    token = page.next_token;
  }
  CHECK(seen.size() == 2500);
  auto all = world.must(world.engine.list(world.ada, plan.summary.id, PageRequest{1000, "2000"}));
  CHECK(all.rows.size() == 500);
  CHECK(all.next_token.empty());
  CHECK(world.count("SELECT count(*) FROM plan_changes WHERE action = 'unchanged'") == 0);
}
