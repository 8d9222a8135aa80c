#pragma once
// The acts of streams: stream adopt, set, drift.

#include "cli/command.h"

namespace eda::cli {

Command stream_command();
/// stream drift, with accept and repair.
Command drift_command();
/// stream set.
Command stream_set_command();

}  // namespace eda::cli
