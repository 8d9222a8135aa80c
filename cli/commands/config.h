#pragma once
// config get-contexts|use-context|set-context|view.

#include "cli/command.h"

namespace eda::cli {

Command config_command();

}  // namespace eda::cli
