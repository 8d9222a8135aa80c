#pragma once
// A part of the topology as text for a terminal: each node once, with what follows from it below and to the right.

#include <cstddef>
#include <string>

#include "topology/selection.h"

namespace eda::topology {

/// Lines of at most `width` columns (0: as wide as they are; narrower than 40 is taken as 40). Services stand in
/// brackets. Around a node there are two trees, what leads to it and what follows from it; else there is a tree from
/// each node that nothing leads to. A node that stands above already is named with ↑; one that would stand too far to
/// the right is named with ↓ and begins a tree of its own below. Names are cleaned.
std::string outline(const Part& part, std::size_t width);

}  // namespace eda::topology
