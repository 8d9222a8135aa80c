#include "topology/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>

#include "platform/text/distance.h"
#include "platform/text/unicode.h"

namespace eda::topology {

std::string_view kind_word(NodeKind kind) {
  return kind == NodeKind::service ? "service" : "stream";
}

std::string_view visibility_word(Visibility visibility) {
  switch (visibility) {
    case Visibility::private_:
      return "private";
    case Visibility::protected_:
      return "protected";
    case Visibility::public_:
      return "public";
    case Visibility::none:
      break;
  }
  return "";
}

Visibility parse_visibility(std::string_view word) {
  if (word == "private") return Visibility::private_;
  return word == "public" ? Visibility::public_ : Visibility::protected_;
}

std::string_view edge_word(EdgeKind kind) {
  return kind == EdgeKind::writes ? "writes" : "reads";
}

std::string_view orphan_word(OrphanKind kind) {
  switch (kind) {
    case OrphanKind::no_writer:
      return "no-writer";
    case OrphanKind::no_reader:
      return "no-reader";
    case OrphanKind::no_edge:
      return "no-edge";
    case OrphanKind::no_owner:
      break;
  }
  return "no-owner";
}

bool Node::tagged(std::string_view tag) const {
  return std::binary_search(tags.begin(), tags.end(), tag);
}

namespace {

auto key(const Node& node) {
  return std::tie(node.kind, node.cluster, node.name);
}

}  // namespace

Graph::Graph(std::vector<Node> nodes, std::vector<Edge> edges) : edges_(std::move(edges)) {
  std::vector<NodeIndex> order(nodes.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](NodeIndex a, NodeIndex b) { return key(nodes[a]) < key(nodes[b]); });
  std::vector<NodeIndex> place(nodes.size());
  nodes_.reserve(nodes.size());
  for (auto old : order) {
    if (nodes_.empty() || key(nodes_.back()) != key(nodes[old])) nodes_.push_back(std::move(nodes[old]));
    place[old] = static_cast<NodeIndex>(nodes_.size() - 1);
  }
  for (auto& node : nodes_) std::sort(node.tags.begin(), node.tags.end());
  for (auto& edge : edges_) {
    edge.from = place.at(edge.from);
    edge.to = place.at(edge.to);
  }
  std::sort(edges_.begin(), edges_.end());
  edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
  index();
}

// Edges are sorted by where they begin, so those that leave a node stand in a row; those that arrive are counted.
void Graph::index() {
  auto count = nodes_.size();
  out_begin_.assign(count + 1, 0);
  in_begin_.assign(count + 1, 0);
  for (auto& edge : edges_) {
    ++out_begin_[edge.from + 1];
    ++in_begin_[edge.to + 1];
  }
  std::partial_sum(out_begin_.begin(), out_begin_.end(), out_begin_.begin());
  std::partial_sum(in_begin_.begin(), in_begin_.end(), in_begin_.begin());
  out_.resize(edges_.size());
  std::iota(out_.begin(), out_.end(), 0);
  in_.resize(edges_.size());
  auto next = in_begin_;
  for (EdgeIndex at = 0; at < edges_.size(); ++at) in_[next[edges_[at].to]++] = at;
}

namespace errors {

Error object_unknown(const Ref& ref, const std::string& hint) {
  auto what = ref.kind.empty() ? fmt::format("no service and no stream is called {}", text::printable(ref.name))
                               : fmt::format("there is no {}", text::printable(ref.text()));
  return Error(Code::not_found, "OBJECT_UNKNOWN", what,
               hint.empty() ? "edactl get services, edactl get streams" : hint);
}

Error name_ambiguous(const std::string& name, const std::vector<Ref>& candidates) {
  std::vector<std::string> texts;
  for (auto& ref : candidates) texts.push_back(ref.text());
  return Error(Code::invalid, "NAME_AMBIGUOUS",
               fmt::format("{} may be {}", text::printable(name), fmt::join(texts, " or ")),
               "write which: " + texts.front());
}

}  // namespace errors

Result<NodeIndex> find(const Graph& graph, const Ref& wanted) {
  auto fits = [&](const Node& node) { return wanted.kind.empty() || kind_word(node.kind) == wanted.kind; };
  std::vector<NodeIndex> found;
  for (NodeIndex at = 0; at < graph.nodes().size(); ++at) {
    auto& node = graph.node(at);
    bool elsewhere = node.kind == NodeKind::stream && !wanted.cluster.empty() && node.cluster != wanted.cluster;
    if (node.name == wanted.name && fits(node) && !elsewhere) found.push_back(at);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    std::vector<std::string> names;
    for (auto& node : graph.nodes()) {
      if (fits(node)) names.push_back(node.name);
    }
    return fail(errors::object_unknown(wanted, text::did_you_mean(wanted.name, names)));
  }
  std::vector<Ref> candidates;
  for (auto at : found) candidates.push_back(graph.node(at).ref());
  return fail(errors::name_ambiguous(wanted.name, candidates));
}

Graph on_cluster(const Graph& graph, const std::string& cluster) {
  auto stays = [&](const Node& node) {
    return cluster.empty() || node.kind == NodeKind::service || node.cluster == cluster;
  };
  if (std::all_of(graph.nodes().begin(), graph.nodes().end(), stays)) return graph;
  std::vector<Node> nodes;
  std::vector<NodeIndex> place(graph.nodes().size(), 0);
  for (NodeIndex at = 0; at < graph.nodes().size(); ++at) {
    if (!stays(graph.node(at))) continue;
    place[at] = static_cast<NodeIndex>(nodes.size());
    nodes.push_back(graph.node(at));
  }
  std::vector<Edge> edges;
  for (auto edge : graph.edges()) {
    if (!stays(graph.node(edge.from)) || !stays(graph.node(edge.to))) continue;
    edge.from = place[edge.from];
    edge.to = place[edge.to];
    edges.push_back(std::move(edge));
  }
  return Graph(std::move(nodes), std::move(edges));
}

std::vector<Reached> reach(const Graph& graph, NodeIndex from, Direction direction, std::uint32_t hops) {
  std::vector<Reached> found{{from, 0}};
  std::vector<bool> seen(graph.nodes().size(), false);
  seen[from] = true;
  for (std::size_t at = 0; at < found.size(); ++at) {
    auto here = found[at];
    if (hops != 0 && here.hops == hops) break;
    bool down = direction == Direction::downstream;
    for (auto edge : down ? graph.out(here.node) : graph.in(here.node)) {
      auto next = down ? graph.edge(edge).to : graph.edge(edge).from;
      if (seen[next]) continue;
      seen[next] = true;
      found.push_back({next, here.hops + 1});
    }
  }
  found.erase(found.begin());
  std::sort(found.begin(), found.end(),
            [](const Reached& a, const Reached& b) { return std::tie(a.hops, a.node) < std::tie(b.hops, b.node); });
  return found;
}

std::vector<Orphan> orphans(const Graph& graph) {
  auto is = [&](OrphanKind kind, NodeIndex at) {
    auto& node = graph.node(at);
    bool stream = node.kind == NodeKind::stream;
    switch (kind) {
      case OrphanKind::no_writer:
        return stream && graph.in(at).empty();
      case OrphanKind::no_reader:
        return stream && graph.out(at).empty();
      case OrphanKind::no_edge:
        return !stream && graph.degree(at) == 0;
      case OrphanKind::no_owner:
        break;
    }
    return node.team.empty();
  };
  std::vector<Orphan> found;
  for (auto kind : {OrphanKind::no_writer, OrphanKind::no_reader, OrphanKind::no_edge, OrphanKind::no_owner}) {
    for (NodeIndex at = 0; at < graph.nodes().size(); ++at) {
      if (is(kind, at)) found.push_back({kind, at});
    }
  }
  return found;
}

}  // namespace eda::topology
