#include "catalog/store.h"

#include <fmt/format.h>

#include "plans/store.h"

namespace eda::catalog::store {

namespace {

// Whose an object is: its owner row's team, or that of the owner row's service; a team is its own.
#define OWNED_OBJECTS                                                                                  \
  "SELECT " EDA_OBJECT_COLUMNS                                                                         \
  ", coalesce(t.name, CASE o.kind WHEN 'team' THEN o.name ELSE '' END),"                               \
  " coalesce(c.contact, ''), coalesce(s.name, '')"                                                     \
  " FROM objects o LEFT JOIN owned_by w ON w.object_id = o.id LEFT JOIN objects t ON t.id = w.team_id" \
  " LEFT JOIN objects s ON s.id = w.service_id"                                                        \
  " LEFT JOIN teams c ON c.object_id = coalesce(w.team_id, CASE o.kind WHEN 'team' THEN o.id END)"

// A selection's five lists, as the parameters from the third on. Empty lists are no conditions: Postgres plans each
// statement with its values, so what remains can use the index of marks.
#define SELECTED                                                                                            \
  " AND ($3::text[] = '{}' OR o.marks @> $3::text[]) AND ($4::text[] = '{}' OR o.marks && $4::text[])"      \
  " AND ($5::text[] = '{}' OR NOT o.marks && $5::text[])"                                                   \
  " AND ($6::text[] = '{}' OR coalesce(t.name, CASE o.kind WHEN 'team' THEN o.name END) = ANY($6::text[]))" \
  " AND ($7::text[] = '{}' OR coalesce(t.name, CASE o.kind WHEN 'team' THEN o.name END, '') <> ALL($7::text[]))"

Entry entry_of(const pqxx::row& row) {
  return Entry{plans::store::object_of(row),
               Owner{row[plans::store::object_columns].c_str(), row[plans::store::object_columns + 1].c_str(),
                     row[plans::store::object_columns + 2].c_str()}};
}

// A page token is the last reference, each part escaped so that names may hold anything.
std::vector<std::string> split_token(const std::string& token) {
  std::vector<std::string> parts{""};
  for (char c : token) {
    if (c == '\n') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  parts.resize(3);
  return parts;
}

}  // namespace

void write_teams(pg::Tx& tx, const std::vector<TeamRow>& teams) {
  if (teams.empty()) return;
  std::vector<std::int64_t> ids, teams_of_members;
  std::vector<std::string> contacts, users, roles;
  for (auto& team : teams) {
    ids.push_back(team.object_id);
    contacts.push_back(team.contact);
    for (auto& [user, role] : team.roles_by_user) {
      teams_of_members.push_back(team.object_id);
      users.push_back(user);
      roles.push_back(role);
    }
  }
  tx.exec(
      "INSERT INTO teams (object_id, contact) SELECT * FROM unnest($1::bigint[], $2::text[])"
      " ON CONFLICT ON CONSTRAINT teams_pkey DO UPDATE SET contact = excluded.contact",
      pg::bigint_array(ids), pg::text_array(contacts));
  tx.exec("DELETE FROM team_members WHERE team_id = ANY($1::bigint[])", pg::bigint_array(ids));
  if (users.empty()) return;
  tx.exec(
      "INSERT INTO team_members (team_id, user_name, role) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])",
      pg::bigint_array(teams_of_members), pg::text_array(users), pg::text_array(roles));
}

std::map<std::string, TeamRole> roles_of(pg::Tx& tx, const std::string& user) {
  std::map<std::string, TeamRole> roles;
  for (const auto& row :
       tx.exec("SELECT o.name, m.role FROM team_members m JOIN objects o ON o.id = m.team_id WHERE m.user_name = $1",
               user)) {
    roles.emplace(row[0].c_str(), std::string_view(row[1].c_str()) == "lead" ? TeamRole::lead : TeamRole::member);
  }
  return roles;
}

std::map<std::string, Owner> teams(pg::Tx& tx, const std::vector<std::string>& names) {
  std::map<std::string, Owner> found;
  for (const auto& row : tx.exec("SELECT o.name, t.contact FROM objects o JOIN teams t ON t.object_id = o.id"
                                 " WHERE o.kind = 'team' AND o.cluster = '' AND o.name = ANY($1::text[])",
                                 pg::text_array(names))) {
    found.emplace(row[0].c_str(), Owner{row[0].c_str(), row[1].c_str()});
  }
  return found;
}

Owner team(pg::Tx& tx, const std::string& name) {
  auto found = teams(tx, {name});
  return found.empty() ? Owner{name, ""} : found.begin()->second;
}

Owned owned_by(pg::Tx& tx, std::int64_t team_object_id, int limit) {
  tx.exec("SELECT 1 FROM teams WHERE object_id = $1 FOR UPDATE", team_object_id);
  Owned owned;
  for (const auto& row :
       tx.exec("SELECT o.kind, o.cluster, o.name, count(*) OVER () FROM owners w JOIN objects o ON o.id = w.object_id"
               " WHERE w.team_id = $1 ORDER BY o.kind, o.name LIMIT $2",
               team_object_id, limit)) {
    owned.some.push_back(Ref{row[0].c_str(), row[1].c_str(), row[2].c_str()}.text());
    owned.total = row[3].as<std::int64_t>();
  }
  return owned;
}

Owned tagged(pg::Tx& tx, const std::string& tag, int limit) {
  Owned tagged;
  for (const auto& row :
       tx.exec("SELECT kind, cluster, name, count(*) OVER () FROM objects WHERE marks @> ARRAY['t:' || $1]"
               " ORDER BY kind, cluster, name LIMIT $2",
               tag, limit)) {
    tagged.some.push_back(Ref{row[0].c_str(), row[1].c_str(), row[2].c_str()}.text());
    tagged.total = row[3].as<std::int64_t>();
  }
  return tagged;
}

std::vector<std::string> unknown_users(pg::Tx& tx, const std::vector<std::string>& names) {
  std::vector<std::string> unknown;
  for (const auto& row :
       tx.exec("SELECT n FROM unnest($1::text[]) n WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.name = n)",
               pg::text_array(names))) {
    unknown.emplace_back(row[0].c_str());
  }
  return unknown;
}

std::map<std::int64_t, Owner> owners_of(pg::Tx& tx, const std::vector<std::int64_t>& object_ids) {
  std::map<std::int64_t, Owner> owners;
  if (object_ids.empty()) return owners;
  for (const auto& row : tx.exec("SELECT w.object_id, o.name, t.contact, coalesce(s.name, '') FROM owned_by w"
                                 " JOIN objects o ON o.id = w.team_id JOIN teams t ON t.object_id = w.team_id"
                                 " LEFT JOIN objects s ON s.id = w.service_id WHERE w.object_id = ANY($1::bigint[])",
                                 pg::bigint_array(object_ids))) {
    owners.emplace(row[0].as<std::int64_t>(), Owner{row[1].c_str(), row[2].c_str(), row[3].c_str()});
  }
  return owners;
}

void write_owners(pg::Tx& tx, const std::vector<OwnerRow>& rows) {
  if (rows.empty()) return;
  std::vector<std::int64_t> ids;
  std::vector<std::string> teams, services;
  for (auto& row : rows) {
    ids.push_back(row.object_id);
    teams.push_back(row.service.empty() ? row.team : std::string());
    services.push_back(row.service);
  }
  // Of what has changed hands the span that is open ends, and another begins.
  tx.exec(
      "WITH said AS (SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) r(id, team, service)),"
      " changed AS (INSERT INTO owners (object_id, team_id, service_id)"
      "  SELECT r.id, t.id, s.id FROM said r"
      "  LEFT JOIN objects t ON (t.kind, t.cluster, t.name) = ('team', '', r.team)"
      "  LEFT JOIN objects s ON (s.kind, s.cluster, s.name) = ('service', '', r.service)"
      "  ON CONFLICT ON CONSTRAINT owners_pkey"
      "  DO UPDATE SET team_id = excluded.team_id, service_id = excluded.service_id"
      "  WHERE (owners.team_id, owners.service_id) IS DISTINCT FROM (excluded.team_id, excluded.service_id)"
      "  RETURNING object_id),"
      " news AS (SELECT o.kind, o.cluster, o.name, r.team, r.service FROM changed c"
      "  JOIN objects o ON o.id = c.object_id JOIN said r ON r.id = c.object_id),"
      " ended AS (UPDATE owner_spans p SET until = now() FROM news n"
      "  WHERE (p.kind, p.cluster, p.name) = (n.kind, n.cluster, n.name) AND p.until IS NULL)"
      " INSERT INTO owner_spans (kind, cluster, name, team, service, since)"
      " SELECT kind, cluster, name, team, service, now() FROM news",
      pg::bigint_array(ids), pg::text_array(teams), pg::text_array(services));
}

Page<OwnerSpan> owners_at(pg::Tx& tx, const SpanFilter& filter, const PageRequest& page) {
  auto after = split_token(page.token);
  Page<OwnerSpan> result;
  for (const auto& row :
       tx.exec("WITH held AS (SELECT * FROM owner_spans WHERE since <= $1 AND (until IS NULL OR until > $1))"
               " SELECT p.kind, p.cluster, p.name, coalesce(s.team, p.team), p.service, eda_micros(p.since),"
               " eda_micros(p.until) FROM held p"
               " LEFT JOIN held s ON p.service <> '' AND (s.kind, s.cluster, s.name) = ('service', '', p.service)"
               " WHERE ($2 = '' OR p.kind = $2) AND ($3 = '' OR p.cluster = $3) AND ($4 = '' OR coalesce(s.team, "
               "p.team) = $4)"
               " AND (p.kind, p.cluster, p.name) > ($5, $6, $7) ORDER BY p.kind, p.cluster, p.name LIMIT $8",
               to_rfc3339(filter.at), filter.kind, filter.cluster, filter.team, after[0], after[1], after[2],
               page.limit())) {
    OwnerSpan span{Ref{row[0].c_str(), row[1].c_str(), row[2].c_str()}, row[3].c_str(), row[4].c_str(),
                   pg::instant_of(row[5]), std::nullopt};
    if (!row[6].is_null()) span.until = pg::instant_of(row[6]);
    result.rows.push_back(std::move(span));
  }
  if (result.rows.size() == page.limit()) {
    auto& last = result.rows.back().object;
    result.next_token = fmt::format("{}\n{}\n{}", last.kind, last.cluster, last.name);
  }
  return result;
}

Page<Entry> list(pg::Tx& tx, const Filter& filter, const PageRequest& page) {
  auto after = split_token(page.token);
  auto& wanted = filter.selection;
  Page<Entry> result;
  for (const auto& row :
       tx.exec(OWNED_OBJECTS " WHERE ($1 = '' OR o.kind = $1) AND ($2 = '' OR o.cluster = $2)" SELECTED
                             " AND (o.kind, o.cluster, o.name) > ($8, $9, $10)"
                             " ORDER BY o.kind, o.cluster, o.name LIMIT $11",
               filter.kind, filter.cluster, pg::text_array(wanted.all), pg::text_array(wanted.any),
               pg::text_array(wanted.none), pg::text_array(wanted.teams), pg::text_array(wanted.strangers), after[0],
               after[1], after[2], page.limit())) {
    result.rows.push_back(entry_of(row));
  }
  if (result.rows.size() == page.limit()) {
    auto& last = result.rows.back().object.ref;
    result.next_token = fmt::format("{}\n{}\n{}", last.kind, last.cluster, last.name);
  }
  return result;
}

Page<Domain> domains(pg::Tx& tx, const PageRequest& page) {
  Page<Domain> result;
  for (const auto& row :
       tx.exec("SELECT substr(m, 3) AS domain, array_remove(array_agg(DISTINCT t.name), NULL),"
               " count(*) FILTER (WHERE o.kind = 'service'), count(*) FILTER (WHERE o.kind = 'stream'),"
               " count(*) FROM objects o JOIN unnest(o.marks) m ON starts_with(m, 'd:')"
               " LEFT JOIN owned_by w ON w.object_id = o.id LEFT JOIN objects t ON t.id = w.team_id"
               " WHERE substr(m, 3) > $1 COLLATE \"C\" GROUP BY 1 ORDER BY 1 LIMIT $2",
               page.token, page.limit())) {
    result.rows.push_back({row[0].c_str(), pg::texts_of(row[1]), row[2].as<std::uint32_t>(), row[3].as<std::uint32_t>(),
                           row[4].as<std::uint32_t>()});
  }
  if (result.rows.size() == page.limit()) result.next_token = result.rows.back().name;
  return result;
}

std::optional<Entry> find(pg::Tx& tx, const Ref& ref) {
  auto rows =
      tx.exec(OWNED_OBJECTS " WHERE (o.kind, o.cluster, o.name) = ($1, $2, $3)", ref.kind, ref.cluster, ref.name);
  if (rows.empty()) return std::nullopt;
  return entry_of(rows[0]);
}

}  // namespace eda::catalog::store
