#pragma once
// apply, plan, validate, delete: the one way in which objects change.

#include <vector>

#include "cli/command.h"

namespace eda::cli {

std::vector<Command> plan_commands();

}  // namespace eda::cli
