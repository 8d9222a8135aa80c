#include "clusters/store.h"

namespace eda::clusters::store {

namespace {

#define CLUSTER_ROWS                                                                                       \
  "SELECT " EDA_OBJECT_COLUMNS                                                                             \
  ", c.mode, c.cluster_id, eda_micros(c.restored_at) FROM objects o JOIN clusters c ON c.object_id = o.id" \
  " WHERE o.kind = 'cluster' AND o.cluster = '' AND o.name = $1"

std::vector<std::string> first_column(const pqxx::result& rows) {
  std::vector<std::string> texts;
  for (const auto& row : rows) texts.emplace_back(row[0].c_str());
  return texts;
}

}  // namespace

std::optional<Cluster> find(pg::Tx& tx, const std::string& name, plans::store::Lock lock) {
  auto rows = tx.exec(lock == plans::store::Lock::update ? CLUSTER_ROWS " FOR UPDATE OF o, c" : CLUSTER_ROWS, name);
  if (rows.empty()) return std::nullopt;
  Cluster cluster;
  cluster.object = plans::store::object_of(rows[0]);
  auto* mode = rows[0][plans::store::object_columns].c_str();
  cluster.mode = std::string_view(mode) == "manage" ? Mode::manage : Mode::observe;
  cluster.cluster_id = rows[0][plans::store::object_columns + 1].c_str();
  if (auto at = rows[0][plans::store::object_columns + 2]; !at.is_null()) cluster.restored_at = pg::instant_of(at);
  return cluster;
}

std::vector<std::string> names(pg::Tx& tx) {
  return first_column(tx.exec("SELECT o.name FROM clusters c JOIN objects o ON o.id = c.object_id ORDER BY o.name"));
}

std::vector<std::string> unseen(pg::Tx& tx, std::chrono::milliseconds since) {
  return first_column(
      tx.exec("SELECT o.name FROM clusters c JOIN objects o ON o.id = c.object_id"
              " WHERE c.seen_at IS NULL OR c.seen_at <= now() - $1::bigint * interval '1 millisecond'"
              " ORDER BY c.seen_at NULLS FIRST",
              static_cast<std::int64_t>(since.count())));
}

void expect(pg::Tx& tx, const std::vector<std::int64_t>& object_ids) {
  if (object_ids.empty()) return;
  tx.exec(
      "INSERT INTO clusters (object_id) SELECT unnest($1::bigint[])"
      " ON CONFLICT ON CONSTRAINT clusters_pkey DO UPDATE SET seen_at = NULL",
      pg::bigint_array(object_ids));
}

void set_mode(pg::Tx& tx, std::int64_t object_id, Mode mode) {
  auto name = std::string(mode_name(mode));
  tx.exec(
      "WITH changed AS (UPDATE clusters SET mode = $2 WHERE object_id = $1)"
      " UPDATE objects SET observed = CASE jsonb_typeof(observed) WHEN 'object' THEN observed ELSE '{}' END"
      "   || jsonb_build_object('mode', $2::text) WHERE id = $1",
      object_id, name);
}

void pin(pg::Tx& tx, std::int64_t object_id, const std::string& cluster_id) {
  tx.exec("UPDATE clusters SET cluster_id = $2 WHERE object_id = $1", object_id, cluster_id);
}

void restored(pg::Tx& tx, std::int64_t object_id) {
  tx.exec("UPDATE clusters SET restored_at = clock_timestamp() WHERE object_id = $1", object_id);
}

std::vector<std::string> others_with_id(pg::Tx& tx, const std::string& name, const std::string& cluster_id,
                                        std::optional<Mode> mode) {
  std::vector<std::string> others;
  if (cluster_id.empty()) return others;
  for (auto& other : names(tx)) {
    auto cluster = other == name ? std::nullopt : find(tx, other);
    if (!cluster || cluster->expected_id() != cluster_id) continue;
    if (!mode || cluster->mode == *mode) others.push_back(other);
  }
  return others;
}

void hold_modes(pg::Tx& tx) {
  tx.exec("SELECT 1 FROM clusters ORDER BY object_id FOR UPDATE");
}

void saw(pg::Tx& tx, std::int64_t object_id, const std::string& cluster_id) {
  tx.exec(
      "UPDATE clusters SET seen_at = now(), cluster_id = CASE cluster_id WHEN '' THEN $2 ELSE cluster_id END"
      " WHERE object_id = $1",
      object_id, cluster_id);
}

void set_conditions(pg::Tx& tx, const plans::Object& object, std::vector<plans::Condition> conditions) {
  plans::store::Seen seen;
  seen.id = object.id;
  seen.generation = object.generation;
  seen.state = object.state;
  seen.conditions = std::move(conditions);
  seen.observed = object.observed;
  seen.fingerprint = object.fingerprint;
  seen.drift = object.drift;
  plans::store::write_back(tx, {seen});
}

std::optional<Mark> newest_event(pg::Tx& tx) {
  auto rows = tx.exec("SELECT id, eda_micros(at) FROM events ORDER BY id DESC LIMIT 1");
  if (rows.empty()) return std::nullopt;
  return Mark{rows[0][0].as<std::int64_t>(), pg::instant_of(rows[0][1])};
}

bool holds(pg::Tx& tx, const Mark& mark) {
  return tx
      .exec(
          "SELECT EXISTS (SELECT FROM events WHERE id = $1 AND at = $2::timestamptz)"
          " OR EXISTS (SELECT FROM seals WHERE event_id = $1 AND event_at = $2::timestamptz)",
          mark.event, to_rfc3339(mark.at))[0][0]
      .as<bool>();
}

Living living_on(pg::Tx& tx, const plans::Object& cluster, int limit) {
  tx.exec("SELECT 1 FROM clusters WHERE object_id = $1 FOR UPDATE", cluster.id);
  Living living;
  for (const auto& row :
       tx.exec("SELECT kind, name, count(*) OVER () FROM objects WHERE cluster = $1 ORDER BY kind, name LIMIT $2",
               cluster.ref.name, limit)) {
    living.some.push_back(Ref{row[0].c_str(), cluster.ref.name, row[1].c_str()}.text());
    living.total = row[2].as<std::int64_t>();
  }
  return living;
}

}  // namespace eda::clusters::store
