#pragma once
// `edactl __reference FOLDER`, which tools/reference calls: the pages of cli/reference as files.

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/terminal.h"

namespace eda::cli {

/// Errors: invalid USAGE without exactly one folder, unavailable FILE_UNWRITABLE.
Result<Exit> print_reference(const std::vector<Command>& commands, const std::vector<std::string>& arguments,
                             Terminal& terminal);

}  // namespace eda::cli
