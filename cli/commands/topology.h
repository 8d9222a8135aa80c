#pragma once
// How services and streams hang together: topology render, upstream, downstream, cycles, orphans.

#include "cli/command.h"
#include "platform/core/name.h"

namespace eda::cli {

Command topology_command();
/// topology render.
Command topology_render_command();
/// `service/NAME`, `stream/NAME`, `stream/CLUSTER/NAME`, or a name alone, which edad finds among both.
Result<Ref> parse_node(const std::string& text, const std::string& cluster);

}  // namespace eda::cli
