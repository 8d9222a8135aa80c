#include "catalog/worker_transfers.h"

#include <fmt/format.h>

#include "catalog/actions.h"
#include "catalog/actions_answered.h"

namespace eda::catalog {

using operations::Operation;
using operations::Outcome;

std::vector<Outcome> TransferRunner::run(const std::string& step, const std::vector<Operation>& operations) {
  std::vector<Outcome> outcomes;
  for (auto& operation : operations) {
    outcomes.push_back(step == "accept" ? wait_for_receiver(operation, transfer_of(operation)) : move(operation));
  }
  return outcomes;
}

Outcome TransferRunner::move(const Operation& operation) {
  auto transfer = transfer_of(operation);
  return carry_out(engine_, operation,
                   {.subject = transfer.accepted_by,
                    .plan_id = transfer.plan_id,
                    .plan = [&](const identity::Actor& actor,
                                const std::string& reason) { return transfers_.plan_move(actor, transfer, reason); },
                    .evidence = {{"from", transfer.from}, {"to", transfer.to}}});
}

Result<> TransferRunner::may(pg::Tx& tx, const identity::Actor& actor, const Operation& operation, Act act) {
  auto transfer = transfer_of(operation);
  auto standing = standing_of(tx, actor);
  if (standing.admin || standing.in(transfer.to) == TeamRole::lead) return {};
  bool gives = actor.subject == operation.actor || standing.in(transfer.from) == TeamRole::lead;
  if (act == Act::abort && gives) return {};
  auto what = act == Act::resume ? "accept" : "decline";
  if (standing.in(transfer.to) != TeamRole::none) return fail(errors::leads_only(operation.target, what, transfer.to));
  auto error = errors::not_yours(operation.target, what, store::team(tx, transfer.to));
  error.message =
      fmt::format("you may not {} {}: it is offered to team/{}", what, operation.target.text(), transfer.to);
  return fail(error);
}

}  // namespace eda::catalog
