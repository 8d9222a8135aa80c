// Rows of what was: generations of objects, where sets were applied from, overlays that end.

#include <charconv>
#include <limits>

#include "plans/store.h"
#include "plans/wish_json.h"

namespace eda::plans::store {

namespace {

#define REVISION_COLUMNS                                                                                               \
  "SELECT generation, (extract(epoch from at) * 1000000)::bigint, actor, reason, plan_id, source, file, wish, overlay" \
  " FROM revisions"

Revision revision_of(const pqxx::row& row) {
  Revision revision;
  revision.generation = row[0].as<std::int64_t>();
  revision.at = pg::instant_of(row[1]);
  revision.actor = row[2].c_str();
  revision.reason = row[3].c_str();
  revision.plan_id = row[4].c_str();
  revision.source = row[5].c_str();
  revision.file = row[6].c_str();
  revision.wish = wish_from_json(row[7].c_str());
  revision.overlay = overlay_from_json(row[8].c_str());
  return revision;
}

std::int64_t below(const std::string& token) {
  std::int64_t generation = std::numeric_limits<std::int64_t>::max();
  std::from_chars(token.data(), token.data() + token.size(), generation);
  return generation;
}

std::vector<Object> objects_of(const pqxx::result& rows) {
  std::vector<Object> objects;
  for (const auto& row : rows) objects.push_back(object_of(row));
  return objects;
}

}  // namespace

Page<Revision> revisions(pg::Tx& tx, std::int64_t object_id, const PageRequest& page) {
  // One more than the page shows: what its last one is compared with.
  auto rows = tx.exec(REVISION_COLUMNS " WHERE object_id = $1 AND generation < $2 ORDER BY generation DESC LIMIT $3",
                      object_id, below(page.token), static_cast<std::int64_t>(page.limit()) + 1);
  Page<Revision> result;
  for (const auto& row : rows) {
    auto older = revision_of(row);
    if (!result.rows.empty()) {
      auto& newer = result.rows.back();
      newer.fields = diff(effective(older.wish, older.overlay), effective(newer.wish, newer.overlay));
    }
    if (result.rows.size() == page.limit()) {
      result.next_token = std::to_string(result.rows.back().generation);
      return result;
    }
    result.rows.push_back(std::move(older));
  }
  if (!result.rows.empty()) {
    auto& first = result.rows.back();
    first.fields = diff(Wish(), effective(first.wish, first.overlay));
  }
  return result;
}

std::optional<Revision> revision(pg::Tx& tx, std::int64_t object_id, std::int64_t generation) {
  auto rows = tx.exec(REVISION_COLUMNS " WHERE object_id = $1 AND generation = $2", object_id, generation);
  return rows.empty() ? std::nullopt : std::optional(revision_of(rows[0]));
}

std::map<std::string, Applied> applied_sets(pg::Tx& tx, const std::string& cluster,
                                            const std::vector<std::string>& managers) {
  std::map<std::string, Applied> found;
  for (const auto& row :
       tx.exec("SELECT manager, source, actor, (extract(epoch from applied_at) * 1000000)::bigint, plan_id"
               " FROM apply_sets WHERE cluster = $1 AND manager = ANY($2::text[])",
               cluster, pg::text_array(managers))) {
    found.emplace(row[0].c_str(), Applied{row[1].c_str(), row[2].c_str(), pg::instant_of(row[3]), row[4].c_str()});
  }
  return found;
}

namespace {

void know_set(pg::Tx& tx, const std::string& manager, const std::vector<std::string>& clusters,
              const Applied& applied) {
  tx.exec(
      "INSERT INTO apply_sets (manager, cluster, source, actor, applied_at, plan_id)"
      " SELECT $1, c, $3, $4, $5::timestamptz, $6 FROM unnest($2::text[]) c ORDER BY c"
      " ON CONFLICT ON CONSTRAINT apply_sets_pkey DO NOTHING",
      manager, pg::text_array(clusters), applied.source, applied.actor, to_rfc3339(applied.at), applied.plan_id);
}

}  // namespace

void note_applied(pg::Tx& tx, const std::string& manager, const std::vector<std::string>& clusters,
                  const Applied& applied) {
  know_set(tx, manager, clusters, applied);
  // Many may apply one set at once, and none has to wait for another here.
  tx.exec(
      "UPDATE apply_sets s SET source = $3, actor = $4, applied_at = $5::timestamptz, plan_id = $6"
      " FROM (SELECT manager, cluster FROM apply_sets WHERE manager = $1 AND cluster = ANY($2::text[])"
      "   ORDER BY cluster FOR UPDATE SKIP LOCKED) free"
      " WHERE (s.manager, s.cluster) = (free.manager, free.cluster)",
      manager, pg::text_array(clusters), applied.source, applied.actor, to_rfc3339(applied.at), applied.plan_id);
}

std::vector<Object> managed_by(pg::Tx& tx, const std::string& manager, const std::vector<std::string>& clusters,
                               const std::vector<Ref>& named) {
  std::vector<std::string> k, c, n;
  for (auto& ref : named) {
    k.push_back(ref.kind);
    c.push_back(ref.cluster);
    n.push_back(ref.name);
  }
  return objects_of(tx.exec("SELECT " EDA_OBJECT_COLUMNS
                            " FROM objects o WHERE o.sets @> ARRAY[$1::text] AND o.cluster = ANY($2::text[])"
                            " AND o.state <> 'deleting' AND NOT EXISTS (SELECT 1 FROM"
                            " unnest($3::text[], $4::text[], $5::text[]) r(kind, cluster, name)"
                            " WHERE (r.kind, r.cluster, r.name) = (o.kind, o.cluster, o.name))"
                            " ORDER BY o.kind, o.cluster, o.name",
                            manager, pg::text_array(clusters), pg::text_array(k), pg::text_array(c),
                            pg::text_array(n)));
}

Instant now(pg::Tx& tx) {
  return pg::instant_of(tx.exec("SELECT (extract(epoch from now()) * 1000000)::bigint")[0][0]);
}

std::vector<Object> ended_overlays(pg::Tx& tx, int limit) {
  return objects_of(tx.exec("SELECT " EDA_OBJECT_COLUMNS
                            " FROM objects o WHERE o.overlay_until <= now() AND o.state <> 'deleting'"
                            " ORDER BY o.overlay_until, o.id LIMIT $1 FOR UPDATE OF o SKIP LOCKED",
                            limit));
}

std::vector<Object> refused_of(pg::Tx& tx, const std::string& plan_id) {
  return objects_of(tx.exec("SELECT " EDA_OBJECT_COLUMNS
                            " FROM objects o JOIN plan_changes c ON c.object_id = o.id AND c.generation = o.generation"
                            " WHERE c.plan_id = $1 AND o.state = 'refused' ORDER BY o.id FOR UPDATE OF o",
                            plan_id));
}

void retry(pg::Tx& tx, const std::vector<std::int64_t>& object_ids) {
  // Nobody has come to an end with this generation any more.
  tx.exec(
      "UPDATE objects SET state = 'pending', observed_generation = least(observed_generation, generation - 1)"
      " WHERE id = ANY($1::bigint[]) AND state = 'refused'",
      pg::bigint_array(object_ids));
}

}  // namespace eda::plans::store
