#pragma once
// edactl team: teams renamed and merged.

#include "cli/command.h"

namespace eda::cli {

Command team_command();

}  // namespace eda::cli
