#pragma once
// cluster health|manage|observe.

#include "cli/command.h"

namespace eda::cli {

Command cluster_command();
/// cluster import.
Command cluster_import_command();

}  // namespace eda::cli
