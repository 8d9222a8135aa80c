#pragma once
// Sends a plan's Apply, and finds out what became of it when the answer got lost.

#include <string>
#include <vector>

#include "cli/session.h"
#include "eda/plans/v1/plans.pb.h"

namespace eda::cli {

/// Errors: those of the server; unknown_outcome OUTCOME_UNKNOWN when the connection broke after sending and edad could
/// not be asked again until the deadline. Repeating is safe: the request id is the same, so it is done once.
Result<eda::plans::v1::Plan> apply_plan(Session& session, const eda::plans::v1::Plan& plan,
                                        const std::vector<std::string>& confirmed);

}  // namespace eda::cli
