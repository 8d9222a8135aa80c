#pragma once
// `edactl completion SHELL` prints a script; the script asks `edactl __complete`.

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/terminal.h"

namespace eda::cli {

Command completion_command();

/// `__complete -- WORD...` or `__complete --line LINE`: the last word is the one under the cursor. Writes a line for
/// each candidate, `word<TAB>what it is`, then `:` with "files", "folders" or "none", and "nospace" where the word goes
/// on.
Exit print_completions(const std::vector<Command>& commands, const std::vector<std::string>& arguments,
                       Terminal& terminal, const Environment& environment);

}  // namespace eda::cli
