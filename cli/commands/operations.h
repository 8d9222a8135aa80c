#pragma once
// operation list|show|resume|abort: acts that are done once, in steps; plans that were applied, too.

#include "cli/command.h"

namespace eda::cli {

Command operation_command();

}  // namespace eda::cli
