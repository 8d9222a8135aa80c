// Who may answer and end operations, who sees what of them, and what the trail says.

#include <catch2/catch.hpp>

#include "tests/operations/operation_world.h"

using namespace eda;
using namespace eda::test;
using identity::Role;

namespace {

const auto root = user("root", {Role::admin});

std::string reason(const auto& result) {
  return result ? "ok" : result.error().reason;
}

// One that waits at `look` for the admins.
std::string waiting(OperationWorld& world) {
  auto id = world.begin();
  world.errand.on["look"] = [&](const Operation&) {
    auto outcome = waits(world.clock.now() + std::chrono::hours(1));
    outcome.evidence = Value::Map{{"topics", 3}};
    return outcome;
  };
  world.settle();
  return id;
}

}  // namespace

TEST_CASE("parameters and evidence are for those whom it concerns; that it is and whose is for everybody") {
  OperationWorld world;
  auto id = waiting(world);
  struct Row {
    identity::Actor actor;
    bool sees;
  };
  identity::Actor ci = user("build"), foreign_ci = ci, service = user("order-service"),
                  stranger = user("other-service");
  ci.kind = foreign_ci.kind = identity::SubjectKind::ci;
  ci.team = "checkout";
  foreign_ci.team = "payments";
  service.kind = stranger.kind = identity::SubjectKind::service;
  std::vector<Row> rows{{user("ada"), true},
                        {user("bob"), true},
                        {user("eve"), false},
                        {user("otto", {Role::operator_}), true},
                        {user("alan", {Role::auditor}), true},
                        {root, true},
                        {ci, true},
                        {foreign_ci, false},
                        {service, true},
                        {stranger, false}};
  for (auto& row : rows) {
    INFO(row.actor.subject);
    auto found = world.actions.find(row.actor, id);
    REQUIRE(found);
    CHECK(found->team == "checkout");
    CHECK(found->state == State::waiting);
    CHECK(found->waiting_for == "admins");
    CHECK(found->parameters.is_null() == !row.sees);
    CHECK(found->steps.at(0).evidence.is_null() == !row.sees);
    auto listed = world.actions.list(row.actor, {}, {});
    REQUIRE(listed);
    CHECK(listed->rows.at(0).parameters.is_null() == !row.sees);
  }
}

TEST_CASE("who began an operation and who is to answer it see it, whatever their team") {
  OperationWorld world;
  auto wish = errand();
  wish.team = "payments";
  auto id = world.begin({wish}).front();
  CHECK_FALSE(world.actions.find(user("bob"), id)->parameters.is_null());
  CHECK(world.actions.find(user("ada"), id)->parameters.is_null());
  world.errand.on["look"] = [&](const Operation&) {
    return waits(world.clock.now() + std::chrono::hours(1), "user/ada");
  };
  world.settle();
  CHECK_FALSE(world.actions.find(user("ada"), id)->parameters.is_null());
}

TEST_CASE("a yes goes on at the next step, with who said it in the evidence and in the trail") {
  OperationWorld world;
  auto id = waiting(world);
  auto resumed = world.actions.resume(root, {"r-1", "reviewed"}, id);
  REQUIRE(resumed);
  CHECK(resumed->state == State::running);
  CHECK(resumed->step == "act");
  CHECK(resumed->version == world.find(id).version);
  CHECK(resumed->steps.at(0).evidence == Value(Value::Map{{"topics", 3}, {"answeredBy", "user/root"}}));
  CHECK(world.count("SELECT count(*) FROM leases WHERE holder = 'user/root' AND epoch = 1") == 1);
  auto event = world.trail().back();
  CHECK(event.verb == "operation.resumed");
  CHECK(event.actor == "user/root");
  CHECK(event.reason == "reviewed");
  CHECK(event.request_id == "r-1");
  CHECK(event.plan_id == "pl-1");
  CHECK(event.before.as_map()->at("state") == Value("waiting"));
  world.settle();
  CHECK(world.find(id).state == State::done);
}

TEST_CASE("a no ends it for good") {
  OperationWorld world;
  auto id = waiting(world);
  auto ended = world.actions.abort(root, {"", "not yours"}, id);
  REQUIRE(ended);
  CHECK(ended->state == State::aborted);
  CHECK(ended->trouble == "ended by user/root: not yours");
  CHECK(world.trail().back().verb == "operation.aborted");
  CHECK(world.trail().back().request_id == "call");
  CHECK(world.count("SELECT count(*) FROM leases WHERE holder = 'user/root' AND epoch = 2") == 1);
  CHECK(reason(world.actions.resume(root, {}, id)) == "OPERATION_OVER");
  CHECK(reason(world.actions.abort(root, {}, id)) == "OPERATION_OVER");
  CHECK(world.worker.step() == 0);
}

TEST_CASE("who may not is denied, with whom to ask, and nothing is changed") {
  OperationWorld world;
  auto id = waiting(world);
  auto events = world.trail().size();
  for (auto& actor : {user("bob"), user("eve"), user("otto", {Role::operator_})}) {
    auto denied = world.actions.resume(actor, {}, id);
    REQUIRE_FALSE(denied);
    CHECK(denied.error().code == Code::denied);
    CHECK(denied.error().next == "ask user/ada");
    CHECK(reason(world.actions.abort(actor, {}, id)) == "NOT_YOURS");
  }
  CHECK(world.find(id).state == State::waiting);
  CHECK(world.find(id).version == 2);
  CHECK(world.trail().size() == events);
}

TEST_CASE("what is begun beyond its point of no return is not ended, only resumed") {
  OperationWorld world;
  auto id = world.begin();
  world.errand.on["act"] = [](const Operation&) { return outcome(Outcome::How::failed); };
  world.settle();
  auto refused = world.actions.abort(user("ada"), {}, id);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "PAST_RETURN");
  CHECK(refused.error().next == "let it come to its end: edactl operation resume " + id);
  world.errand.on["act"] = {};
  REQUIRE(world.actions.resume(user("ada"), {}, id));
  world.settle();
  CHECK(world.find(id).state == State::done);
  CHECK(world.errand.calls("act") == 2);
}

TEST_CASE("one that runs is not resumed; one that is not there is said to be so") {
  OperationWorld world;
  auto id = world.begin();
  CHECK(reason(world.actions.resume(root, {}, id)) == "OPERATION_RUNNING");
  for (auto& result :
       {world.actions.resume(root, {}, "op-none"), world.actions.abort(root, {}, ""), world.actions.find(root, "x")}) {
    REQUIRE_FALSE(result);
    CHECK(result.error().reason == "OPERATION_UNKNOWN");
    CHECK(result.error().code == Code::not_found);
  }
}

TEST_CASE("a list by a state that there is none of says which there are") {
  OperationWorld world;
  auto list = [&](const std::string& state) {
    store::Filter filter;
    filter.state = state;
    return world.actions.list(root, filter, {});
  };
  CHECK(reason(list("unknown")) == "ok");
  auto typo = list("wating");
  REQUIRE_FALSE(typo);
  CHECK(typo.error().code == Code::invalid);
  CHECK(typo.error().next.find("waiting") != std::string::npos);
}

TEST_CASE("an operation of a kind that this edad does not know is left to those that do") {
  OperationWorld world;
  auto id = world.begin({errand("a", "test.newer")}).front();
  CHECK(world.worker.step() == 0);
  auto refused = world.actions.abort(root, {}, id);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "OPERATION_KIND");
  CHECK(world.find(id).state == State::running);
}

TEST_CASE("the same request is answered once and told again; its id is good for no other") {
  OperationWorld world;
  auto id = waiting(world);
  REQUIRE(world.actions.resume(root, {"r-1", "reviewed"}, id));
  world.settle();
  auto events = world.trail().size();
  auto replay = world.actions.resume(root, {"r-1", "reviewed"}, id);
  REQUIRE(replay);
  CHECK(replay->state == State::done);
  CHECK(world.trail().size() == events);
  CHECK(reason(world.actions.resume(root, {"r-1", "another reason"}, id)) == "REQUEST_REUSED");
  CHECK(reason(world.actions.abort(root, {"r-1", "reviewed"}, id)) == "REQUEST_REUSED");
  CHECK(reason(world.actions.resume(user("ada"), {"r-1", "reviewed"}, id)) == "OPERATION_OVER");  // another subject's
  CHECK(reason(world.actions.resume(root, {"no spaces", ""}, id)) == "REQUEST_ID");
  CHECK(reason(world.actions.resume(root, {"r-2", "bell\x07"}, id)) == "REASON_INVALID");
}

TEST_CASE("when the kind cannot do its part, the act is undone with it") {
  OperationWorld world;
  auto id = waiting(world);
  auto events = world.trail().size();
  world.errand.refusal = Error(Code::conflict, "TAKEN", "somebody else has it");
  CHECK(reason(world.actions.resume(root, {"r-1", ""}, id)) == "TAKEN");
  CHECK(world.find(id).state == State::waiting);
  CHECK(world.count("SELECT count(*) FROM leases") == 0);
  CHECK(world.trail().size() == events);
  world.errand.refusal.reset();
  CHECK(reason(world.actions.resume(root, {"r-1", ""}, id)) == "ok");  // a refusal is no outcome to be replayed
}

TEST_CASE("of two answers at once one is taken") {
  OperationWorld world;
  auto id = waiting(world);
  std::string yes, no;
  std::thread first([&] { yes = reason(world.actions.resume(root, {}, id)); });
  no = reason(world.actions.abort(root, {}, id));
  first.join();
  INFO(yes << " " << no);
  bool aborted = world.find(id).state == State::aborted;
  CHECK(no == (aborted ? "ok" : "PAST_RETURN"));
  CHECK(yes == (aborted ? "OPERATION_OVER" : "ok"));
}
