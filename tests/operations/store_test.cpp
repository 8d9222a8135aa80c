// Rows of operations on a real Postgres: claims, and who may write.

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/operations/operation_world.h"

using namespace eda;
using namespace eda::test;

TEST_CASE("what is begun is found as it was wished, in the caller's order") {
  OperationWorld world;
  auto ids = world.begin({errand("a"), errand("b"), errand("c")});
  REQUIRE(ids.size() == 3);
  CHECK(world.find(ids[0]).target.name == "a");
  CHECK(world.find(ids[2]).target.name == "c");
  auto found = world.find(ids[1]);
  CHECK(found.id.starts_with("op-"));
  CHECK(found.kind == "test.errand");
  CHECK(found.target.text() == "stream/prod/b");
  CHECK(found.team == "checkout");
  CHECK(found.parameters == Value(Value::Map{{"records", 7}}));
  CHECK(found.state == State::running);
  CHECK(found.step == "look");
  CHECK(found.steps.size() == 3);
  CHECK(found.actor == "user/bob");
  CHECK(found.reason == "no longer read");
  CHECK(found.plan_id == "pl-1");
  CHECK(found.version == 1);
  CHECK(found.created_at > world.clock.now() - std::chrono::minutes(5));
  CHECK_FALSE(world.in_tx([](pg::Tx& tx) { return store::find(tx, "op-none").has_value(); }));
  CHECK(world.begin(std::vector<NewOperation>()).empty());
}

TEST_CASE("all that an operation has come to is written and read back") {
  OperationWorld world;
  world.begin();
  auto claimed = world.claim().at(0);
  auto& operation = claimed.operation;
  auto until = *from_rfc3339("2099-01-02T03:04:05.678901Z");
  auto outcome = waits(until, "user/ada");
  outcome.evidence = Value::Map{{"groups", Value::List{"a", "b"}}, {"text", "ä \"\\"}};
  outcome.trouble = "wait";
  outcome.next = "answer";
  advance(operation, outcome, until);
  REQUIRE(world.write(claimed));
  auto found = world.find(operation.id);
  CHECK(found.state == State::waiting);
  CHECK(found.waiting_for == "user/ada");
  CHECK(found.waiting_until == until);
  CHECK(found.trouble == "wait");
  CHECK(found.next == "answer");
  CHECK(found.steps.at(0).at == until);
  CHECK(found.steps.at(0).evidence == outcome.evidence);
  CHECK(found.version == 2);
}

TEST_CASE("what is claimed is nobody else's until the claim runs out; then it is anybody's, in another epoch") {
  OperationWorld world;
  world.begin();
  auto first = world.claim("replica-1", 100, std::chrono::milliseconds(0));
  REQUIRE(first.size() == 1);
  auto second = world.claim("replica-2");  // the first one's claim has run out at once
  REQUIRE(second.size() == 1);
  CHECK(second[0].epoch == first[0].epoch + 1);
  CHECK(world.claim("replica-3").empty());
  CHECK_FALSE(world.write(first[0]));
  CHECK(world.write(second[0]));
}

TEST_CASE("a claim that ran out and that nobody took still counts") {
  OperationWorld world;
  world.begin();
  auto claimed = world.claim("replica-1", 100, std::chrono::milliseconds(0)).at(0);
  advance(claimed.operation, Outcome(), world.clock.now());
  CHECK(world.write(claimed));
  CHECK(world.find(claimed.operation.id).step == "act");
}

TEST_CASE("a claim is written once") {
  OperationWorld world;
  world.begin();
  auto claimed = world.claim().at(0);
  CHECK(world.write(claimed));
  CHECK_FALSE(world.write(claimed));
}

TEST_CASE("two claimers at once share what is due and wait for nobody") {
  OperationWorld world;
  std::vector<NewOperation> wishes;
  for (int i = 0; i < 6; ++i) wishes.push_back(errand("s" + std::to_string(i)));
  world.begin(wishes);
  pg::Pool other(pg::PoolOptions{.url = Secret(world.database.url()), .size = 1});
  std::vector<store::Claimed> mine, theirs;
  world.in_tx([&](pg::Tx& tx) {
    mine = store::claim(tx, "replica-1", {"test.errand"}, std::chrono::seconds(30), 4);
    // The rows of the first are locked: the second passes over them, though no claim is committed yet.
    auto second = other.transact([&](pg::Tx& second_tx) -> Result<std::vector<store::Claimed>> {
      return store::claim(second_tx, "replica-2", {"test.errand"}, std::chrono::seconds(30), 4);
    });
    REQUIRE(second);
    theirs = *second;
    return 0;
  });
  CHECK(mine.size() == 4);
  CHECK(theirs.size() == 2);
  std::set<std::string> ids;
  for (auto* each : {&mine, &theirs}) {
    for (auto& claimed : *each) ids.insert(claimed.operation.id);
  }
  CHECK(ids.size() == 6);
}

TEST_CASE("many claimers never have one operation at the same time") {
  OperationWorld world;
  std::vector<NewOperation> wishes(100, errand());
  world.begin(wishes);
  std::mutex mutex;
  std::map<std::string, int> taken;
  std::vector<std::thread> claimers;
  for (int i = 0; i < 4; ++i) {
    claimers.emplace_back([&, i] {
      for (;;) {
        auto claimed = world.pool().transact([&](pg::Tx& tx) -> Result<std::vector<store::Claimed>> {
          return store::claim(tx, "replica-" + std::to_string(i), {"test.errand"}, std::chrono::seconds(60), 7);
        });
        if (!claimed || claimed->empty()) return;
        std::lock_guard lock(mutex);
        for (auto& one : *claimed) ++taken[one.operation.id];
      }
    });
  }
  for (auto& claimer : claimers) claimer.join();
  // Whoever found nothing while the others held locks has left; what is left over is still there to be taken.
  for (auto& one : world.claim()) ++taken[one.operation.id];
  CHECK(taken.size() == 100);
  for (auto& [id, times] : taken) CHECK(times == 1);
}

TEST_CASE("a step is due again after its pause, not before, and the oldest comes first") {
  OperationWorld world;
  auto ids = world.begin({errand("a"), errand("b"), errand("c")});
  auto claimed = world.claim();
  REQUIRE(claimed.size() == 3);
  REQUIRE(world.write(claimed[0], std::chrono::hours(1)));
  REQUIRE(world.write(claimed[2]));
  REQUIRE(world.write(claimed[1]));
  auto again = world.claim();
  REQUIRE(again.size() == 2);
  CHECK(again[0].operation.id == ids[2]);
  CHECK(again[1].operation.id == ids[1]);
}

TEST_CASE("only operations of the kinds that are asked for are claimed") {
  OperationWorld world;
  world.begin({errand("a", "test.other"), errand("b")});
  auto claimed = world.claim();
  REQUIRE(claimed.size() == 1);
  CHECK(claimed[0].operation.target.name == "b");
}

TEST_CASE("one that waits is claimed when its date is past, and left alone until then") {
  OperationWorld world;
  auto ids = world.begin({errand("late"), errand("early")});
  auto claimed = world.claim();
  advance(claimed[0].operation, waits(world.clock.now() - std::chrono::hours(1)), world.clock.now());
  advance(claimed[1].operation, waits(world.clock.now() + std::chrono::hours(1)), world.clock.now());
  REQUIRE(world.write(claimed[0]));
  REQUIRE(world.write(claimed[1]));
  auto late = world.claim();
  REQUIRE(late.size() == 1);
  CHECK(late[0].operation.id == ids[0]);
}

TEST_CASE("a person's act wins over the worker that has the claim") {
  OperationWorld world;
  auto id = world.begin();
  auto claimed = world.claim().at(0);
  world.in_tx([&](pg::Tx& tx) {
    auto operation = *store::find(tx, id, store::Lock::update);
    REQUIRE(call_off(operation, "user/ada", ""));
    store::write(tx, operation);
    return 0;
  });
  advance(claimed.operation, Outcome(), world.clock.now());
  CHECK_FALSE(world.write(claimed));
  auto found = world.find(id);
  CHECK(found.state == State::aborted);
  CHECK(found.version == 2);
}

TEST_CASE("a claim is held on to, or given up, only by whoever has it") {
  OperationWorld world;
  auto id = world.begin();
  auto old = world.claim("replica-1", 100, std::chrono::milliseconds(0));
  auto held = world.claim("replica-2", 100, std::chrono::milliseconds(0));
  auto hold = [&](const std::vector<store::Claimed>& claims, std::chrono::milliseconds span) {
    return world.in_tx([&](pg::Tx& tx) { return store::hold(tx, claims, span); });
  };
  CHECK(hold(old, std::chrono::seconds(30)).empty());
  CHECK(hold(held, std::chrono::seconds(30)) == std::set<std::string>{id});
  CHECK(world.claim().empty());
  CHECK(hold(held, std::chrono::milliseconds(0)) == std::set<std::string>{id});
  CHECK(world.claim().size() == 1);
}

TEST_CASE("lists are newest first, page by page, and know their filters") {
  OperationWorld world;
  auto ids = world.begin({errand("a"), errand("b"), errand("c", "test.other"), errand("d"), errand("e")});
  auto list = [&](const store::Filter& filter, PageRequest page) {
    return world.in_tx([&](pg::Tx& tx) { return *store::list(tx, filter, page); });
  };
  auto names = [&](const store::Filter& filter) {
    std::string out;
    for (auto& row : list(filter, PageRequest()).rows) out += row.target.name;
    return out;
  };
  auto first = list({}, PageRequest{2, ""});
  CHECK(first.rows.at(0).target.name == "e");
  auto second = list({}, PageRequest{2, first.next_token});
  auto third = list({}, PageRequest{2, second.next_token});
  CHECK(second.rows.at(1).target.name == "b");
  CHECK(third.rows.size() == 1);
  CHECK(third.next_token.empty());

  auto claimed = world.claim("replica-1", 1).at(0);
  for (int steps = 0; steps < 3; ++steps) advance(claimed.operation, Outcome(), world.clock.now());
  REQUIRE(world.write(claimed));
  store::Filter unfinished;
  unfinished.unfinished_only = true;
  CHECK(names({}) == "edcba");
  CHECK(names(unfinished) == "edcb");
  CHECK(names({"done", "", "", "", {}, false}) == "a");
  CHECK(names({"", "test.other", "", "", {}, false}) == "c");
  CHECK(names({"", "", "payments", "", {}, false}).empty());
  CHECK(names({"", "", "checkout", "pl-1", {}, false}) == "edcba");
  CHECK(names({"", "", "", "pl-2", {}, false}).empty());
  CHECK(names({"", "", "", "", Ref{"stream", "prod", "d"}, false}) == "d");
  CHECK(names({"", "", "", "", Ref{"stream", "", ""}, false}) == "edcba");
  auto bad = world.pool().transact([&](pg::Tx& tx) { return store::list(tx, {}, PageRequest{2, "x"}); });
  REQUIRE_FALSE(bad);
  CHECK(bad.error().reason == "PAGE_TOKEN");

  auto counts = world.in_tx([](pg::Tx& tx) { return store::count_unfinished(tx); });
  CHECK(counts == std::map<std::pair<std::string, std::string>, std::int64_t>{{{"test.errand", "running"}, 3},
                                                                              {{"test.other", "running"}, 1}});
}

TEST_CASE("what ended long ago is forgotten, and what did not end never is") {
  OperationWorld world;
  auto ids = world.begin({errand("ended"), errand("recent"), errand("failed")});
  for (auto& claimed : world.claim()) {
    auto& operation = claimed.operation;
    operation.state = operation.target.name == "failed" ? State::failed : State::done;
    REQUIRE(world.write(claimed));
  }
  world.in_tx([&](pg::Tx& tx) {
    tx.exec("UPDATE operations SET updated_at = now() - interval '31 days' WHERE target_name <> 'recent'");
    return 0;
  });
  CHECK(world.in_tx([](pg::Tx& tx) { return store::sweep(tx); }) == 1);
  CHECK_FALSE(world.in_tx([&](pg::Tx& tx) { return store::find(tx, ids[0]).has_value(); }));
  CHECK(world.find(ids[2]).state == State::failed);
}
