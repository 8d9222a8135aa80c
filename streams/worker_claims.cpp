#include "streams/worker_claims.h"

#include <fmt/format.h>

#include "catalog/actions.h"
#include "catalog/actions_answered.h"
#include "streams/kafka.h"

namespace eda::streams {

using operations::Operation;
using operations::Outcome;

std::vector<Outcome> AdoptionRunner::run(const std::string& step, const std::vector<Operation>& operations) {
  std::vector<Outcome> outcomes;
  for (auto& operation : operations) {
    outcomes.push_back(step == "approve" ? wait_for_admins(operation) : adopt(operation));
  }
  return outcomes;
}

Outcome AdoptionRunner::adopt(const Operation& operation) {
  auto claimed = claimed_of(operation);
  auto restored = streams_.restored_at(claimed.cluster);
  if (!restored) return catalog::trouble_of(operation, restored.error());
  if (*restored && operation.answered_at <= **restored) return ask_anew(operation, **restored);
  return catalog::carry_out(
      engine_, operation,
      {.subject = claimed.approved_by,
       .plan_id = claimed.plan_id,
       .plan =
           [&](const identity::Actor& actor, const std::string& reason) {
             return streams_.plan_adoption(actor, {"", reason, claimed.cluster, claimed.topics, claimed.team});
           },
       .evidence = {{"adopted", static_cast<std::int64_t>(claimed.topics.size())}}});
}

Result<> AdoptionRunner::may(pg::Tx& tx, const identity::Actor& actor, const Operation& operation, Act act) {
  auto standing = catalog::standing_of(tx, actor);
  if (standing.admin) return {};
  if (act == Act::resume) return fail(catalog::errors::admins_only(operation.target, "adopt"));
  if (actor.subject == operation.actor || standing.in(operation.team) == catalog::TeamRole::lead) return {};
  return fail(
      catalog::errors::not_yours(operation.target, "give up the claim for", catalog::store::team(tx, operation.team)));
}

}  // namespace eda::streams
