#pragma once
// Where records can come back to where they were: strongly connected parts, and the edges that close their circles.

#include <vector>

#include "topology/topology.h"

namespace eda::topology {

/// Sets of nodes that all reach each other, of two or more (Tarjan). Nodes within a set in order; sets by their first.
std::vector<std::vector<NodeIndex>> cycles(const Graph& graph);

/// Edges without which there is no circle, in order: few, though not always the fewest (the greedy of Eades, Lin and
/// Smyth, within each set of `cycles`). Where every stream has one writer they are all reads.
std::vector<EdgeIndex> feedback_edges(const Graph& graph);

}  // namespace eda::topology
