#pragma once
// How a change goes, whatever asked for it: plan, show, agree, apply exactly that, wait, say how it ended.

#include <string>
#include <vector>

#include "cli/exit.h"
#include "cli/plan_view.h"
#include "cli/session.h"
#include "plans/kind.h"
#include "plans/manifest.h"

namespace CLI {
class App;
}

namespace eda::cli {

struct ChangeOptions {
  bool dry_run = false;
  bool yes = false;
  bool no_wait = false;
  std::vector<std::string> confirm;
};
/// --dry-run, -y, --confirm, --wait/--no-wait.
void declare_change(CLI::App& app, ChangeOptions& options);

/// What every plan's request says: its id, the cluster, the reason. It has no set: a change by hand.
enum class Purpose { look, apply };
Result<eda::plans::v1::PlanRequest> plan_request(Session& session, Purpose purpose);
/// The documents in one Plan call, or staged where they are too many for a message.
Result<WholePlan> plan_documents(Session& session, const std::vector<plans::Document>& documents,
                                 eda::plans::v1::PlanRequest request);
Result<WholePlan> plan_deletions(Session& session, const std::vector<Ref>& deletions, Purpose purpose);
/// Why there is no plan: where time ran out, also that nothing was changed.
Error unplanned(Session& session, Error error);
template <class Response>
Result<Response> while_planning(Session& session, Result<Response> answer) {
  if (answer) return answer;
  return fail(unplanned(session, std::move(answer).error()));
}
/// With the changes that did not fit into the answer.
Result<WholePlan> whole_plan(Session& session, eda::plans::v1::PlanResponse response);

/// The same of a plan that the server has; not_found where it has none.
Result<WholePlan> fetch_plan(Session& session, const std::string& id);

/// The plan on stdout, as -o says.
Result<> show_plan(Session& session, const WholePlan& plan);

/// Shows the plan as a preview and asks; for what is not applied at once. Errors: not agreed, or nobody can be asked.
Result<> agree_to(Session& session, const WholePlan& plan, const ChangeOptions& options);

/// Shows the plan, asks, applies, waits. A dry run ends after showing.
Result<Exit> carry_out(Session& session, const WholePlan& plan, const ChangeOptions& options);

}  // namespace eda::cli
