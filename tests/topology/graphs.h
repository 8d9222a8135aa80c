#pragma once
// Small graphs, written as people think of them.

#include <map>
#include <string>
#include <vector>

#include "topology/topology.h"

namespace eda::test {

/// Streams have a dot in their name and stand on cluster "local"; everything else is a service. "a>s.x" is a writing or
/// reading edge by what stands on which side.
struct Sketch {
  std::vector<topology::Node> nodes;
  std::vector<topology::Edge> edges;
  std::map<std::string, topology::NodeIndex> places;

  topology::NodeIndex node(const std::string& name) {
    auto [place, fresh] = places.try_emplace(name, static_cast<topology::NodeIndex>(nodes.size()));
    if (fresh) {
      topology::Node made;
      bool stream = name.find('.') != std::string::npos;
      made.kind = stream ? topology::NodeKind::stream : topology::NodeKind::service;
      made.visibility = stream ? topology::Visibility::protected_ : topology::Visibility::none;
      if (stream) made.cluster = "local";
      made.name = name;
      made.team = "team";
      nodes.push_back(std::move(made));
    }
    return place->second;
  }
  Sketch& flow(const std::string& from, const std::string& to) {
    auto begin = node(from), end = node(to);
    bool writes = nodes[begin].kind == topology::NodeKind::service;
    edges.push_back({begin, end, writes ? topology::EdgeKind::writes : topology::EdgeKind::reads, writes ? "" : to});
    return *this;
  }
  Sketch& alone(const std::string& name) { return node(name), *this; }
  topology::Node& at(const std::string& name) { return nodes[node(name)]; }
  topology::Graph graph() const { return topology::Graph(nodes, edges); }
};

/// "a>s.x>b>s.y" is a chain.
inline Sketch sketch(const std::vector<std::string>& chains) {
  Sketch out;
  for (auto& chain : chains) {
    std::string before;
    for (std::size_t begin = 0; begin <= chain.size();) {
      auto end = std::min(chain.find('>', begin), chain.size());
      auto name = chain.substr(begin, end - begin);
      out.alone(name);
      if (!before.empty()) out.flow(before, name);
      before = name;
      begin = end + 1;
    }
  }
  return out;
}

inline std::string name_at(const topology::Graph& graph, topology::NodeIndex at) {
  return graph.node(at).name;
}

inline topology::NodeIndex place_of(const topology::Graph& graph, const std::string& name) {
  return topology::find(graph, Ref{"", "", name}).value();
}

}  // namespace eda::test
