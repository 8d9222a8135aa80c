#pragma once
// edactl as a whole: its commands, the flags that mean the same everywhere, help, and what a typo gets.

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/terminal.h"

namespace eda::cli {

/// Every command, in the order in which help lists them.
std::vector<Command> all_commands();

/// The help of a command by its words ("stream", "set"; none: the program's) on a terminal of so many columns. Errors:
/// invalid USAGE where they are no command.
Result<std::string> help_text(const std::vector<std::string>& words, std::size_t width);

/// Reads the arguments (without the program's name), runs the command, and returns the exit code.
int run_app(const std::vector<std::string>& arguments, Terminal& terminal, const Environment& environment);

}  // namespace eda::cli
