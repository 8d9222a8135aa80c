#include "topology/rpc.h"

#include <algorithm>

#include "platform/rpc/call.h"
#include "platform/rpc/convert.h"

namespace eda::topology {

using identity::Actor;
using identity::MethodPermission;
using identity::Permission;

namespace {

#define TOPOLOGY_SERVICE "eda.topology.v1.TopologyService/"

constexpr MethodPermission methods[] = {
    {TOPOLOGY_SERVICE "GetGraph", Permission::read},       {TOPOLOGY_SERVICE "Render", Permission::read},
    {TOPOLOGY_SERVICE "ListNeighbours", Permission::read}, {TOPOLOGY_SERVICE "ListCycles", Permission::read},
    {TOPOLOGY_SERVICE "ListOrphans", Permission::read},
};

constexpr std::size_t part_bytes = std::size_t{1} << 20;  ///< of one message of a stream
constexpr std::chrono::milliseconds longest_rendering{30'000};

void to_proto(const Node& node, v1::Node* out) {
  rpc::to_proto(node.ref(), out->mutable_object());
  out->set_team(node.team);
  out->set_domain(node.domain);
  out->set_visibility(std::string(visibility_word(node.visibility)));
  for (auto& tag : node.tags) out->add_tags(tag);
}

void to_proto(const Graph& graph, const Edge& edge, v1::Edge* out) {
  rpc::to_proto(graph.node(edge.from).ref(), out->mutable_from());
  rpc::to_proto(graph.node(edge.to).ref(), out->mutable_to());
  out->set_kind(std::string(edge_word(edge.kind)));
  out->set_group(edge.group);
}

void to_proto(const Part& part, v1::Summary* out) {
  out->set_nodes(static_cast<std::uint32_t>(part.graph.nodes().size()));
  out->set_edges(static_cast<std::uint32_t>(part.graph.edges().size()));
  out->set_nodes_in_all(static_cast<std::uint32_t>(part.nodes_in_all));
  out->set_edges_in_all(static_cast<std::uint32_t>(part.edges_in_all));
}

Asked from_proto(const v1::Selection& selection) {
  Asked asked;
  asked.team = selection.team();
  asked.domain = selection.domain();
  if (selection.has_around()) asked.around = rpc::from_proto(selection.around());
  if (selection.has_up()) asked.up = selection.up();
  if (selection.has_down()) asked.down = selection.down();
  asked.cluster = selection.cluster();
  if (selection.has_max_nodes()) asked.max_nodes = selection.max_nodes();
  return asked;
}

Result<Format> format_of(v1::RenderRequest::Format format) {
  switch (format) {
    case v1::RenderRequest::FORMAT_SVG:
      return Format::svg;
    case v1::RenderRequest::FORMAT_PNG:
      return Format::png;
    case v1::RenderRequest::FORMAT_DOT:
      return Format::dot;
    case v1::RenderRequest::FORMAT_MERMAID:
      return Format::mermaid;
    case v1::RenderRequest::FORMAT_TEXT:
      return Format::text;
    default:
      return fail(Code::invalid, "FORMAT_MISSING", "in what format is it to be drawn?",
                  "name one of svg, png, dot, mermaid and text");
  }
}

Result<Rendering> from_proto(const v1::RenderRequest& request, std::chrono::milliseconds left) {
  Rendering rendering;
  rendering.asked = from_proto(request.selection());
  EDA_ASSIGN(rendering.format, format_of(request.format()));
  rendering.theme = request.theme() == v1::RenderRequest::THEME_DARK ? Theme::dark : Theme::light;
  rendering.width = request.width();
  rendering.patience = std::min(left, longest_rendering);
  return rendering;
}

Result<Direction> from_proto(v1::Direction direction) {
  if (direction == v1::DIRECTION_UPSTREAM) return Direction::upstream;
  if (direction == v1::DIRECTION_DOWNSTREAM) return Direction::downstream;
  return fail(Code::invalid, "DIRECTION_MISSING", "what leads to it, or what follows from it?",
              "edactl topology upstream NAME, or edactl topology downstream NAME");
}

// In messages of about 1 MiB; the first has the counts even where there is nothing else. A caller that has gone away
// ends it.
void send(const Part& part, grpc::ServerWriter<v1::Graph>& writer) {
  v1::Graph message;
  to_proto(part, message.mutable_summary());
  std::size_t bytes = 0;
  bool open = true;
  auto added = [&](std::size_t size) {
    bytes += size;
    if (bytes < part_bytes) return;
    open = writer.Write(message);
    message.Clear();
    bytes = 0;
  };
  for (auto node = part.graph.nodes().begin(); open && node != part.graph.nodes().end(); ++node) {
    to_proto(*node, message.add_nodes());
    added(message.nodes(message.nodes_size() - 1).ByteSizeLong());
  }
  for (auto edge = part.graph.edges().begin(); open && edge != part.graph.edges().end(); ++edge) {
    to_proto(part.graph, *edge, message.add_edges());
    added(message.edges(message.edges_size() - 1).ByteSizeLong());
  }
  if (open && (bytes > 0 || message.has_summary())) writer.Write(message);
}

void send(const Rendered& rendered, grpc::ServerWriter<v1::RenderResponse>& writer) {
  v1::RenderResponse message;
  to_proto(rendered.part, message.mutable_summary());
  message.mutable_summary()->set_content_type(rendered.content_type);
  message.mutable_summary()->set_engine(rendered.engine);
  bool open = writer.Write(message);
  for (std::size_t at = 0; open && at < rendered.bytes.size(); at += part_bytes) {
    message.set_chunk(rendered.bytes.substr(at, part_bytes));
    open = writer.Write(message);
  }
}

class TopologyFace final : public v1::TopologyService::Service {
 public:
  TopologyFace(Topology& topology, identity::Gate& gate) : topology_(topology), gate_(gate) {}

  grpc::Status GetGraph(grpc::ServerContext* context, const v1::GetGraphRequest* request,
                        grpc::ServerWriter<v1::Graph>* writer) override {
    return rpc::serve(*context, gate_, TOPOLOGY_SERVICE "GetGraph", [&](const Actor&) -> Result<> {
      EDA_ASSIGN(auto part, topology_.part(from_proto(request->selection())));
      send(part, *writer);
      return {};
    });
  }

  grpc::Status Render(grpc::ServerContext* context, const v1::RenderRequest* request,
                      grpc::ServerWriter<v1::RenderResponse>* writer) override {
    return rpc::serve(*context, gate_, TOPOLOGY_SERVICE "Render", [&](const Actor&) -> Result<> {
      auto left = rpc::incoming(*context, TOPOLOGY_SERVICE "Render").deadline.left();
      EDA_ASSIGN(auto rendering, from_proto(*request, left));
      EDA_ASSIGN(auto rendered, topology_.render(rendering));
      send(rendered, *writer);
      return {};
    });
  }

  grpc::Status ListNeighbours(grpc::ServerContext* context, const v1::ListNeighboursRequest* request,
                              v1::ListNeighboursResponse* response) override {
    return rpc::serve(*context, gate_, TOPOLOGY_SERVICE "ListNeighbours", [&](const Actor&) -> Result<> {
      EDA_ASSIGN(auto direction, from_proto(request->direction()));
      EDA_ASSIGN(auto found, topology_.neighbours(rpc::from_proto(request->object()), request->cluster(), direction,
                                                  request->hops(), rpc::page_of(*request)));
      for (auto& reached : found.page.rows) {
        auto* neighbour = response->add_neighbours();
        to_proto(found.graph->node(reached.node), neighbour->mutable_node());
        neighbour->set_hops(reached.hops);
      }
      to_proto(found.graph->node(found.of), response->mutable_of());
      response->set_next_page_token(found.page.next_token);
      response->set_total(static_cast<std::uint32_t>(found.total));
      response->mutable_teams()->Add(found.teams.begin(), found.teams.end());
      return {};
    });
  }

  grpc::Status ListCycles(grpc::ServerContext* context, const v1::ListCyclesRequest* request,
                          v1::ListCyclesResponse* response) override {
    return rpc::serve(*context, gate_, TOPOLOGY_SERVICE "ListCycles", [&](const Actor&) -> Result<> {
      EDA_ASSIGN(auto found, topology_.cycles(request->cluster(), rpc::page_of(*request)));
      for (auto& cycle : found.page.rows) {
        auto* out = response->add_cycles();
        for (auto node : cycle.nodes) to_proto(found.graph->node(node), out->add_nodes());
        for (auto edge : cycle.closing) to_proto(*found.graph, found.graph->edge(edge), out->add_closing());
      }
      response->set_next_page_token(found.page.next_token);
      return {};
    });
  }

  grpc::Status ListOrphans(grpc::ServerContext* context, const v1::ListOrphansRequest* request,
                           v1::ListOrphansResponse* response) override {
    return rpc::serve(*context, gate_, TOPOLOGY_SERVICE "ListOrphans", [&](const Actor&) -> Result<> {
      Asked asked;
      asked.team = request->team();
      asked.domain = request->domain();
      asked.cluster = request->cluster();
      EDA_ASSIGN(auto found, topology_.orphans(request->kind(), asked, rpc::page_of(*request)));
      for (auto& orphan : found.page.rows) {
        auto* out = response->add_orphans();
        out->set_kind(std::string(orphan_word(orphan.kind)));
        to_proto(found.graph->node(orphan.node), out->mutable_node());
      }
      response->set_next_page_token(found.page.next_token);
      return {};
    });
  }

 private:
  Topology& topology_;
  identity::Gate& gate_;
};

}  // namespace

std::span<const MethodPermission> topology_methods() {
  return methods;
}

std::unique_ptr<grpc::Service> make_topology_face(Topology& topology, identity::Gate& gate) {
  return std::make_unique<TopologyFace>(topology, gate);
}

}  // namespace eda::topology
