#include "topology/store.h"

#include <unordered_map>

#include "platform/pg/tx.h"

namespace eda::topology::store {

namespace {

using Places = std::unordered_map<std::int64_t, NodeIndex>;

Node node_of(const pqxx::row& row) {
  Node node;
  node.kind = std::string_view(row[1].c_str()) == "service" ? NodeKind::service : NodeKind::stream;
  node.cluster = row[2].c_str();
  node.name = row[3].c_str();
  node.team = row[4].c_str();
  node.domain = row[5].c_str();
  if (node.kind == NodeKind::stream) node.visibility = parse_visibility(row[6].c_str());
  node.tags = pg::texts_of(row[7]);
  return node;
}

std::vector<Node> nodes(pg::Tx& tx, Places& places) {
  std::vector<Node> found;
  for (const auto& row :
       tx.exec("SELECT o.id, o.kind, o.cluster, o.name, coalesce(t.name, ''), coalesce(o.wish -> 'metadata.domain' ->> "
               "'v', ''),"
               " o.wish -> 'spec.visibility' ->> 'v',"
               " CASE WHEN jsonb_typeof(o.wish -> 'spec.tags' -> 'v') = 'array'"
               "      THEN ARRAY(SELECT jsonb_array_elements_text(o.wish -> 'spec.tags' -> 'v')) END"
               " FROM objects o LEFT JOIN owned_by w ON w.object_id = o.id LEFT JOIN objects t ON t.id = w.team_id"
               " WHERE o.kind IN ('service', 'stream') AND o.state <> 'deleting'")) {
    places.emplace(row[0].as<std::int64_t>(), static_cast<NodeIndex>(found.size()));
    found.push_back(node_of(row));
  }
  return found;
}

void add_edge(std::vector<Edge>& edges, const Places& places, std::int64_t from, std::int64_t to, EdgeKind kind,
              std::string group) {
  auto begin = places.find(from), end = places.find(to);
  if (begin != places.end() && end != places.end())
    edges.push_back({begin->second, end->second, kind, std::move(group)});
}

void writes(pg::Tx& tx, const Places& places, std::vector<Edge>& edges) {
  for (const auto& row : tx.exec("SELECT w.service_id, w.object_id FROM owners w JOIN objects o ON o.id = w.object_id"
                                 " WHERE w.service_id IS NOT NULL AND o.kind = 'stream'"))
    add_edge(edges, places, row[0].as<std::int64_t>(), row[1].as<std::int64_t>(), EdgeKind::writes, {});
}

void reads(pg::Tx& tx, const Places& places, std::vector<Edge>& edges) {
  for (const auto& row : tx.exec("SELECT o.id, r.service_id, r.group_name FROM service_reads r JOIN objects o"
                                 " ON o.kind = 'stream' AND o.name = r.stream AND r.cluster IN ('', o.cluster)"))
    add_edge(edges, places, row[0].as<std::int64_t>(), row[1].as<std::int64_t>(), EdgeKind::reads, row[2].c_str());
}

}  // namespace

// Every change of an object leaves its event in the same transaction. Those below the snapshot's xmin had all ended
// when the graph was read; whatever is at or above it may have been missed. Taken before the reading.
Versioned read_graph(pg::Tx& tx) {
  Versioned out;
  out.version = tx.exec("SELECT pg_snapshot_xmin(pg_current_snapshot())")[0][0].c_str();
  Places places;
  auto found = nodes(tx, places);
  std::vector<Edge> edges;
  writes(tx, places, edges);
  reads(tx, places, edges);
  out.graph = Graph(std::move(found), std::move(edges));
  return out;
}

bool is_current(pg::Tx& tx, const std::string& version) {
  auto row = tx.exec(
      "SELECT NOT EXISTS (SELECT FROM events WHERE xid >= $1::text::xid8"
      " AND object_kind IN ('service', 'stream', 'team'))",
      version)[0];
  return row[0].as<bool>();
}

}  // namespace eda::topology::store
