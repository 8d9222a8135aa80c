#pragma once
// Graphviz: a drawing to SVG, PNG or DOT. Graphviz is neither safe with threads nor the same twice in one process, and
// hostile input has brought it down: call this in a process of its own (topology/child), once.

#include <string>

#include "platform/core/error.h"
#include "topology/drawing.h"

namespace eda::topology {

/// The same drawing gives the same bytes in every fresh process. Texts are cleaned once more and stand in labels and
/// tooltips only; everything else is ours. Errors: unhealthy DRAWING_FAILED, where Graphviz said so.
Result<std::string> draw(const Drawing& drawing);

}  // namespace eda::topology
