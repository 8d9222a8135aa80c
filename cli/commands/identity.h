#pragma once
// login, logout, whoami; user …; token ….

#include <vector>

#include "cli/command.h"

namespace eda::cli {

/// login, logout, whoami and token.
std::vector<Command> identity_commands();
Command user_command();

}  // namespace eda::cli
