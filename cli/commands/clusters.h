#pragma once
// cluster health|manage|observe.

#include "cli/command.h"

namespace eda::cli {

Command cluster_command();

}  // namespace eda::cli
