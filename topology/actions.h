#pragma once
// Questions about the topology. Every caller may ask them: names, owners and tags are open. The graph is kept in memory
// and read again when a service, stream or team has changed since.

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "platform/core/page.h"
#include "platform/pg/pool.h"
#include "topology/child.h"
#include "topology/question.h"
#include "topology/topology.h"

namespace eda::topology {

enum class Format { svg, png, dot, mermaid, text };

struct Rendering {
  Asked asked = {};
  Format format = Format::svg;
  Theme theme = Theme::light;
  std::size_t width = 0;  ///< columns, of text; 0: without limit
  std::chrono::milliseconds patience{30'000};
};

struct Rendered {
  Part part;
  std::string bytes;
  std::string content_type;
  std::string engine;  ///< empty: nothing was laid out
};

struct Neighbours {
  std::shared_ptr<const Graph> graph;  ///< that the nodes are of
  NodeIndex of = 0;
  Page<Reached> page;
  std::size_t total = 0;
  std::vector<std::string> teams;  ///< that own any of them, sorted, without the node's own
};

struct Cycle {
  std::vector<NodeIndex> nodes;
  std::vector<EdgeIndex> closing;
};

/// Rows of a page with the graph that their indexes are of.
template <class Row>
struct Of {
  std::shared_ptr<const Graph> graph;
  Page<Row> page;
};

class Topology {
 public:
  Topology(pg::Pool& pool, ChildOptions children) : pool_(pool), children_(std::move(children)) {}

  /// Errors of all: not_found OBJECT_UNKNOWN for a team, cluster, service or stream; those of resolve().
  Result<Part> part(const Asked& asked);
  /// Those of Children::draw and mermaid() too.
  Result<Rendered> render(const Rendering& rendering);
  Result<Neighbours> neighbours(const Ref& object, const std::string& cluster, Direction direction, std::uint32_t hops,
                                const PageRequest& page);
  Result<Of<Cycle>> cycles(const std::string& cluster, const PageRequest& page);
  /// `kind` empty: all. invalid ORPHAN_KIND_UNKNOWN.
  Result<Of<Orphan>> orphans(const std::string& kind, const Asked& asked, const PageRequest& page);

 private:
  struct Kept {
    std::string version;
    std::shared_ptr<const Graph> graph;
  };
  Kept kept();
  Result<std::shared_ptr<const Graph>> current();
  /// The graph on that cluster, once cluster and team are known to exist.
  Result<std::shared_ptr<const Graph>> graph_for(const std::string& cluster, const std::string& team);

  pg::Pool& pool_;
  Children children_;
  std::mutex guard_;    ///< of kept_
  std::mutex loading_;  ///< held by the one that reads the graph
  Kept kept_;
};

}  // namespace eda::topology
