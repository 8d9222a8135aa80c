#include "identity/store.h"

namespace eda::identity::store {
namespace {

User user_of(const pqxx::row& row) {
  User user;
  user.name = row["name"].c_str();
  user.display_name = row["display_name"].c_str();
  user.email = row["email"].c_str();
  user.disabled = row["disabled"].as<bool>();
  user.created_at = pg::instant_of(row["created"]);
  user.roles = parse_roles(pg::texts_of(row["roles"])).value();
  return user;
}

#define USER_COLUMNS                                                                          \
  "select u.name, u.display_name, u.email, u.disabled, eda_micros(u.created_at) as created, " \
  "(select array_agg(role) from user_roles where user_id = u.id) as roles from users u "

void write_roles(pg::Tx& tx, const User& user) {
  std::vector<std::string> names;
  for (Role role : user.roles) names.emplace_back(role_name(role));
  tx.exec(
      "delete from user_roles r using users u where u.id = r.user_id and u.name = $1 and not r.role = any ($2::text[])",
      user.name, pg::text_array(names));
  tx.exec(
      "insert into user_roles (user_id, role) select u.id, given.role from users u, unnest($2::text[]) given(role) "
      "where u.name = $1 on conflict on constraint user_roles_once do nothing",
      user.name, pg::text_array(names));
}

std::optional<User> first_user(const pqxx::result& rows) {
  if (rows.empty()) return std::nullopt;
  return user_of(rows[0]);
}

}  // namespace

Written insert_user(pg::Tx& tx, const User& user) {
  pqxx::result rows = tx.exec(
      "insert into users (name, display_name, email, disabled, created_at) values ($1, $2, $3, $4, $5::timestamptz) "
      "on conflict on constraint users_name do nothing returning id",
      user.name, user.display_name, user.email, user.disabled, to_rfc3339(user.created_at));
  if (rows.empty()) return Written::name_taken;
  write_roles(tx, user);
  return Written::yes;
}

std::optional<User> find_user(pg::Tx& tx, const std::string& name) {
  return first_user(tx.exec(USER_COLUMNS "where u.name = $1", name));
}

std::optional<User> lock_user(pg::Tx& tx, const std::string& name) {
  // Two statements: the roles of the first could be those from before it waited for the row.
  if (tx.exec("select 1 from users where name = $1 for update", name).empty()) return std::nullopt;
  return find_user(tx, name);
}

void update_user(pg::Tx& tx, const User& user) {
  tx.exec("update users set display_name = $2, email = $3, disabled = $4 where name = $1", user.name, user.display_name,
          user.email, user.disabled);
  write_roles(tx, user);
}

Page<User> list_users(pg::Tx& tx, const PageRequest& page) {
  Page<User> found;
  for (const auto& row : tx.exec(USER_COLUMNS "where u.name collate \"C\" > $1 order by u.name collate \"C\" limit $2",
                                 page.token, static_cast<std::int64_t>(page.limit()) + 1)) {
    if (found.rows.size() == page.limit()) {
      found.next_token = found.rows.back().name;
      break;
    }
    found.rows.push_back(user_of(row));
  }
  return found;
}

std::vector<std::string> user_names(pg::Tx& tx) {
  std::vector<std::string> names;
  for (const auto& row : tx.exec("select name from users order by name limit 10000"))
    names.emplace_back(row[0].c_str());
  return names;
}

std::vector<std::string> lock_admins(pg::Tx& tx) {
  std::vector<std::string> names;
  for (const auto& row : tx.exec("select u.name from users u join user_roles r on r.user_id = u.id "
                                 "where r.role = 'admin' and not u.disabled order by u.id for update of u, r")) {
    names.emplace_back(row[0].c_str());
  }
  return names;
}

void lock_users(pg::Tx& tx) {
  tx.exec("lock table users in share row exclusive mode");
}

}  // namespace eda::identity::store
