#include <charconv>
#include <limits>

#include "identity/store.h"

namespace eda::identity::store {
namespace {

std::vector<std::string> names_of(const std::set<Scope>& scopes) {
  std::vector<std::string> names;
  for (Scope scope : scopes) names.emplace_back(scope_name(scope));
  return names;
}

std::optional<Instant> maybe_instant(const pqxx::field& micros) {
  if (micros.is_null()) return std::nullopt;
  return pg::instant_of(micros);
}

#define TOKEN_COLUMNS                                                                                               \
  "t.id, t.subject, t.scopes, t.description, "                                                                      \
  "eda_micros(t.created_at) as created, eda_micros(t.expires_at) as expires, eda_micros(t.revoked_at) as revoked, " \
  "eda_micros(t.last_used_at) as used "

Token token_of(const pqxx::row& row) {
  Token token;
  token.id = row["id"].c_str();
  token.subject = row["subject"].c_str();
  token.scopes = parse_scopes(pg::texts_of(row["scopes"])).value();
  token.description = row["description"].c_str();
  token.created_at = pg::instant_of(row["created"]);
  token.expires_at = pg::instant_of(row["expires"]);
  token.revoked_at = maybe_instant(row["revoked"]);
  token.last_used_at = maybe_instant(row["used"]);
  return token;
}

std::optional<Token> first_token(const pqxx::result& rows) {
  if (rows.empty()) return std::nullopt;
  return token_of(rows[0]);
}

/// The page before ended with this token: microseconds of its creation, a dot, its id.
struct Cursor {
  std::int64_t created = std::numeric_limits<std::int64_t>::max() / 1000;
  std::string id;
};

Result<Cursor> cursor_of(const std::string& page_token) {
  Cursor cursor;
  if (page_token.empty()) return cursor;
  const char* last = page_token.data() + page_token.size();
  auto [end, fault] = std::from_chars(page_token.data(), last, cursor.created);
  if (fault != std::errc() || end == last || *end != '.' || cursor.created < 0 ||
      cursor.created > std::numeric_limits<std::int64_t>::max() / 1000) {
    return fail(Code::invalid, "PAGE_TOKEN", "the page token is not one that edad gave",
                "begin again without a page token");
  }
  cursor.id.assign(end + 1, last);
  return cursor;
}

}  // namespace

void insert_token(pg::Tx& tx, const Token& token, const std::string& digest) {
  tx.exec(
      "insert into tokens (id, digest, subject, scopes, description, created_at, expires_at) "
      "values ($1, decode($2, 'hex'), $3, $4::text[], $5, $6::timestamptz, $7::timestamptz)",
      token.id, digest, token.subject, pg::text_array(names_of(token.scopes)), token.description,
      to_rfc3339(token.created_at), to_rfc3339(token.expires_at));
}

std::optional<Token> find_token(pg::Tx& tx, const std::string& id) {
  return first_token(tx.exec("select " TOKEN_COLUMNS "from tokens t where t.id = $1", id));
}

std::optional<Token> lock_token(pg::Tx& tx, const std::string& id) {
  return first_token(tx.exec("select " TOKEN_COLUMNS "from tokens t where t.id = $1 for update", id));
}

void revoke_token(pg::Tx& tx, const std::string& id, Instant now) {
  tx.exec("update tokens set revoked_at = $2::timestamptz where id = $1", id, to_rfc3339(now));
}

void rename_ci_team(pg::Tx& tx, const std::string& from, const std::string& to) {
  tx.exec(
      "update tokens set subject = 'ci/' || $2 || substr(subject, length('ci/' || $1) + 1)"
      " where starts_with(subject, 'ci/' || $1 || '/')",
      from, to);
}

std::int64_t revoke_ci_tokens(pg::Tx& tx, const std::string& team) {
  return static_cast<std::int64_t>(
      tx.exec("update tokens set revoked_at = now() where starts_with(subject, 'ci/' || $1 || '/')"
              " and revoked_at is null and expires_at > now()",
              team)
          .affected_rows());
}

std::size_t count_tokens(pg::Tx& tx, const std::string& subject, Instant now) {
  return tx
      .exec("select count(*) from tokens where subject = $1 and revoked_at is null and expires_at > $2::timestamptz",
            subject, to_rfc3339(now))[0][0]
      .as<std::size_t>();
}

void write_last_used(pg::Tx& tx, const std::vector<std::pair<std::string, Instant>>& used) {
  std::vector<std::string> ids, instants;
  for (const auto& [id, at] : used) {
    ids.push_back(id);
    instants.push_back(to_rfc3339(at));
  }
  // In the order of the ids, so that replicas that write the same tokens wait for each other instead of deadlocking.
  tx.exec(
      "with given as (select t.id, g.at from tokens t join unnest($1::text[], $2::timestamptz[]) g(id, at) "
      "  on t.id = g.id order by t.id for update of t) "
      "update tokens t set last_used_at = greatest(t.last_used_at, given.at) from given where t.id = given.id",
      pg::text_array(ids), pg::text_array(instants));
}

std::optional<Credential> find_credential(pg::Tx& tx, const std::string& digest) {
  pqxx::result rows =
      tx.exec("select " TOKEN_COLUMNS
              ", u.id is not null as known, coalesce(u.disabled, false) as disabled, "
              "(select array_agg(role) from user_roles where user_id = u.id) as roles "
              "from tokens t left join users u on t.subject = 'user/' || u.name where t.digest = decode($1, 'hex')",
              digest);
  if (rows.empty()) return std::nullopt;
  Credential credential;
  credential.token = token_of(rows[0]);
  if (!credential.token.subject.starts_with("user/")) return credential;
  if (!rows[0]["known"].as<bool>()) credential.holder = Credential::Holder::unknown;
  if (rows[0]["disabled"].as<bool>()) credential.holder = Credential::Holder::disabled;
  credential.roles = parse_roles(pg::texts_of(rows[0]["roles"])).value();
  return credential;
}

Result<Page<Token>> list_tokens(pg::Tx& tx, const TokenFilter& filter, const PageRequest& page) {
  EDA_ASSIGN(Cursor cursor, cursor_of(page.token));
  pqxx::result rows =
      tx.exec("select " TOKEN_COLUMNS
              "from tokens t where ($1 or t.subject = any ($2::text[]) "
              "  or (t.subject like 'ci/%' and split_part(t.subject, '/', 2) = any ($3::text[]))) "
              "and ($4 or (t.revoked_at is null and t.expires_at > $5::timestamptz)) "
              "and (eda_micros(t.created_at), t.id) < ($6, $7) order by t.created_at desc, t.id desc limit $8",
              filter.reach == TokenFilter::Reach::all, pg::text_array(filter.subjects), pg::text_array(filter.ci_teams),
              filter.ended == TokenFilter::Ended::included, to_rfc3339(filter.now), cursor.created, cursor.id,
              static_cast<std::int64_t>(page.limit()) + 1);
  Page<Token> found;
  for (const auto& row : rows) {
    if (found.rows.size() == page.limit()) {
      const Token& last = found.rows.back();
      found.next_token = std::to_string(last.created_at.time_since_epoch().count()) + "." + last.id;
      break;
    }
    found.rows.push_back(token_of(row));
  }
  return found;
}

}  // namespace eda::identity::store
