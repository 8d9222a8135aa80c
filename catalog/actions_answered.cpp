#include "catalog/actions_answered.h"

#include <fmt/format.h>

namespace eda::catalog {

using operations::Operation;
using operations::Outcome;

namespace {

Outcome again(Duration after, Value evidence) {
  Outcome outcome;
  outcome.how = Outcome::How::again;
  outcome.after = after;
  outcome.evidence = std::move(evidence);
  return outcome;
}

}  // namespace

Outcome trouble_of(const Operation& operation, const Error& error) {
  Outcome outcome;
  bool stale = error.code == Code::stale;
  outcome.how = stale || operations::may_pass(error) ? Outcome::How::again : Outcome::How::failed;
  outcome.after = std::chrono::seconds(stale ? 1 : 5);
  if (stale) outcome.evidence = Value::Map{};
  outcome.trouble = error.message;
  outcome.next = outcome.how == Outcome::How::again
                     ? "it is tried again"
                     : fmt::format("edactl operation resume {} tries again; abort gives it up", operation.id);
  return outcome;
}

Result<identity::Actor> deputy_of(const std::string& subject, const std::string& request_id) {
  EDA_ASSIGN(auto who, identity::parse_subject(subject));
  identity::Actor actor;
  actor.subject = subject;
  actor.kind = who.kind;
  actor.name = who.name;
  actor.team = who.team;
  actor.roles = {identity::Role::admin};
  actor.scopes = {identity::Scope::read, identity::Scope::write, identity::Scope::administer};
  actor.request_id = request_id;
  return actor;
}

Outcome carry_out(plans::Engine& engine, const Operation& operation, Answered answered) {
  auto actor = deputy_of(answered.subject, operation.id);
  if (!actor) return trouble_of(operation, actor.error());
  auto reason = fmt::format("{} asked for it ({}){}{}", operation.actor, operation.id,
                            operation.reason.empty() ? "" : ": ", operation.reason);
  if (answered.plan_id.empty()) {
    auto plan = answered.plan(*actor, reason);
    if (!plan) return trouble_of(operation, plan.error());
    return again(Duration(0), Value::Map{{"plan", plan->summary.id}});
  }
  auto applied = engine.apply(*actor, plans::ApplyInput{"", "", answered.plan_id, reason, {}});
  if (!applied) return trouble_of(operation, applied.error());
  Outcome outcome;
  answered.evidence.insert_or_assign("plan", answered.plan_id);
  outcome.evidence = std::move(answered.evidence);
  return outcome;
}

}  // namespace eda::catalog
