#pragma once
// Which part of the graph is asked for, and how much of it is shown: a whole estate is no picture.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "topology/topology.h"

namespace eda::topology {

inline constexpr std::size_t default_nodes = 300;      ///< a picture that people can read
inline constexpr std::size_t max_drawn_nodes = 5'000;  ///< the largest that is drawn
inline constexpr std::uint32_t default_hops = 4;       ///< two services away

struct Selection {
  enum class Of { everything, team, domain, around };
  Of of = Of::everything;
  std::string name = {};  ///< of the team or domain
  NodeIndex centre = 0;   ///< around
  std::uint32_t up = default_hops;
  std::uint32_t down = default_hops;
  std::size_t limit = default_nodes;  ///< of nodes; 0: all
};

/// What was selected, as a graph of its own.
struct Part {
  Graph graph;
  std::optional<NodeIndex> centre;  ///< in `graph`
  std::size_t nodes_in_all = 0;     ///< before the limit
  std::size_t edges_in_all = 0;

  bool whole() const { return graph.nodes().size() == nodes_in_all; }
};

/// A team or a domain: what belongs to it, and what stands one edge beside that. Around a node: what it is reached from
/// in `up` hops and reaches in `down`. Where the limit leaves something out, the nearest stay, and of those the ones
/// with the most edges. All edges between what stays are kept.
Part select(const Graph& graph, const Selection& selection);

}  // namespace eda::topology
