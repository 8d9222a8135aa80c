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
};
/// The newest first.
Result<Exit> get_plans(Session& session, const PlanSelection& selection);
/// What it is, and its changes.
Result<Exit> describe_plan(Session& session, const std::string& id);

}  // namespace eda::cli
