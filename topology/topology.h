#pragma once
// Services and streams as a graph. Edges run as records do: a service writes a stream, a stream is read by a service.
// A value: made once, never changed, so that many threads read one. Everything here is linear in nodes and edges, and
// equal graphs give equal answers in equal order.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/error.h"
#include "platform/core/name.h"

namespace eda::topology {

enum class NodeKind { service, stream };
std::string_view kind_word(NodeKind kind);  ///< "service", "stream": the word of references

enum class Visibility { none, private_, protected_, public_ };  ///< none: of services
std::string_view visibility_word(Visibility visibility);        ///< "", "private", "protected", "public"
/// protected, the default of streams, where the word is none of them.
Visibility parse_visibility(std::string_view word);

struct Node {
  NodeKind kind = NodeKind::service;
  std::string cluster;  ///< of streams; services are global
  std::string name;
  std::string team;  ///< the owner, through the producing service or directly; empty: nobody
  std::string domain;
  Visibility visibility = Visibility::none;
  std::vector<std::string> tags;  ///< sorted

  Ref ref() const { return {std::string(kind_word(kind)), cluster, name}; }
  bool tagged(std::string_view tag) const;
};

enum class EdgeKind { writes, reads };
std::string_view edge_word(EdgeKind kind);  ///< "writes", "reads"

using NodeIndex = std::uint32_t;
using EdgeIndex = std::uint32_t;

struct Edge {
  NodeIndex from = 0;
  NodeIndex to = 0;
  EdgeKind kind = EdgeKind::writes;
  std::string group;  ///< the consumer group of a read

  friend auto operator<=>(const Edge&, const Edge&) = default;
};

class Graph {
 public:
  Graph() = default;
  /// Nodes in any order; edges point into them. Nodes come to stand by kind, cluster and name, edges by their ends;
  /// what stands twice is kept once.
  Graph(std::vector<Node> nodes, std::vector<Edge> edges);

  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Edge>& edges() const { return edges_; }
  const Node& node(NodeIndex at) const { return nodes_[at]; }
  const Edge& edge(EdgeIndex at) const { return edges_[at]; }

  /// Edges that leave a node, in order; and those that arrive.
  std::span<const EdgeIndex> out(NodeIndex at) const { return slice(out_, out_begin_, at); }
  std::span<const EdgeIndex> in(NodeIndex at) const { return slice(in_, in_begin_, at); }
  std::size_t degree(NodeIndex at) const { return out(at).size() + in(at).size(); }

 private:
  static std::span<const EdgeIndex> slice(const std::vector<EdgeIndex>& list, const std::vector<std::uint32_t>& begin,
                                          NodeIndex at) {
    return std::span(list).subspan(begin[at], begin[at + 1] - begin[at]);
  }
  void index();

  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  std::vector<EdgeIndex> out_, in_;
  std::vector<std::uint32_t> out_begin_, in_begin_;  ///< one more than there are nodes
};

/// The node that a reference means. Its kind may be empty (either), its cluster too (the only one with that name).
/// Errors: not_found OBJECT_UNKNOWN with the nearest name; invalid NAME_AMBIGUOUS with all that it could be.
Result<NodeIndex> find(const Graph& graph, const Ref& wanted);

/// The services, and the streams of one cluster. Empty: everything.
Graph on_cluster(const Graph& graph, const std::string& cluster);

enum class Direction { upstream, downstream };

struct Reached {
  NodeIndex node = 0;
  std::uint32_t hops = 0;  ///< edges on the shortest way
  friend bool operator==(const Reached&, const Reached&) = default;
};
/// What is reached from a node within so many hops (0: without limit), nearest first; the node itself is left out.
std::vector<Reached> reach(const Graph& graph, NodeIndex from, Direction direction, std::uint32_t hops = 0);

/// Why something stands apart. A node may have several.
enum class OrphanKind {
  no_writer,  ///< a stream that no service produces
  no_reader,  ///< a stream that no service consumes
  no_edge,    ///< a service that neither reads nor writes
  no_owner,   ///< nobody owns it
};
std::string_view orphan_word(OrphanKind kind);  ///< "no-writer", …

struct Orphan {
  OrphanKind kind = OrphanKind::no_writer;
  NodeIndex node = 0;
};
/// By kind, then in the order of nodes.
std::vector<Orphan> orphans(const Graph& graph);

namespace errors {
Error object_unknown(const Ref& ref, const std::string& hint);
Error name_ambiguous(const std::string& name, const std::vector<Ref>& candidates);
}  // namespace errors

}  // namespace eda::topology
