#pragma once
// A part of the topology as Mermaid's flowchart, for pages that draw it themselves.

#include <string>

#include "platform/core/error.h"
#include "topology/selection.h"

namespace eda::topology {

// Beyond these Mermaid draws nothing but a fault, and no diagram may raise them for itself.
inline constexpr std::size_t mermaid_edges = 500;
inline constexpr std::size_t mermaid_bytes = 50'000;

/// Names and tags are escaped, so that whatever they hold is shown and nothing of it is read. Errors: exhausted
/// MERMAID_LIMIT.
Result<std::string> mermaid(const Part& part);

}  // namespace eda::topology
