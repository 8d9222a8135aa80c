#pragma once
// get, describe, export: what exists and whose it is.

#include <vector>

#include "cli/command.h"

namespace eda::cli {

std::vector<Command> catalog_commands();

}  // namespace eda::cli
