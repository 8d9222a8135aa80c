#pragma once
// history, rollback: an object's generations, and the way back to one.

#include <vector>

#include "cli/command.h"

namespace eda::cli {

std::vector<Command> history_commands();

}  // namespace eda::cli
