// How an operation moves: tables, no database.

#include <catch2/catch.hpp>

#include "operations/operations.h"
#include "operations/trail.h"

using namespace eda;
using namespace eda::operations;

namespace {

const Instant now = *from_rfc3339("2026-11-21T08:00:00Z");
const Instant later = now + std::chrono::hours(1);
using How = Outcome::How;

Operation at(State state, const std::string& step = "act") {
  NewOperation wish;
  wish.kind = "test.errand";
  wish.target = Ref{"stream", "prod", "orders.placed"};
  wish.steps = {"look", "act", "settle"};
  wish.actor = "user/bob";
  auto operation = begun(wish, "op-1");
  operation.state = state;
  operation.step = step;
  if (state == State::waiting) {
    operation.waiting_for = "admins";
    operation.waiting_until = later;
  }
  if (state == State::failed) operation.trouble = "it went wrong";
  return operation;
}

const Step& step(const Operation& operation, std::size_t index) {
  return operation.steps.at(index);
}

std::string reason(const Result<>& result) {
  return result ? "ok" : result.error().reason;
}

}  // namespace

TEST_CASE("a new operation stands at the first of its steps, all of them open") {
  auto operation = at(State::running, "look");
  CHECK(operation.steps.size() == 3);
  for (auto& each : operation.steps) CHECK(each.state == Step::State::open);
  CHECK(operation.version == 1);
}

TEST_CASE("what a run of a step makes of an operation") {
  struct Row {
    std::string step;
    How how;
    State state;
    std::string at;
    Step::State step_state;
  };
  auto row = GENERATE(values<Row>({
      {"look", How::done, State::running, "act", Step::State::done},
      {"act", How::done, State::running, "settle", Step::State::done},
      {"settle", How::done, State::done, "", Step::State::done},
      {"act", How::again, State::running, "act", Step::State::open},
      {"act", How::wait, State::waiting, "act", Step::State::open},
      {"act", How::failed, State::failed, "act", Step::State::failed},
      {"act", How::unknown, State::unknown, "act", Step::State::open},
  }));
  INFO(row.step << " " << static_cast<int>(row.how));
  auto operation = at(State::running, row.step);
  Outcome outcome;
  outcome.how = row.how;
  outcome.evidence = Value::Map{{"records", 7}};
  outcome.waiting_for = "admins";
  outcome.until = later;
  outcome.trouble = "so and so";
  outcome.next = "do this";
  advance(operation, outcome, now);
  CHECK(operation.state == row.state);
  CHECK(operation.step == row.at);
  auto ran = std::find_if(operation.steps.begin(), operation.steps.end(), [&](auto& s) { return s.name == row.step; });
  CHECK(ran->state == row.step_state);
  CHECK(ran->at == now);
  CHECK(ran->evidence == Value(Value::Map{{"records", 7}}));
  CHECK(operation.trouble == "so and so");
  CHECK(operation.next == "do this");
  CHECK(operation.waiting_for == (row.how == How::wait ? "admins" : ""));
  CHECK(operation.waiting_until.has_value() == (row.how == How::wait));
}

TEST_CASE("a run without evidence keeps that of the one before, and its trouble is gone") {
  auto operation = at(State::running);
  operation.steps[1].evidence = Value::Map{{"records", 7}};
  operation.trouble = "not yet";
  advance(operation, Outcome(), now);
  CHECK(step(operation, 1).evidence == Value(Value::Map{{"records", 7}}));
  CHECK(operation.trouble.empty());
}

TEST_CASE("a step that the operation does not have fails it with a sentence") {
  auto operation = at(State::running, "dance");
  advance(operation, Outcome(), now);
  CHECK(operation.state == State::failed);
  CHECK(operation.trouble == "there is no step \"dance\" in test.errand");
  CHECK_FALSE(operation.next.empty());
}

TEST_CASE("only another run of a step is paused for, and never for nothing") {
  auto pause = [](How how, Duration after) {
    Outcome outcome;
    outcome.how = how;
    outcome.after = after;
    return pause_after(outcome);
  };
  CHECK(pause(How::again, std::chrono::seconds(5)) == std::chrono::seconds(5));
  CHECK(pause(How::again, Duration(0)) == std::chrono::milliseconds(100));
  CHECK(pause(How::done, std::chrono::seconds(5)) == Duration(0));
}

TEST_CASE("what may be resumed, and where it goes on") {
  struct Row {
    State state;
    std::string reason;
    std::string at;
  };
  auto row = GENERATE(values<Row>({
      {State::waiting, "ok", "settle"},  // the yes is what the step was for
      {State::failed, "ok", "act"},
      {State::unknown, "ok", "act"},
      {State::running, "OPERATION_RUNNING", "act"},
      {State::done, "OPERATION_OVER", "act"},
      {State::aborted, "OPERATION_OVER", "act"},
  }));
  INFO(state_name(row.state));
  auto operation = at(row.state);
  CHECK(reason(resume(operation, "user/root", now)) == row.reason);
  CHECK(operation.step == row.at);
  if (row.reason != "ok") {
    CHECK(operation.state == row.state);
    return;
  }
  CHECK(operation.state == State::running);
  CHECK(operation.trouble.empty());
  CHECK_FALSE(operation.waiting_until);
  auto answered = Value(Value::Map{{"answeredBy", "user/root"}});
  CHECK(step(operation, 1).evidence == (row.state == State::waiting ? answered : Value()));
  CHECK(step(operation, 1).state == (row.state == State::waiting ? Step::State::done : Step::State::open));
}

TEST_CASE("an answer keeps what the step had found out") {
  auto operation = at(State::waiting);
  operation.steps[1].evidence = Value::Map{{"topics", 3}};
  REQUIRE(resume(operation, "user/root", now));
  CHECK(step(operation, 1).evidence == Value(Value::Map{{"topics", 3}, {"answeredBy", "user/root"}}));
}

TEST_CASE("a yes to the last step ends the operation") {
  auto operation = at(State::waiting, "settle");
  REQUIRE(resume(operation, "user/root", now));
  CHECK(operation.state == State::done);
  CHECK(operation.step.empty());
}

TEST_CASE("a yes that comes after the date is refused, and says which date") {
  auto operation = at(State::waiting);
  auto late = resume(operation, "user/root", later);
  REQUIRE_FALSE(late);
  CHECK(late.error().reason == "OPERATION_OVER");
  CHECK(late.error().code == Code::conflict);
  CHECK(late.error().message.find("waited for admins until 2026-11-21T09:00:00Z") != std::string::npos);
}

TEST_CASE("what has not ended can be called off, and says by whom and why") {
  for (auto state : {State::waiting, State::running, State::failed, State::unknown}) {
    INFO(state_name(state));
    auto operation = at(state);
    REQUIRE(call_off(operation, "user/root", "not yours"));
    CHECK(operation.state == State::aborted);
    CHECK(operation.step == "act");
    CHECK(operation.trouble == "ended by user/root: not yours");
    CHECK_FALSE(operation.waiting_until);
  }
  for (auto state : {State::done, State::aborted}) {
    auto operation = at(state);
    CHECK(reason(call_off(operation, "user/root", "")) == "OPERATION_OVER");
  }
}

TEST_CASE("one that waits is ended at its date and not before") {
  auto operation = at(State::waiting);
  CHECK_FALSE(expire(operation, later - Duration(1)));
  CHECK(operation.state == State::waiting);
  CHECK(expire(operation, later));
  CHECK(operation.state == State::aborted);
  CHECK(operation.trouble == "no answer of admins came until 2026-11-21T09:00:00Z");
  CHECK_FALSE(operation.waiting_until);
  auto running = at(State::running);
  CHECK_FALSE(expire(running, later));
}

TEST_CASE("states have names that are read back") {
  for (auto state : {State::waiting, State::running, State::done, State::failed, State::unknown, State::aborted}) {
    CHECK(parse_state(state_name(state)) == state);
    CHECK(is_over(state) == (state == State::done || state == State::aborted));
  }
}

TEST_CASE("the trail tells of an operation on its target") {
  NewOperation wish;
  wish.kind = "test.errand";
  wish.target = Ref{"stream", "prod", "orders.placed"};
  wish.team = "checkout";
  wish.parameters = Value::Map{{"records", 7}};
  wish.steps = {"look"};
  wish.actor = "user/bob";
  wish.reason = "no longer read";
  wish.plan_id = "pl-1";
  auto event = begun_event(wish, "op-1", "r-1");
  CHECK(event.verb == "operation.begun");
  CHECK(event.actor == "user/bob");
  CHECK(event.object.text() == "stream/prod/orders.placed");
  CHECK(event.team == "checkout");
  CHECK(event.reason == "no longer read");
  CHECK(event.request_id == "r-1");
  CHECK(event.plan_id == "pl-1");
  CHECK(event.after.as_map()->at("operation") == Value("op-1"));
  CHECK(event.after.as_map()->at("parameters") == wish.parameters);
  auto before = at(State::running), after = at(State::failed);
  auto changed = changed_event(before, after);
  CHECK(changed.verb == "operation.failed");
  CHECK(changed.actor == "edad");
  CHECK(changed.before.as_map()->at("state") == Value("running"));
  CHECK(changed.after.as_map()->at("message") == Value("it went wrong"));
}
