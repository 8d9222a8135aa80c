#pragma once
// The acts of streams: stream adopt, set, tag, untag, deprecate, drift.

#include "cli/command.h"

namespace eda::cli {

Command stream_command();
/// stream drift, with accept and repair.
Command drift_command();
/// stream set.
Command stream_set_command();
/// stream tag, untag and deprecate.
Command stream_tag_command();
Command stream_untag_command();
Command stream_deprecate_command();

}  // namespace eda::cli
