#pragma once
// A database and a kind of operations, the errand: look, act, settle. What a step comes to is the test's to say.

#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "events/store.h"
#include "identity/actions.h"
#include "operations/actions.h"
#include "operations/store.h"
#include "operations/worker.h"
#include "tests/support/world.h"

namespace eda::test {

using namespace eda::operations;

inline identity::Actor user(std::string name, std::set<identity::Role> roles = {}) {
  identity::Actor actor;
  actor.subject = "user/" + name;
  actor.name = std::move(name);
  actor.roles = std::move(roles);
  actor.scopes = {identity::Scope::read, identity::Scope::write};
  actor.request_id = "call";
  return actor;
}

/// checkout: ada leads, bob is a member; checkout owns order-service.
class Checkout final : public identity::Teams {
 public:
  std::vector<identity::Membership> of(pg::Tx&, const std::string& name) override {
    if (name == "ada") return {{"checkout", "lead"}};
    if (name == "bob") return {{"checkout", "member"}};
    return {};
  }
  bool leads(pg::Tx&, const identity::Actor& actor, const std::string& team) override {
    return actor.subject == "user/ada" && team == "checkout";
  }
  std::string owner_of_service(pg::Tx&, const std::string& service) override {
    return service == "order-service" ? "checkout" : "";
  }
};

/// Leads of the team and admins may; what `act` has begun cannot be undone.
class Errand final : public Runner {
 public:
  explicit Errand(identity::Teams& teams) : teams_(teams) {}

  std::string_view kind() const override { return "test.errand"; }
  std::vector<std::string> steps() const override { return {"look", "act", "settle"}; }

  std::vector<Outcome> run(const std::string& step, const std::vector<Operation>& operations) override {
    {
      std::lock_guard lock(mutex_);
      runs_.push_back({step, {}});
      for (auto& operation : operations) runs_.back().ids.push_back(operation.id);
    }
    if (broken) return broken(step, operations);
    std::vector<Outcome> outcomes;
    for (auto& operation : operations) outcomes.push_back(on[step] ? on[step](operation) : Outcome());
    return outcomes;
  }

  Result<> may(pg::Tx& tx, const identity::Actor& actor, const Operation& operation, Act act) override {
    if (!actor.is_admin() && !teams_.leads(tx, actor, operation.team)) {
      return fail(Code::denied, "NOT_YOURS", "only leads of " + operation.team + " may", "ask user/ada");
    }
    if (act == Act::abort && operation.step != "look") return fail(operations::errors::past_return(operation));
    return {};
  }

  Result<> acted(pg::Tx& tx, const std::string& actor, const Operation& operation, Act act) override {
    tx.exec("INSERT INTO leases (name, holder, epoch, expires_at) VALUES ($1, $2, $3, now())", operation.id, actor,
            act == Act::resume ? 1 : 2);
    return refusal ? Result<>(fail(*refusal)) : Result<>();
  }

  struct Run {
    std::string step;
    std::vector<std::string> ids;
  };
  std::vector<Run> runs() {
    std::lock_guard lock(mutex_);
    return runs_;
  }
  /// How often a step was run, in calls.
  std::size_t calls(const std::string& step) {
    auto all = runs();
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](auto& run) { return run.step == step; }));
  }

  std::map<std::string, std::function<Outcome(const Operation&)>> on;
  std::function<std::vector<Outcome>(const std::string&, const std::vector<Operation>&)> broken;
  std::optional<Error> refusal;  ///< of acted(), after it wrote

 private:
  identity::Teams& teams_;
  std::mutex mutex_;
  std::vector<Run> runs_;
};

inline NewOperation errand(const std::string& name = "orders.placed", const std::string& kind = "test.errand") {
  NewOperation wish;
  wish.kind = kind;
  wish.target = Ref{"stream", "prod", name};
  wish.team = "checkout";
  wish.parameters = Value::Map{{"records", 7}};
  wish.steps = {"look", "act", "settle"};
  wish.actor = "user/bob";
  wish.reason = "no longer read";
  wish.plan_id = "pl-1";
  return wish;
}

struct OperationWorld {
  FreshDatabase database;
  SystemClock clock;
  Checkout teams;
  Errand errand{teams};
  Actions actions{database.pool(), clock, teams, {&errand}};
  Worker worker = work("replica-1");

  pg::Pool& pool() { return database.pool(); }
  Worker work(const std::string& holder) { return Worker(pool(), clock, {&errand}, WorkerOptions{.holder = holder}); }

  template <class Body>
  auto in_tx(Body body) {
    using Out = std::invoke_result_t<Body, pg::Tx&>;
    auto done = pool().transact([&](pg::Tx& tx) -> Result<Out> { return body(tx); });
    if (!done) FAIL(done.error().message);
    return *done;
  }
  std::vector<std::string> begin(const std::vector<NewOperation>& wishes) {
    return in_tx([&](pg::Tx& tx) { return store::begin(tx, wishes); });
  }
  std::string begin() { return begin({test::errand()}).front(); }
  Operation find(const std::string& id) {
    return in_tx([&](pg::Tx& tx) { return *store::find(tx, id); });
  }
  std::vector<store::Claimed> claim(const std::string& holder = "replica-1", int limit = 100,
                                    std::chrono::milliseconds span = std::chrono::seconds(30)) {
    return in_tx([&](pg::Tx& tx) { return store::claim(tx, holder, {"test.errand"}, span, limit); });
  }
  void let_claims_run_out() {
    in_tx([](pg::Tx& tx) {
      tx.exec("UPDATE operations SET held_until = '-infinity'");
      return 0;
    });
  }
  bool write(const store::Claimed& claimed, Duration pause = Duration(0)) {
    return in_tx([&](pg::Tx& tx) { return store::write(tx, {{claimed, pause}}); }).size() == 1;
  }
  /// Verbs, oldest first.
  std::vector<events::Event> trail() {
    auto events = in_tx([&](pg::Tx& tx) { return events::list(tx, {}, PageRequest{1000, ""})->rows; });
    return {events.rbegin(), events.rend()};
  }
  std::vector<std::string> verbs() {
    std::vector<std::string> out;
    for (auto& event : trail()) out.push_back(event.verb);
    return out;
  }
  std::int64_t count(const char* sql) {
    return in_tx([&](pg::Tx& tx) { return tx.exec(sql)[0][0].as<std::int64_t>(); });
  }
  /// Rounds of the worker until one takes nothing.
  void settle() {
    for (int round = 0; worker.step() > 0; ++round) REQUIRE(round < 50);
  }
  template <class Condition>
  static void until(Condition condition) {
    for (auto deadline = Deadline::in(std::chrono::seconds(20)); !condition();) {
      if (deadline.passed()) FAIL("it did not come about in time");
    }
  }
};

inline Outcome outcome(Outcome::How how) {
  Outcome out;
  out.how = how;
  return out;
}
inline Outcome waits(Instant until, std::string whom = "admins") {
  auto out = outcome(Outcome::How::wait);
  out.waiting_for = std::move(whom);
  out.until = until;
  return out;
}

}  // namespace eda::test
