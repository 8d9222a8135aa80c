#include "catalog/store_renames.h"

#include "catalog/store.h"
#include "identity/store.h"
#include "operations/store.h"

namespace eda::catalog::store {

std::map<std::string, std::string> names_now(pg::Tx& tx, const std::vector<std::string>& names) {
  std::map<std::string, std::string> now;
  if (names.empty()) return now;
  for (const auto& row : tx.exec(
           "SELECT n.name, o.name FROM team_names n JOIN objects o ON o.id = n.team_id WHERE n.name = ANY($1::text[])",
           pg::text_array(names))) {
    now.emplace(row[0].c_str(), row[1].c_str());
  }
  return now;
}

void reserve_name(pg::Tx& tx, const std::string& name, std::int64_t team_id, const std::string& now) {
  tx.exec("DELETE FROM team_names WHERE name = $1 AND team_id = $2", now, team_id);
  tx.exec("INSERT INTO team_names (name, team_id) VALUES ($1, $2)", name, team_id);
}

namespace {

// The sets that the team has applied.
std::vector<std::string> sets_applied(pg::Tx& tx, const std::string& team) {
  std::vector<std::string> sets;
  for (const auto& row :
       tx.exec("SELECT DISTINCT manager FROM apply_sets WHERE starts_with(manager, $1) ORDER BY 1", sets_of(team))) {
    sets.emplace_back(row[0].c_str());
  }
  return sets;
}

// Objects that say the team's name, which are its own, and those of which its sets manage a field; not the team itself.
std::vector<std::int64_t> saying(pg::Tx& tx, std::int64_t team_id, const std::string& team,
                                 const std::vector<std::string>& sets) {
  std::vector<std::int64_t> ids;
  for (const auto& row :
       tx.exec("WITH own AS (SELECT object_id FROM owners WHERE team_id = $1 UNION ALL"
               "  SELECT w.object_id FROM owners s JOIN owners w ON w.service_id = s.object_id WHERE s.team_id = $1)"
               " SELECT o.id FROM own JOIN objects o ON o.id = own.object_id WHERE o.wish #>> '{metadata.team,v}' = $2"
               " UNION SELECT id FROM objects WHERE sets && $3::text[] AND id <> $1",
               team_id, team, pg::text_array(sets))) {
    ids.push_back(row[0].as<std::int64_t>());
  }
  return ids;
}

}  // namespace

Belongings belongings_of(pg::Tx& tx, std::int64_t team_id, const std::string& team, int limit) {
  auto owned = owned_by(tx, team_id, limit);
  Belongings has{std::move(owned.some), owned.total, sets_applied(tx, team), 0, 0};
  has.saying = static_cast<std::int64_t>(saying(tx, team_id, team, has.sets).size());
  has.ci_tokens = tx.exec(
                        "SELECT count(*) FROM tokens WHERE starts_with(subject, 'ci/' || $1) AND revoked_at IS NULL"
                        " AND expires_at > now()",
                        sets_of(team))[0][0]
                      .as<std::int64_t>();
  return has;
}

std::vector<Edge> edges_between(pg::Tx& tx, std::int64_t one, std::int64_t other) {
  std::vector<Edge> edges;
  for (const auto& row : tx.exec(
           "SELECT s.name, t.name, o.cluster, o.name, u.name FROM service_reads r"
           " JOIN owned_by w ON w.object_id = r.service_id"
           " JOIN objects o ON o.kind = 'stream' AND o.name = r.stream AND (r.cluster = '' OR o.cluster = r.cluster)"
           " JOIN owned_by v ON v.object_id = o.id"
           " JOIN objects s ON s.id = r.service_id JOIN objects t ON t.id = w.team_id JOIN objects u ON u.id = "
           "v.team_id"
           " WHERE (w.team_id, v.team_id) IN (($1::bigint, $2::bigint), ($2::bigint, $1::bigint))"
           " ORDER BY 1, 3, 4",
           one, other)) {
    edges.push_back({row[0].c_str(), row[1].c_str(), Ref{"stream", row[2].c_str(), row[3].c_str()}, row[4].c_str()});
  }
  return edges;
}

std::vector<std::string> unfinished_of(pg::Tx& tx, const std::string& team) {
  std::vector<std::string> ids;
  for (const auto& row :
       tx.exec("SELECT id FROM operations WHERE state NOT IN ('done', 'aborted')"
               " AND (team = $1 OR (kind = $2 AND $1 IN (parameters ->> 'from', parameters ->> 'to')))"
               " ORDER BY number LIMIT 10",
               team, std::string(transfer_kind))) {
    ids.emplace_back(row[0].c_str());
  }
  return ids;
}

namespace {

// Of the objects that say the team or are managed by its sets: from now on they say the new name. `managers`: what the
// sets' names begin with from now on; empty: they manage nothing any longer.
std::vector<Carried> say_new_name(pg::Tx& tx, const TeamChange& change, const std::vector<std::int64_t>& ids,
                                  const std::string& managers, const plans::store::Stamp& stamp) {
  std::vector<Carried> carried;
  for (const auto& row : tx.exec(
           "WITH said AS (SELECT o.id, jsonb_object_agg(f.key, CASE WHEN f.key = 'metadata.team' AND m.field ->> 'v' = "
           "$1"
           "   THEN jsonb_set(m.field, '{v}', to_jsonb($2::text)) ELSE m.field END) AS wish"
           "  FROM objects o, jsonb_each(o.wish) f, LATERAL (SELECT CASE"
           "    WHEN NOT starts_with(coalesce(f.value ->> 'm', ''), $3) THEN f.value WHEN $4 = '' THEN f.value - 'm'"
           "    ELSE jsonb_set(f.value, '{m}', to_jsonb($4 || substr(f.value ->> 'm', length($3) + 1))) END AS field) m"
           "  WHERE o.id = ANY($5::bigint[]) GROUP BY o.id),"
           " changed AS (UPDATE objects o SET wish = s.wish, sets = ARRAY(SELECT DISTINCT CASE"
           "    WHEN starts_with(n, $3) THEN $4 || substr(n, length($3) + 1) ELSE n END FROM unnest(o.sets) n"
           "    WHERE $4 <> '' OR NOT starts_with(n, $3)),"
           "   generation = o.generation + 1, observed_generation ="
           "    CASE WHEN o.observed_generation = o.generation THEN o.generation + 1 ELSE o.observed_generation END,"
           "   updated_at = now(), updated_by = $6 FROM said s WHERE o.id = s.id"
           "  RETURNING o.id, o.kind, o.cluster, o.name, o.generation, o.wish, o.overlay),"
           " kept AS (INSERT INTO revisions (object_id, generation, actor, reason, plan_id, wish, overlay)"
           "  SELECT id, generation, $6, $7, $8, wish, overlay FROM changed)"
           " SELECT c.kind, c.cluster, c.name, coalesce(t.name, '') FROM changed c"
           " LEFT JOIN owned_by w ON w.object_id = c.id LEFT JOIN objects t ON t.id = w.team_id ORDER BY 1, 2, 3",
           change.from, change.to, sets_of(change.from), managers, pg::bigint_array(ids), stamp.actor, stamp.reason,
           stamp.plan_id)) {
    carried.push_back({Ref{row[0].c_str(), row[1].c_str(), row[2].c_str()}, row[3].c_str()});
  }
  return carried;
}

// What the team owned by this name it owns by the new one.
void begin_spans(pg::Tx& tx, const TeamChange& change) {
  tx.exec(
      "WITH ended AS (UPDATE owner_spans SET until = now() WHERE team = $1 AND until IS NULL"
      "  RETURNING kind, cluster, name, service)"
      " INSERT INTO owner_spans (kind, cluster, name, team, service, since)"
      " SELECT kind, cluster, name, $2, service, now() FROM ended",
      change.from, change.to);
}

// Plans of its sets were made for a team that is no more.
void end_plans(pg::Tx& tx, const TeamChange& change, const std::string& but) {
  tx.exec("UPDATE plans SET state = 'stale', ended_at = now() WHERE state = 'open' AND set_team = $1 AND id <> $2",
          change.from, but);
}

}  // namespace

std::vector<Carried> rename_team(pg::Tx& tx, const TeamChange& change, const plans::store::Stamp& stamp) {
  auto ids = saying(tx, change.id, change.from, sets_applied(tx, change.from));
  auto carried = say_new_name(tx, change, ids, sets_of(change.to), stamp);
  for (auto& one : carried) {
    if (one.owner == change.from) one.owner = change.to;
  }
  tx.exec("UPDATE objects SET name = $2 WHERE id = $1", change.id, change.to);
  tx.exec("UPDATE apply_sets SET manager = $2 || substr(manager, length($1) + 1) WHERE starts_with(manager, $1)",
          sets_of(change.from), sets_of(change.to));
  begin_spans(tx, change);
  end_plans(tx, change, stamp.plan_id);
  operations::store::rename_team(tx, change.from, change.to);
  identity::store::rename_ci_team(tx, change.from, change.to);
  reserve_name(tx, change.from, change.id, change.to);
  return carried;
}

std::vector<Carried> merge_team(pg::Tx& tx, const TeamChange& change, std::int64_t heir_id,
                                const plans::store::Stamp& stamp) {
  auto ids = saying(tx, change.id, change.from, sets_applied(tx, change.from));
  tx.exec("UPDATE owners SET team_id = $2 WHERE team_id = $1", change.id, heir_id);
  auto carried = say_new_name(tx, change, ids, "", stamp);
  tx.exec("DELETE FROM apply_sets WHERE starts_with(manager, $1)", sets_of(change.from));
  begin_spans(tx, change);
  end_plans(tx, change, stamp.plan_id);
  operations::store::rename_team(tx, change.from, change.to);
  identity::store::revoke_ci_tokens(tx, change.from);
  tx.exec("UPDATE team_names SET team_id = $2 WHERE team_id = $1", change.id, heir_id);
  reserve_name(tx, change.from, heir_id, change.to);
  tx.exec("DELETE FROM objects WHERE id = $1", change.id);
  return carried;
}

}  // namespace eda::catalog::store
