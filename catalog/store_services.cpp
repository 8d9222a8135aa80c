#include "catalog/store_services.h"

namespace eda::catalog::store {

namespace {

struct Names {
  explicit Names(const std::vector<Ref>& refs) {
    std::vector<std::string> c, n;
    for (auto& ref : refs) {
      c.push_back(ref.cluster);
      n.push_back(ref.name);
    }
    clusters = pg::text_array(c);
    names = pg::text_array(n);
  }
  std::string clusters, names;
};

}  // namespace

void write_reads(pg::Tx& tx, const std::vector<ServiceReads>& services) {
  if (services.empty()) return;
  std::vector<std::int64_t> ids, readers;
  std::vector<std::string> clusters, streams, groups;
  for (auto& service : services) {
    ids.push_back(service.service_id);
    for (auto& read : service.reads) {
      readers.push_back(service.service_id);
      clusters.push_back(read.cluster);
      streams.push_back(read.stream);
      groups.push_back(read.group);
    }
  }
  tx.exec("DELETE FROM service_reads WHERE service_id = ANY($1::bigint[])", pg::bigint_array(ids));
  if (readers.empty()) return;
  tx.exec(
      "INSERT INTO service_reads (service_id, cluster, stream, group_name)"
      " SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[])",
      pg::bigint_array(readers), pg::text_array(clusters), pg::text_array(streams), pg::text_array(groups));
}

std::vector<Claim> claims(pg::Tx& tx, const std::vector<std::string>& groups) {
  std::vector<Claim> found;
  if (groups.empty()) return found;
  for (const auto& row : tx.exec("SELECT DISTINCT r.group_name, r.cluster, o.name FROM service_reads r"
                                 " JOIN objects o ON o.id = r.service_id WHERE r.group_name = ANY($1::text[])"
                                 " ORDER BY 1, 2, 3",
                                 pg::text_array(groups))) {
    found.push_back({row[0].c_str(), row[1].c_str(), row[2].c_str()});
  }
  return found;
}

void lock_groups(pg::Tx& tx, const std::vector<std::string>& groups) {
  if (groups.empty()) return;
  tx.exec(
      "SELECT pg_advisory_xact_lock(k) FROM"
      " (SELECT DISTINCT hashtextextended('group ' || g, 0) AS k FROM unnest($1::text[]) g ORDER BY 1) keys",
      pg::text_array(groups));
}

std::map<std::string, Owner> service_owners(pg::Tx& tx, const std::vector<std::string>& names) {
  std::map<std::string, Owner> found;
  if (names.empty()) return found;
  for (const auto& row : tx.exec("SELECT o.name, t.name, c.contact FROM objects o JOIN owners w ON w.object_id = o.id"
                                 " JOIN objects t ON t.id = w.team_id JOIN teams c ON c.object_id = t.id"
                                 " WHERE o.kind = 'service' AND o.cluster = '' AND o.name = ANY($1::text[])",
                                 pg::text_array(names))) {
    found.emplace(row[0].c_str(), Owner{row[1].c_str(), row[2].c_str(), row[0].c_str()});
  }
  return found;
}

std::vector<Opened> streams_named(pg::Tx& tx, const std::vector<std::string>& names) {
  std::vector<Opened> found;
  if (names.empty()) return found;
  for (const auto& row :
       tx.exec("SELECT o.cluster, o.name, coalesce(t.name, ''), coalesce(c.contact, ''),"
               " coalesce(o.wish -> 'spec.visibility' ->> 'v', 'protected')"
               " FROM objects k JOIN objects o ON o.kind = 'stream' AND o.cluster = k.name AND o.name = ANY($1::text[])"
               " LEFT JOIN owned_by w ON w.object_id = o.id LEFT JOIN objects t ON t.id = w.team_id"
               " LEFT JOIN teams c ON c.object_id = t.id WHERE k.kind = 'cluster' AND o.state <> 'deleting'",
               pg::text_array(names))) {
    found.push_back(
        {Ref{"stream", row[0].c_str(), row[1].c_str()}, Owner{row[2].c_str(), row[3].c_str(), ""}, row[4].c_str()});
  }
  return found;
}

std::vector<Going> deprecated_named(pg::Tx& tx, const std::vector<std::string>& names) {
  std::vector<Going> found;
  if (names.empty()) return found;
  for (const auto& row :
       tx.exec("SELECT o.cluster, o.name, coalesce(o.wish #>> '{spec.successor,v}', ''),"
               " coalesce(o.wish #>> '{spec.sunset,v}', '') FROM objects o"
               " WHERE o.kind = 'stream' AND o.name = ANY($1::text[]) AND o.marks @> ARRAY['t:deprecated']"
               " AND o.state <> 'deleting'",
               pg::text_array(names))) {
    found.push_back({Ref{"stream", row[0].c_str(), row[1].c_str()}, row[2].c_str(), row[3].c_str()});
  }
  return found;
}

std::vector<Reader> readers_of(pg::Tx& tx, const std::vector<Ref>& streams) {
  std::vector<Reader> found;
  if (streams.empty()) return found;
  Names keys(streams);
  for (const auto& row :
       tx.exec("SELECT DISTINCT k.cluster, k.name, o.name, t.name, c.contact"
               " FROM unnest($1::text[], $2::text[]) k(cluster, name)"
               " JOIN service_reads r ON r.stream = k.name AND r.cluster IN ('', k.cluster)"
               " JOIN objects o ON o.id = r.service_id JOIN owners w ON w.object_id = o.id"
               " JOIN objects t ON t.id = w.team_id JOIN teams c ON c.object_id = t.id ORDER BY 1, 2, 3",
               keys.clusters, keys.names)) {
    found.push_back({Ref{"stream", row[0].c_str(), row[1].c_str()}, row[2].c_str(),
                     Owner{row[3].c_str(), row[4].c_str(), row[2].c_str()}});
  }
  return found;
}

std::vector<ReadEdge> edges_of(pg::Tx& tx, std::int64_t object_id) {
  std::vector<ReadEdge> found;
  for (const auto& row :
       tx.exec("WITH near AS MATERIALIZED (SELECT * FROM service_reads WHERE service_id = $1 UNION SELECT r.*"
               "  FROM objects a JOIN service_reads r ON r.stream = a.name WHERE a.id = $1)"
               " SELECT s.name, st.name, sc.contact, o.cluster, o.name, coalesce(t.name, ''), coalesce(c.contact, ''),"
               " coalesce(o.wish -> 'spec.visibility' ->> 'v', 'protected'), r.group_name"
               " FROM near r JOIN objects s ON s.id = r.service_id JOIN owners sw ON sw.object_id = s.id"
               " JOIN objects st ON st.id = sw.team_id JOIN teams sc ON sc.object_id = st.id"
               " JOIN objects k ON k.kind = 'cluster' AND r.cluster IN ('', k.name)"
               " JOIN objects o ON (o.kind, o.cluster, o.name) = ('stream', k.name, r.stream)"
               " LEFT JOIN owned_by w ON w.object_id = o.id LEFT JOIN objects t ON t.id = w.team_id"
               " LEFT JOIN teams c ON c.object_id = t.id"
               " WHERE $1 IN (r.service_id, o.id)"
               " ORDER BY o.name, o.cluster, s.name, r.group_name",
               object_id)) {
    found.push_back({Ref{"service", "", row[0].c_str()}, Owner{row[1].c_str(), row[2].c_str(), row[0].c_str()},
                     Opened{Ref{"stream", row[3].c_str(), row[4].c_str()}, Owner{row[5].c_str(), row[6].c_str(), ""},
                            row[7].c_str()},
                     row[8].c_str()});
  }
  return found;
}

Produced produced_by(pg::Tx& tx, std::int64_t service_id, int limit) {
  tx.exec("SELECT 1 FROM objects WHERE id = $1 FOR UPDATE", service_id);
  Produced produced;
  for (const auto& row :
       tx.exec("SELECT o.kind, o.cluster, o.name, count(*) OVER () FROM owners w JOIN objects o ON o.id = w.object_id"
               " WHERE w.service_id = $1 ORDER BY o.kind, o.cluster, o.name LIMIT $2",
               service_id, limit)) {
    produced.some.push_back(Ref{row[0].c_str(), row[1].c_str(), row[2].c_str()}.text());
    produced.total = row[3].as<std::int64_t>();
  }
  return produced;
}

std::vector<Product> products_of(pg::Tx& tx, const std::vector<std::int64_t>& service_ids) {
  std::vector<Product> found;
  if (service_ids.empty()) return found;
  for (const auto& row : tx.exec("SELECT w.service_id, o.kind, o.cluster, o.name,"
                                 " coalesce(o.wish -> 'spec.visibility' ->> 'v', 'protected'),"
                                 " o.wish -> 'metadata.team' ->> 'v' IS NOT NULL"
                                 " FROM owners w JOIN objects o ON o.id = w.object_id"
                                 " WHERE w.service_id = ANY($1::bigint[]) AND o.state <> 'deleting' ORDER BY 2, 3, 4",
                                 pg::bigint_array(service_ids))) {
    found.push_back({row[0].as<std::int64_t>(), Ref{row[1].c_str(), row[2].c_str(), row[3].c_str()}, row[4].c_str(),
                     row[5].as<bool>()});
  }
  return found;
}

std::vector<Step> steps_from(pg::Tx& tx, const std::vector<std::int64_t>& stream_ids) {
  std::vector<Step> steps;
  if (stream_ids.empty()) return steps;
  std::vector<std::int64_t> services;
  for (const auto& row : tx.exec("SELECT DISTINCT s.id, r.service_id, t.name FROM objects s"
                                 " JOIN service_reads r ON r.stream = s.name AND r.cluster IN ('', s.cluster)"
                                 " JOIN owners w ON w.object_id = r.service_id JOIN objects t ON t.id = w.team_id"
                                 " WHERE s.id = ANY($1::bigint[])",
                                 pg::bigint_array(stream_ids))) {
    steps.push_back({row[0].as<std::int64_t>(), row[1].as<std::int64_t>(), row[2].c_str(), {}});
    services.push_back(steps.back().service_id);
  }
  auto produced = products(tx, services);
  for (auto& step : steps) step.produces = produced[step.service_id];
  return steps;
}

std::map<std::int64_t, std::vector<std::int64_t>> products(pg::Tx& tx, const std::vector<std::int64_t>& service_ids) {
  std::map<std::int64_t, std::vector<std::int64_t>> found;
  if (service_ids.empty()) return found;
  for (const auto& row : tx.exec("SELECT service_id, object_id FROM owners WHERE service_id = ANY($1::bigint[])",
                                 pg::bigint_array(service_ids))) {
    found[row[0].as<std::int64_t>()].push_back(row[1].as<std::int64_t>());
  }
  return found;
}

}  // namespace eda::catalog::store
