#pragma once
// audit: who changed what, when and why.

#include "cli/command.h"

namespace eda::cli {

Command audit_command();

}  // namespace eda::cli
