#include "streams/worker_claims.h"

#include <fmt/format.h>

#include "catalog/actions.h"
#include "streams/kafka.h"

namespace eda::streams {

using operations::Operation;
using operations::Outcome;

namespace {

// Who said yes was an admin then, which the runner has asked.
Result<identity::Actor> admin_of(const Operation& operation, const std::string& subject) {
  EDA_ASSIGN(auto who, identity::parse_subject(subject));
  identity::Actor actor;
  actor.subject = subject;
  actor.kind = who.kind;
  actor.name = who.name;
  actor.team = who.team;
  actor.roles = {identity::Role::admin};
  actor.scopes = {identity::Scope::read, identity::Scope::write, identity::Scope::administer};
  actor.request_id = operation.id;
  return actor;
}

Outcome again(Duration after, Value evidence) {
  Outcome outcome;
  outcome.how = Outcome::How::again;
  outcome.after = after;
  outcome.evidence = std::move(evidence);
  return outcome;
}

// What passes by itself is tried again, and a plan that the world has moved under is made anew.
Outcome failed(const Operation& operation, const Error& error) {
  Outcome outcome;
  bool stale = error.code == Code::stale;
  outcome.how = stale || may_pass(error) ? Outcome::How::again : Outcome::How::failed;
  outcome.after = std::chrono::seconds(stale ? 1 : 5);
  if (stale) outcome.evidence = Value::Map{};
  outcome.trouble = error.message;
  outcome.next = outcome.how == Outcome::How::again
                     ? "it is tried again"
                     : fmt::format("edactl operation resume {} tries again; abort gives it up", operation.id);
  return outcome;
}

}  // namespace

std::vector<Outcome> AdoptionRunner::run(const std::string& step, const std::vector<Operation>& operations) {
  std::vector<Outcome> outcomes;
  for (auto& operation : operations) {
    outcomes.push_back(step == "approve" ? wait_for_admins(operation) : adopt(operation));
  }
  return outcomes;
}

// The plan is kept as evidence before it is applied: run twice, the step finds it applied.
Outcome AdoptionRunner::adopt(const Operation& operation) {
  auto claimed = claimed_of(operation);
  auto restored = streams_.restored_at(claimed.cluster);
  if (!restored) return failed(operation, restored.error());
  if (*restored && operation.answered_at <= **restored) return ask_anew(operation, **restored);
  auto actor = admin_of(operation, claimed.approved_by);
  if (!actor) return failed(operation, actor.error());
  auto reason = fmt::format("{} asked for it ({}){}{}", operation.actor, operation.id,
                            operation.reason.empty() ? "" : ": ", operation.reason);
  if (claimed.plan_id.empty()) {
    auto plan = streams_.plan_adoption(*actor, {"", reason, claimed.cluster, claimed.topics, claimed.team});
    if (!plan) return failed(operation, plan.error());
    return again(Duration(0), Value::Map{{"plan", plan->summary.id}});
  }
  auto applied = engine_.apply(*actor, plans::ApplyInput{"", "", claimed.plan_id, reason, {}});
  if (!applied) return failed(operation, applied.error());
  Outcome outcome;
  outcome.evidence =
      Value::Map{{"plan", claimed.plan_id}, {"adopted", static_cast<std::int64_t>(claimed.topics.size())}};
  return outcome;
}

Result<> AdoptionRunner::may(pg::Tx& tx, const identity::Actor& actor, const Operation& operation, Act act) {
  auto standing = catalog::standing_of(tx, actor);
  if (standing.admin) return {};
  if (act == Act::resume) return fail(catalog::errors::admins_only(operation.target, "adopt"));
  if (actor.subject == operation.actor || standing.in(operation.team) == catalog::TeamRole::lead) return {};
  auto owners = catalog::store::teams(tx, {operation.team});
  auto owner = owners.empty() ? catalog::Owner{operation.team, ""} : owners.begin()->second;
  return fail(catalog::errors::not_yours(operation.target, "give up the claim for", owner));
}

}  // namespace eda::streams
