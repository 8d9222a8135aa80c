#include "topology/selection.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace eda::topology {

namespace {

constexpr std::uint32_t outside = std::numeric_limits<std::uint32_t>::max();

// How far each node is from what was asked for; `outside` where it does not belong to it.
std::vector<std::uint32_t> distances(const Graph& graph, const Selection& selection) {
  using Of = Selection::Of;
  auto count = graph.nodes().size();
  if (selection.of == Of::everything) return std::vector<std::uint32_t>(count, 0);
  std::vector<std::uint32_t> far(count, outside);
  if (selection.of == Of::around) {
    far[selection.centre] = 0;
    auto take = [&](Direction direction, std::uint32_t hops) {
      if (hops == 0) return;
      for (auto& reached : reach(graph, selection.centre, direction, hops))
        far[reached.node] = std::min(far[reached.node], reached.hops);
    };
    take(Direction::upstream, selection.up);
    take(Direction::downstream, selection.down);
    return far;
  }
  for (NodeIndex at = 0; at < count; ++at) {
    auto& node = graph.node(at);
    if ((selection.of == Of::team ? node.team : node.domain) == selection.name) far[at] = 0;
  }
  for (auto& edge : graph.edges()) {
    if (far[edge.from] == 0 && far[edge.to] == outside) far[edge.to] = 1;
    if (far[edge.to] == 0 && far[edge.from] == outside) far[edge.from] = 1;
  }
  return far;
}

}  // namespace

Part select(const Graph& graph, const Selection& selection) {
  auto far = distances(graph, selection);
  std::vector<NodeIndex> chosen;
  for (NodeIndex at = 0; at < far.size(); ++at) {
    if (far[at] != outside) chosen.push_back(at);
  }
  Part part;
  part.nodes_in_all = chosen.size();
  for (auto& edge : graph.edges()) part.edges_in_all += far[edge.from] != outside && far[edge.to] != outside;
  if (selection.limit != 0 && chosen.size() > selection.limit) {
    auto nearer = [&](NodeIndex a, NodeIndex b) {
      return std::tuple(far[a], graph.degree(b), a) < std::tuple(far[b], graph.degree(a), b);
    };
    auto last = chosen.begin() + static_cast<std::ptrdiff_t>(selection.limit);
    std::nth_element(chosen.begin(), last, chosen.end(), nearer);
    chosen.erase(last, chosen.end());
    std::sort(chosen.begin(), chosen.end());
  }
  std::vector<NodeIndex> place(far.size(), outside);
  std::vector<Node> nodes;
  for (auto at : chosen) {
    place[at] = static_cast<NodeIndex>(nodes.size());
    nodes.push_back(graph.node(at));
  }
  std::vector<Edge> edges;
  for (auto edge : graph.edges()) {
    edge.from = place[edge.from];
    edge.to = place[edge.to];
    if (edge.from != outside && edge.to != outside) edges.push_back(std::move(edge));
  }
  if (selection.of == Selection::Of::around) part.centre = place[selection.centre];
  part.graph = Graph(std::move(nodes), std::move(edges));
  return part;
}

}  // namespace eda::topology
