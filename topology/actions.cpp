#include "topology/actions.h"

#include <algorithm>
#include <set>

#include "catalog/store.h"
#include "plans/plan.h"
#include "plans/store.h"
#include "topology/cycles.h"
#include "topology/mermaid.h"
#include "topology/outline.h"
#include "topology/store.h"

namespace eda::topology {

Topology::Kept Topology::kept() {
  std::lock_guard lock(guard_);
  return kept_;
}

Result<std::shared_ptr<const Graph>> Topology::current() {
  auto is_current = [&](const Kept& one) {
    return pool_.transact([&](pg::Tx& tx) -> Result<bool> { return one.graph && store::is_current(tx, one.version); });
  };
  auto seen = kept();
  EDA_ASSIGN(bool fresh, is_current(seen));
  if (fresh) return seen.graph;
  std::lock_guard one_reads(loading_);
  if (auto now = kept(); now.version != seen.version) {  // by whoever was here before
    EDA_ASSIGN(fresh, is_current(now));
    if (fresh) return now.graph;
  }
  EDA_ASSIGN(auto read, pool_.transact([&](pg::Tx& tx) -> Result<store::Versioned> { return store::read_graph(tx); }));
  Kept made{std::move(read.version), std::make_shared<const Graph>(std::move(read.graph))};
  std::lock_guard lock(guard_);
  kept_ = made;
  return made.graph;
}

Result<std::shared_ptr<const Graph>> Topology::graph_for(const std::string& cluster, const std::string& team) {
  if (!cluster.empty() || !team.empty()) {
    EDA_TRY(pool_.transact([&](pg::Tx& tx) -> Result<> {
      if (!team.empty() && !catalog::store::teams(tx, {team}).contains(team))
        return fail(plans::store::unknown(tx, Ref{"team", "", team}));
      if (!cluster.empty() && plans::store::existing(tx, {Ref{"cluster", "", cluster}}).empty())
        return fail(plans::store::unknown(tx, Ref{"cluster", "", cluster}));
      return {};
    }));
  }
  EDA_ASSIGN(auto graph, current());
  bool elsewhere = !cluster.empty() && std::any_of(graph->nodes().begin(), graph->nodes().end(), [&](auto& node) {
    return node.kind == NodeKind::stream && node.cluster != cluster;
  });
  return elsewhere ? std::make_shared<const Graph>(on_cluster(*graph, cluster)) : graph;
}

Result<Part> Topology::part(const Asked& asked) {
  EDA_ASSIGN(auto graph, graph_for(asked.cluster, asked.team));
  EDA_ASSIGN(auto selection, resolve(*graph, asked, 0, 0));
  return select(*graph, selection);
}

namespace {

Picture picture_of(Format format) {
  return format == Format::png ? Picture::png : format == Format::dot ? Picture::dot : Picture::svg;
}

std::string content_type_of(Format format) {
  switch (format) {
    case Format::svg:
      return "image/svg+xml";
    case Format::png:
      return "image/png";
    case Format::dot:
      return "text/vnd.graphviz; charset=utf-8";
    case Format::mermaid:
      return "text/vnd.mermaid; charset=utf-8";
    case Format::text:
      break;
  }
  return "text/plain; charset=utf-8";
}

}  // namespace

Result<Rendered> Topology::render(const Rendering& rendering) {
  auto& asked = rendering.asked;
  EDA_ASSIGN(auto graph, graph_for(asked.cluster, asked.team));
  EDA_ASSIGN(auto selection, resolve(*graph, asked, default_nodes, max_drawn_nodes));
  Rendered out{select(*graph, selection), "", content_type_of(rendering.format), ""};
  if (rendering.format == Format::text) {
    out.bytes = outline(out.part, rendering.width);
  } else if (rendering.format == Format::mermaid) {
    EDA_ASSIGN(out.bytes, mermaid(out.part));
  } else {
    auto drawing = make_drawing(out.part, title_of(selection, out.part), picture_of(rendering.format), rendering.theme);
    EDA_ASSIGN(auto drawn, children_.draw(std::move(drawing), rendering.patience));
    out.bytes = std::move(drawn.bytes);
    if (rendering.format != Format::dot) out.engine = engine_word(drawn.engine);
  }
  return out;
}

Result<Neighbours> Topology::neighbours(const Ref& object, const std::string& cluster, Direction direction,
                                        std::uint32_t hops, const PageRequest& page) {
  Neighbours out;
  EDA_ASSIGN(out.graph, graph_for(cluster, ""));
  auto& graph = *out.graph;
  EDA_ASSIGN(out.of, find(graph, object));
  auto reached = reach(graph, out.of, direction, hops);
  out.total = reached.size();
  std::set<std::string> teams;
  for (auto& one : reached) teams.insert(graph.node(one.node).team);
  teams.erase("");
  teams.erase(graph.node(out.of).team);
  out.teams.assign(teams.begin(), teams.end());
  auto key = [&](const Reached& one) { return Key{one.hops, graph.node(one.node).ref()}; };
  EDA_ASSIGN(out.page, page_of(reached, page, key));
  return out;
}

Result<Of<Cycle>> Topology::cycles(const std::string& cluster, const PageRequest& page) {
  Of<Cycle> out;
  EDA_ASSIGN(out.graph, graph_for(cluster, ""));
  auto& graph = *out.graph;
  std::vector<Cycle> found;
  std::vector<std::size_t> cycle_of(graph.nodes().size(), 0);
  for (auto& nodes : topology::cycles(graph)) {
    for (auto node : nodes) cycle_of[node] = found.size();
    found.push_back({nodes, {}});
  }
  for (auto edge : feedback_edges(graph)) found[cycle_of[graph.edge(edge).from]].closing.push_back(edge);
  auto key = [&](const Cycle& cycle) { return Key{0, graph.node(cycle.nodes.front()).ref()}; };
  EDA_ASSIGN(out.page, page_of(found, page, key));
  return out;
}

Result<Of<Orphan>> Topology::orphans(const std::string& kind, const Asked& asked, const PageRequest& page) {
  Of<Orphan> out;
  EDA_ASSIGN(out.graph, graph_for(asked.cluster, asked.team));
  auto& graph = *out.graph;
  std::vector<Orphan> found;
  bool known = kind.empty();
  for (auto one : {OrphanKind::no_writer, OrphanKind::no_reader, OrphanKind::no_edge, OrphanKind::no_owner})
    known = known || orphan_word(one) == kind;
  if (!known) return fail(errors::orphan_kind_unknown(kind));
  for (auto& orphan : topology::orphans(graph)) {
    auto& node = graph.node(orphan.node);
    bool wanted = (kind.empty() || orphan_word(orphan.kind) == kind) &&
                  (asked.team.empty() || node.team == asked.team) &&
                  (asked.domain.empty() || node.domain == asked.domain);
    if (wanted) found.push_back(orphan);
  }
  auto key = [&](const Orphan& orphan) {
    return Key{static_cast<std::uint64_t>(orphan.kind), graph.node(orphan.node).ref()};
  };
  EDA_ASSIGN(out.page, page_of(found, page, key));
  return out;
}

}  // namespace eda::topology
