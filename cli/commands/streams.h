#pragma once
// stream adopt.

#include "cli/command.h"

namespace eda::cli {

Command stream_command();

}  // namespace eda::cli
