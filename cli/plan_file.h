#pragma once
// A plan as a file, so that what one machine has shown another one applies (docs/ci.md has its shape).

#include <string>

#include "cli/plan_words.h"
#include "cli/session.h"

namespace eda::cli {

/// What a plan's file says that decides: whose plan it is, and exactly which.
struct PlanFile {
  std::string server;
  eda::plans::v1::Plan plan;
};

/// Errors: invalid PLAN_FILE (no plan, another version of its shape, cut off or damaged), each with the next step.
Result<PlanFile> parse_plan_file(const std::string& name, const std::string& text);

/// Whole or not at all: beside the file, then renamed over it.
Result<> write_plan_file(Session& session, const WholePlan& plan, const std::string& path);

/// The plan that the file names as the server has it. Errors: conflict PLAN_ANOTHER when the server's is not the
/// file's, stale PLAN_ENDED when it cannot be applied any more, not_found with the server that it was made on.
Result<WholePlan> load_plan(Session& session, const std::string& path);

}  // namespace eda::cli
