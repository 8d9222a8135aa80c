#pragma once
// version, and what --version says.

#include <string>

#include "cli/command.h"

namespace eda::cli {

/// A line.
std::string version_text();
Command version_command();

}  // namespace eda::cli
