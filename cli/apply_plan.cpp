#include "cli/apply_plan.h"

#include <fmt/format.h>

#include <thread>

#include "cli/terminal.h"
#include "eda/plans/v1/plans.grpc.pb.h"
#include "platform/process/request_id.h"

namespace eda::cli {

namespace v1 = eda::plans::v1;
using v1::PlanService;

namespace {

// Errors after which nobody can say whether the plan was applied.
bool in_doubt(const Error& error) {
  return error.code == Code::unknown_outcome || error.code == Code::unavailable || error.code == Code::timeout;
}

Error outcome_unknown(const std::string& plan_id, const Error& last) {
  return Error(Code::unknown_outcome, "OUTCOME_UNKNOWN",
               fmt::format("whether plan {} was applied is not known: the answer was lost, and asking again gave {}",
                           plan_id, last.reason),
               "when edad answers again, edactl get shows what holds; applying the same manifests again does no harm");
}

Error ended(const v1::Plan& plan) {
  return Error(Code::stale, "PLAN_ENDED", fmt::format("plan {} is {}; it was not applied", plan.id(), plan.state()),
               "plan again and look at the difference");
}

}  // namespace

Result<v1::Plan> apply_plan(Session& session, const v1::Plan& plan, const std::vector<std::string>& confirmed) {
  v1::ApplyRequest request;
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  request.set_plan_id(plan.id());
  request.mutable_confirm()->Add(confirmed.begin(), confirmed.end());
  v1::GetPlanRequest question;
  question.set_plan_id(plan.id());

  interrupt::note(fmt::format("plan {} was sent; whether it was applied, edactl get shows", plan.id()));
  auto applied = session.call(&PlanService::Stub::Apply, request);
  if (!applied && in_doubt(applied.error())) {
    session.terminal().say(fmt::format("{}; asking edad whether the plan was applied", applied.error().message));
  }
  while (!applied && in_doubt(applied.error())) {
    if (session.deadline().passed()) return fail(outcome_unknown(plan.id(), applied.error()));
    std::this_thread::sleep_for(std::min(std::chrono::milliseconds(250), session.deadline().left()));
    auto now = session.call(&PlanService::Stub::GetPlan, question, std::chrono::seconds(5));
    if (!now) {
      if (!in_doubt(now.error())) return fail(outcome_unknown(plan.id(), now.error()));
      continue;
    }
    if (now->plan().state() == "applied") return std::move(*now->mutable_plan());
    if (now->plan().state() != "open") return fail(ended(now->plan()));
    applied = session.call(&PlanService::Stub::Apply, request);
  }
  if (!applied) {
    interrupt::note({});
    return fail(std::move(applied).error());
  }
  return std::move(*applied->mutable_plan());
}

}  // namespace eda::cli
