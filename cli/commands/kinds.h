#pragma once
// explain, new, api-resources: what can be written in a manifest. Read from the kinds' tables, without a server.

#include <vector>

#include "cli/command.h"

namespace eda::cli {

std::vector<Command> kind_commands();

}  // namespace eda::cli
