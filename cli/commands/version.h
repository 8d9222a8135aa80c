#pragma once
// version.

#include "cli/command.h"

namespace eda::cli {

Command version_command();

}  // namespace eda::cli
