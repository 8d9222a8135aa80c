// The loop over operations, with a kind of the test's own.

#include <catch2/catch.hpp>

#include "tests/operations/operation_world.h"

using namespace eda;
using namespace eda::test;
using How = Outcome::How;

TEST_CASE("an operation goes through its steps to its end, and the trail says so") {
  OperationWorld world;
  auto id = world.begin();
  world.errand.on["look"] = [](const Operation& operation) {
    Outcome outcome;
    outcome.evidence = operation.parameters;
    return outcome;
  };
  world.settle();
  auto done = world.find(id);
  CHECK(done.state == State::done);
  CHECK(done.step.empty());
  CHECK(done.steps.at(0).evidence == Value(Value::Map{{"records", 7}}));
  for (auto& step : done.steps) CHECK(step.state == Step::State::done);
  auto trail = world.trail();
  REQUIRE(trail.size() == 1);
  CHECK(trail[0].verb == "operation.done");
  CHECK(trail[0].actor == "edad");
  CHECK(trail[0].object.text() == "stream/prod/orders.placed");
  CHECK(trail[0].reason == "no longer read");
}

TEST_CASE("all that stand at the same step are run together") {
  OperationWorld world;
  auto ids = world.begin(std::vector<NewOperation>(5, errand()));
  world.settle();
  auto runs = world.errand.runs();
  REQUIRE(runs.size() == 3);
  for (auto& run : runs) CHECK(std::set(run.ids.begin(), run.ids.end()) == std::set(ids.begin(), ids.end()));
}

TEST_CASE("a step that is not done yet is run again after its pause") {
  OperationWorld world;
  auto id = world.begin();
  bool ready = false;
  world.errand.on["look"] = [&](const Operation&) {
    auto outcome = test::outcome(ready ? How::done : How::again);
    outcome.after = std::chrono::milliseconds(200);
    if (!ready) outcome.trouble = "2 members are still there";
    return outcome;
  };
  CHECK(world.worker.step() == 1);
  CHECK(world.worker.step() == 0);
  CHECK(world.find(id).trouble == "2 members are still there");
  ready = true;
  world.until([&] { return world.worker.step() > 0; });
  CHECK(world.find(id).step == "act");
  CHECK(world.find(id).trouble.empty());
  CHECK(world.verbs().empty());  // nothing that people would want to hear of has happened
}

TEST_CASE("a failed, an unknown and a waiting step each stay where they are, with an event") {
  struct Row {
    How how;
    State state;
    std::string verb;
  };
  auto row = GENERATE(values<Row>({{How::failed, State::failed, "operation.failed"},
                                   {How::unknown, State::unknown, "operation.unknown"},
                                   {How::wait, State::waiting, "operation.waiting"}}));
  OperationWorld world;
  auto id = world.begin();
  world.errand.on["act"] = [&](const Operation&) {
    auto outcome = waits(world.clock.now() + std::chrono::hours(1));
    outcome.how = row.how;
    outcome.trouble = "the broker said no";
    return outcome;
  };
  world.settle();
  CHECK(world.find(id).state == row.state);
  CHECK(world.find(id).step == "act");
  CHECK(world.find(id).trouble == "the broker said no");
  CHECK(world.errand.calls("act") == 1);
  CHECK(world.verbs() == std::vector<std::string>{row.verb});
}

TEST_CASE("a runner that throws, or that forgets an outcome, fails what it was given and nothing else") {
  OperationWorld world;
  auto forgets = GENERATE(false, true);
  auto ids = world.begin({errand("a"), errand("b")});
  world.worker.step();
  auto later = world.begin();  // stands at another step
  world.errand.broken = [&](const std::string& step, const std::vector<Operation>& operations) -> std::vector<Outcome> {
    if (step == "look") return std::vector<Outcome>(operations.size());
    if (forgets) return std::vector<Outcome>(operations.size() - 1);
    throw std::runtime_error("a defect");
  };
  CHECK(world.worker.step() == 3);
  for (auto& id : ids) {
    CHECK(world.find(id).state == State::failed);
    CHECK(world.find(id).trouble == "edad came upon a fault of its own at the step \"act\"; its log says more");
  }
  CHECK(world.find(later).step == "act");
  CHECK(world.find(later).state == State::running);
}

TEST_CASE("one that nobody answered in time is ended by edad, in one transaction with what its kind does then") {
  OperationWorld world;
  auto id = world.begin();
  world.errand.on["look"] = [&](const Operation&) { return waits(world.clock.now() - std::chrono::seconds(1)); };
  CHECK(world.worker.step() == 1);
  world.errand.refusal = Error(Code::unavailable, "NOT_NOW", "not now");
  world.worker.step();
  CHECK(world.find(id).state == State::waiting);  // and what the kind wrote went with it
  CHECK(world.count("SELECT count(*) FROM leases") == 0);
  CHECK(world.verbs() == std::vector<std::string>{"operation.waiting"});

  world.errand.refusal.reset();
  world.let_claims_run_out();
  CHECK(world.worker.step() == 1);
  auto ended = world.find(id);
  CHECK(ended.state == State::aborted);
  CHECK(ended.trouble.starts_with("no answer of admins came until "));
  CHECK(world.count("SELECT count(*) FROM leases WHERE holder = 'edad' AND epoch = 2") == 1);
  CHECK(world.verbs() == std::vector<std::string>{"operation.waiting", "operation.aborted"});
  CHECK(world.trail().back().actor == "edad");
}

TEST_CASE("operations on different clusters do not wait for one another in one call") {
  OperationWorld world;
  auto elsewhere = errand("b");
  elsewhere.target.cluster = "test";
  world.begin({errand("a"), elsewhere, errand("c")});
  CHECK(world.worker.step() == 3);
  auto runs = world.errand.runs();
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].ids.size() == 2);
  CHECK(runs[1].ids.size() == 1);
}

TEST_CASE("what somebody else took over while a step ran is not written") {
  OperationWorld world;
  auto id = world.begin();
  std::vector<store::Claimed> thief;
  world.errand.on["look"] = [&](const Operation&) {
    world.let_claims_run_out();  // as if this replica had been stopped for long
    thief = world.claim("replica-2");
    return test::outcome(How::failed);
  };
  CHECK(world.worker.step() == 1);
  REQUIRE(thief.size() == 1);
  CHECK(world.find(id).state == State::running);
  CHECK(world.verbs().empty());
  CHECK(world.write(thief[0]));
}

TEST_CASE("a step that takes longer than a claim keeps it meanwhile") {
  OperationWorld world;
  auto id = world.begin();
  Worker slow(world.pool(), world.clock, {&world.errand},
              WorkerOptions{.holder = "slow", .claim = std::chrono::seconds(3)});
  world.errand.on["look"] = [&](const Operation&) {
    auto end = Deadline::in(std::chrono::milliseconds(4'500));
    world.until([&] {
      CHECK(world.claim("replica-2").empty());
      return end.passed();
    });
    return Outcome();
  };
  CHECK(slow.step() == 1);
  CHECK(world.find(id).step == "act");
}

TEST_CASE("what a person ended while its step ran stays ended") {
  OperationWorld world;
  auto id = world.begin();
  world.errand.on["look"] = [&](const Operation&) {
    REQUIRE(world.actions.abort(user("ada"), {"", "not now"}, id));
    return Outcome();
  };
  CHECK(world.worker.step() == 1);
  CHECK(world.find(id).state == State::aborted);
  CHECK(world.errand.calls("act") == 0);
  CHECK(world.verbs() == std::vector<std::string>{"operation.aborted"});
}

TEST_CASE("replicas that work at once run each step of each operation once") {
  OperationWorld world;
  auto ids = world.begin(std::vector<NewOperation>(60, errand()));
  WorkerOptions options{.holder = "a", .claim = std::chrono::seconds(60), .batch = 5};
  Worker a(world.pool(), world.clock, {&world.errand}, options);
  options.holder = "b";
  Worker b(world.pool(), world.clock, {&world.errand}, options);
  a.start();
  b.start();
  world.until([&] { return world.count("SELECT count(*) FROM operations WHERE state = 'done'") == std::ssize(ids); });
  a.stop();
  b.stop();
  std::map<std::pair<std::string, std::string>, int> times;
  for (auto& run : world.errand.runs()) {
    for (auto& id : run.ids) ++times[{run.step, id}];
  }
  CHECK(times.size() == 3 * ids.size());
  for (auto& [key, count] : times) CHECK(count == 1);
  CHECK(world.verbs().size() == ids.size());
}

TEST_CASE("a worker that was started goes on with what is resumed") {
  OperationWorld world;
  auto id = world.begin();
  world.errand.on["look"] = [&](const Operation&) { return waits(world.clock.now() + std::chrono::hours(1)); };
  world.worker.start();
  world.until([&] { return world.find(id).state == State::waiting; });
  REQUIRE(world.actions.resume(user("root", {identity::Role::admin}), {}, id));
  world.until([&] { return world.find(id).state == State::done; });
  world.worker.stop();
  CHECK(world.verbs() == std::vector<std::string>{"operation.waiting", "operation.resumed", "operation.done"});
}

TEST_CASE("rounds are reported, idle ones are not") {
  OperationWorld world;
  std::vector<Round> rounds;
  Worker worker(world.pool(), world.clock, {&world.errand}, WorkerOptions{.holder = "replica-1"},
                [&](const Round& round) { rounds.push_back(round); });
  CHECK(worker.step() == 0);
  CHECK(rounds.empty());
  world.begin();
  CHECK(worker.step() == 1);
  REQUIRE(rounds.size() == 1);
  CHECK(rounds[0].outcome == "ok");
  CHECK(rounds[0].taken == 1);
}
