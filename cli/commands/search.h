#pragma once
// `edactl search`.

#include <vector>

#include "cli/command.h"

namespace eda::cli {

std::vector<Command> search_commands();

}  // namespace eda::cli
