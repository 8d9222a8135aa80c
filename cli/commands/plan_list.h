#pragma once
// Plans are no manifest kind, but are looked at by the same verbs: get plans, describe plan ID.

#include <string>
#include <vector>

#include "cli/exit.h"
#include "cli/session.h"

namespace eda::cli {

bool is_plans(const std::string& kinds);

struct PlanSelection {
  std::vector<std::string> ids;  ///< only these
  std::string state, actor;
  enum class Which { changing, all } which = Which::changing;
};
/// The newest first. Those that are named are shown whatever they change.
Result<Exit> get_plans(Session& session, const PlanSelection& selection);
/// What it is, and its changes.
Result<Exit> describe_plan(Session& session, const std::string& id);

}  // namespace eda::cli
