#include "plans/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "plans/wish_json.h"
#include "platform/text/distance.h"
#include "platform/text/json.h"

namespace eda::plans::store {

namespace {

Value json(const pqxx::field& field) {
  if (std::string_view(field.c_str()) == "null") return {};
  return text::from_json(field.c_str()).value_or(Value());
}

// References as three parallel arrays for unnest.
struct RefArrays {
  explicit RefArrays(const std::vector<Ref>& refs) {
    std::vector<std::string> k, c, n;
    for (auto& ref : refs) {
      k.push_back(ref.kind);
      c.push_back(ref.cluster);
      n.push_back(ref.name);
    }
    kinds = pg::text_array(k);
    clusters = pg::text_array(c);
    names = pg::text_array(n);
  }
  std::string kinds, clusters, names;
};

std::vector<Ref> refs_of(const std::vector<const Draft*>& drafts) {
  std::vector<Ref> refs;
  for (auto* draft : drafts) refs.push_back(draft->ref);
  return refs;
}

Ref ref_of(const pqxx::row& row, int first) {
  return Ref{row[first].c_str(), row[first + 1].c_str(), row[first + 2].c_str()};
}

}  // namespace

Object object_of(const pqxx::row& row) {
  Object object;
  object.id = row[0].as<std::int64_t>();
  object.uid = row[1].c_str();
  object.ref = Ref{row[2].c_str(), row[3].c_str(), row[4].c_str()};
  object.generation = row[5].as<std::int64_t>();
  object.observed_generation = row[6].as<std::int64_t>();
  object.state = parse_state(row[7].c_str());
  object.wish = wish_from_json(row[8].c_str());
  object.observed = json(row[9]);
  object.fingerprint = row[10].c_str();
  object.conditions = conditions_from_json(row[11].c_str());
  object.created_at = pg::instant_of(row[12]);
  object.updated_at = pg::instant_of(row[13]);
  object.updated_by = row[14].c_str();
  object.overlay = overlay_from_json(row[15].c_str());
  object.drift = drift_from_json(row[16].c_str());
  return object;
}

std::map<Ref, Object> load(pg::Tx& tx, const std::vector<Ref>& refs, Lock lock) {
  std::map<Ref, Object> objects;
  if (refs.empty()) return objects;
  RefArrays keys(refs);
  constexpr const char* plain = "SELECT " EDA_OBJECT_COLUMNS
                                " FROM objects o JOIN unnest($1::text[], $2::text[], $3::text[]) k(kind, cluster, "
                                "name) USING (kind, cluster, name)";
  constexpr const char* locked = "SELECT " EDA_OBJECT_COLUMNS
                                 " FROM objects o JOIN unnest($1::text[], $2::text[], $3::text[]) k(kind, cluster, "
                                 "name) USING (kind, cluster, name)"
                                 " ORDER BY o.id FOR UPDATE OF o";
  auto rows = tx.exec(lock == Lock::update ? locked : plain, keys.kinds, keys.clusters, keys.names);
  for (const auto& row : rows) {
    auto object = object_of(row);
    objects.emplace(object.ref, std::move(object));
  }
  return objects;
}

std::vector<Ref> existing(pg::Tx& tx, const std::vector<Ref>& refs) {
  std::vector<Ref> found;
  if (refs.empty()) return found;
  RefArrays keys(refs);
  // A reference without a cluster to what lives on one is looked for on each.
  auto rows = tx.exec(
      "WITH k AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) k(kind, cluster, name))"
      " SELECT o.kind, o.cluster, o.name FROM objects o JOIN k USING (kind, cluster, name) WHERE o.state <> 'deleting'"
      " UNION ALL SELECT o.kind, o.cluster, o.name FROM k JOIN objects c ON c.kind = 'cluster' AND k.cluster = ''"
      " JOIN objects o ON (o.kind, o.cluster, o.name) = (k.kind, c.name, k.name) WHERE o.state <> 'deleting'",
      keys.kinds, keys.clusters, keys.names);
  for (const auto& row : rows) found.push_back(ref_of(row, 0));
  return found;
}

std::vector<std::string> names(pg::Tx& tx, const std::string& kind, const std::string& cluster) {
  std::vector<std::string> found;
  for (const auto& row :
       tx.exec("SELECT name FROM objects WHERE kind = $1 AND ($2 = '' OR cluster = $2) ORDER BY name LIMIT 1000", kind,
               cluster)) {
    found.emplace_back(row[0].c_str());
  }
  return found;
}

Error unknown(pg::Tx& tx, const Ref& ref) {
  return errors::unknown_object(ref, text::did_you_mean(ref.name, names(tx, ref.kind, ref.cluster)));
}

namespace {

using Ids = std::map<Ref, std::int64_t>;

Ids ids_of(const pqxx::result& rows) {
  Ids ids;
  for (const auto& row : rows) ids.emplace(ref_of(row, 1), row[0].as<std::int64_t>());
  return ids;
}

// The state that an object gets: a live kind's waits for its worker, another's is true at once. Empty: it stays, for
// only managers change.
std::string state_after(const Draft& draft) {
  if (draft.action == Action::unchanged) return {};
  bool waits = draft.rules->live && draft.action != Action::adopt;
  return std::string(state_name(waits ? State::pending : State::applied));
}

std::string managers_of(const Wish& wish) {
  std::set<std::string> managers;
  for (auto& [path, field] : wish) {
    if (!field.manager.empty()) managers.insert(field.manager);
  }
  return pg::text_array({managers.begin(), managers.end()});
}

std::string first_end(const Overlay& overlay) {
  std::optional<Instant> first;
  for (auto& [path, over] : overlay) first = first ? std::min(*first, over.until) : over.until;
  return first ? to_rfc3339(*first) : std::string();
}

// Wishes as arrays beside the references.
struct WishArrays : RefArrays {
  explicit WishArrays(const std::vector<const Draft*>& drafts) : RefArrays(refs_of(drafts)) {
    std::vector<std::string> w, s, m, o, u;
    for (auto* draft : drafts) {
      w.push_back(wish_to_json(draft->after));
      s.push_back(state_after(*draft));
      m.push_back(managers_of(draft->after));
      o.push_back(overlay_to_json(draft->overlay));
      u.push_back(first_end(draft->overlay));
    }
    wishes = pg::text_array(w);
    states = pg::text_array(s);
    sets = pg::text_array(m);
    overlays = pg::text_array(o);
    untils = pg::text_array(u);
  }
  std::string wishes, states, sets, overlays, untils;
};

Ids insert(pg::Tx& tx, const std::vector<const Draft*>& drafts, const Stamp& stamp) {
  if (drafts.empty()) return {};
  WishArrays rows(drafts);
  return ids_of(tx.exec(
      "INSERT INTO objects (kind, cluster, name, wish, state, sets, observed_generation, updated_by)"
      " SELECT kind, cluster, name, wish::jsonb, state, sets::text[], CASE state WHEN 'applied' THEN 1 ELSE 0 END, $7"
      " FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])"
      "   r(kind, cluster, name, wish, state, sets)"
      " ON CONFLICT ON CONSTRAINT objects_name DO NOTHING RETURNING id, kind, cluster, name",
      rows.kinds, rows.clusters, rows.names, rows.wishes, rows.states, rows.sets, stamp.actor));
}

Ids update(pg::Tx& tx, const std::vector<const Draft*>& drafts, const Stamp& stamp) {
  if (drafts.empty()) return {};
  WishArrays rows(drafts);
  return ids_of(tx.exec(
      "UPDATE objects o SET wish = r.wish::jsonb, sets = r.sets::text[], overlay = r.overlay::jsonb,"
      " overlay_until = nullif(r.until, '')::timestamptz,"
      " state = CASE r.state WHEN '' THEN o.state ELSE r.state END, generation = o.generation + 1,"
      " observed_generation = CASE WHEN r.state = 'applied' OR (r.state = '' AND o.observed_generation = o.generation)"
      "   THEN o.generation + 1 ELSE o.observed_generation END,"
      " updated_at = now(), updated_by = $9"
      " FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])"
      "   r(kind, cluster, name, wish, state, sets, overlay, until)"
      " WHERE (o.kind, o.cluster, o.name) = (r.kind, r.cluster, r.name)"
      " RETURNING o.id, o.kind, o.cluster, o.name",
      rows.kinds, rows.clusters, rows.names, rows.wishes, rows.states, rows.sets, rows.overlays, rows.untils,
      stamp.actor));
}

Ids begin_deletion(pg::Tx& tx, const std::vector<const Draft*>& drafts, const Stamp& stamp) {
  if (drafts.empty()) return {};
  RefArrays rows(refs_of(drafts));
  return ids_of(tx.exec(
      "UPDATE objects o SET state = 'deleting', generation = o.generation + 1, updated_at = now(), updated_by = $4"
      " FROM unnest($1::text[], $2::text[], $3::text[]) r(kind, cluster, name)"
      " WHERE (o.kind, o.cluster, o.name) = (r.kind, r.cluster, r.name) RETURNING o.id, o.kind, o.cluster, o.name",
      rows.kinds, rows.clusters, rows.names, stamp.actor));
}

Ids erase(pg::Tx& tx, const std::vector<const Draft*>& drafts) {
  if (drafts.empty()) return {};
  RefArrays rows(refs_of(drafts));
  return ids_of(tx.exec(
      "DELETE FROM objects o USING unnest($1::text[], $2::text[], $3::text[]) r(kind, cluster, name)"
      " WHERE (o.kind, o.cluster, o.name) = (r.kind, r.cluster, r.name) RETURNING o.id, o.kind, o.cluster, o.name",
      rows.kinds, rows.clusters, rows.names));
}

std::string file_of(const Position& at) {
  return at.known() ? fmt::format("{}:{}", at.file, at.line) : at.file;
}

void keep_revisions(pg::Tx& tx, const Ids& ids, const std::vector<const Draft*>& drafts, const Stamp& stamp) {
  std::vector<std::int64_t> keys;
  std::vector<std::string> files;
  for (auto* draft : drafts) {
    auto id = ids.find(draft->ref);
    if (id == ids.end()) continue;
    keys.push_back(id->second);
    files.push_back(file_of(draft->at));
  }
  if (keys.empty()) return;
  tx.exec(
      "INSERT INTO revisions (object_id, generation, actor, reason, plan_id, source, file, wish, overlay)"
      " SELECT o.id, o.generation, $3, $4, $5, $6, r.file, o.wish, o.overlay"
      " FROM unnest($1::bigint[], $2::text[]) r(id, file) JOIN objects o ON o.id = r.id",
      pg::bigint_array(keys), pg::text_array(files), stamp.actor, stamp.reason, stamp.plan_id, stamp.source);
}

}  // namespace

std::vector<std::int64_t> write(pg::Tx& tx, const std::vector<const Draft*>& drafts, const Stamp& stamp) {
  std::vector<const Draft*> fresh, changed, dying, gone;
  for (auto* draft : drafts) {
    if (draft->action == Action::remove) {
      (draft->rules->live ? dying : gone).push_back(draft);
    } else {
      (draft->before ? changed : fresh).push_back(draft);
    }
  }
  Ids written = insert(tx, fresh, stamp);
  written.merge(update(tx, changed, stamp));
  keep_revisions(tx, written, drafts, stamp);
  written.merge(begin_deletion(tx, dying, stamp));
  written.merge(erase(tx, gone));
  std::vector<std::int64_t> ids;
  for (auto* draft : drafts) {
    auto found = written.find(draft->ref);
    ids.push_back(found == written.end() ? 0 : found->second);
  }
  return ids;
}

void link(pg::Tx& tx, const std::string& plan_id, const std::vector<const Draft*>& drafts,
          const std::vector<std::int64_t>& ids) {
  RefArrays keys(refs_of(drafts));
  tx.exec(
      "UPDATE plan_changes c SET object_id = r.id, generation = coalesce(o.generation, 0)"
      " FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) r(kind, cluster, name, id)"
      " LEFT JOIN objects o ON o.id = r.id"
      " WHERE c.plan_id = $1 AND (c.kind, c.cluster, c.name) = (r.kind, r.cluster, r.name)",
      plan_id, keys.kinds, keys.clusters, keys.names, pg::bigint_array(ids));
}

std::vector<Object> due(pg::Tx& tx, const std::string& kind, const std::string& cluster, int limit) {
  std::vector<Object> objects;
  for (const auto& row : tx.exec("SELECT " EDA_OBJECT_COLUMNS " FROM objects o WHERE kind = $1 AND cluster = $2"
                                 " AND state IN ('pending', 'unknown', 'deleting') ORDER BY updated_at, id LIMIT $3",
                                 kind, cluster, limit)) {
    objects.push_back(object_of(row));
  }
  return objects;
}

void write_back(pg::Tx& tx, const std::vector<Seen>& seen) {
  if (seen.empty()) return;
  std::vector<std::int64_t> ids, generations;
  std::vector<std::string> states, conditions, facts, fingerprints, drifts;
  for (auto& one : seen) {
    ids.push_back(one.id);
    generations.push_back(one.generation);
    states.emplace_back(state_name(one.state));
    conditions.push_back(conditions_to_json(one.conditions));
    facts.push_back(text::to_json(one.observed));
    fingerprints.push_back(one.fingerprint);
    drifts.push_back(drift_to_json(one.drift));
  }
  tx.exec(
      "UPDATE objects o SET observed = s.observed::jsonb, fingerprint = s.fingerprint, conditions = "
      "s.conditions::jsonb, drift = s.drift::jsonb,"
      " state = CASE WHEN o.generation = s.generation THEN s.state ELSE o.state END,"
      " observed_generation = CASE WHEN s.state IN ('applied', 'refused', 'drifted')"
      "   THEN greatest(o.observed_generation, s.generation) ELSE o.observed_generation END"
      " FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])"
      "   s(id, generation, state, conditions, observed, fingerprint, drift)"
      " WHERE o.id = s.id",
      pg::bigint_array(ids), pg::bigint_array(generations), pg::text_array(states), pg::text_array(conditions),
      pg::text_array(facts), pg::text_array(fingerprints), pg::text_array(drifts));
}

std::vector<Ref> remove(pg::Tx& tx, const std::vector<std::int64_t>& ids) {
  std::vector<Ref> gone;
  if (ids.empty()) return gone;
  for (const auto& row :
       tx.exec("DELETE FROM objects WHERE id = ANY($1::bigint[]) AND state = 'deleting' RETURNING kind, cluster, name",
               pg::bigint_array(ids))) {
    gone.push_back(ref_of(row, 0));
  }
  return gone;
}

std::map<std::pair<std::string, std::string>, std::int64_t> count_by_state(pg::Tx& tx) {
  std::map<std::pair<std::string, std::string>, std::int64_t> counts;
  for (const auto& row : tx.exec("SELECT kind, state, count(*) FROM objects GROUP BY kind, state")) {
    counts.emplace(std::pair(row[0].c_str(), row[1].c_str()), row[2].as<std::int64_t>());
  }
  return counts;
}

}  // namespace eda::plans::store
