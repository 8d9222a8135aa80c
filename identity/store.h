#pragma once
// Rows of users and tokens.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "identity/identity.h"
#include "platform/core/page.h"
#include "platform/pg/tx.h"

namespace eda::identity::store {

// --- users

/// Whether it was written; it was not when the name is taken.
enum class Written { yes, name_taken };
Written insert_user(pg::Tx& tx, const User& user);
std::optional<User> find_user(pg::Tx& tx, const std::string& name);
/// The same, locked until the transaction ends.
std::optional<User> lock_user(pg::Tx& tx, const std::string& name);
/// All but the name, which is the key, and the time of creation.
void update_user(pg::Tx& tx, const User& user);
/// By name.
Page<User> list_users(pg::Tx& tx, const PageRequest& page);
std::vector<std::string> user_names(pg::Tx& tx);
/// Names of the enabled admins, locked until the transaction ends: two that take each other's role wait for each other.
std::vector<std::string> lock_admins(pg::Tx& tx);
/// Keeps others from making users until the transaction ends.
void lock_users(pg::Tx& tx);

// --- tokens

void insert_token(pg::Tx& tx, const Token& token, const std::string& digest);
std::optional<Token> find_token(pg::Tx& tx, const std::string& id);
/// The same, locked until the transaction ends.
std::optional<Token> lock_token(pg::Tx& tx, const std::string& id);
void revoke_token(pg::Tx& tx, const std::string& id, Instant now);
/// Pipelines of a team that is called otherwise from now on.
void rename_ci_team(pg::Tx& tx, const std::string& from, const std::string& to);
/// Ends the tokens of a team's pipelines; returns how many it were.
std::int64_t revoke_ci_tokens(pg::Tx& tx, const std::string& team);
/// Tokens of the subject that have not ended.
std::size_t count_tokens(pg::Tx& tx, const std::string& subject, Instant now);
/// The later of what is stored and what is given, for each id.
void write_last_used(pg::Tx& tx, const std::vector<std::pair<std::string, Instant>>& used);

/// A token and who stands behind it, as a call needs it.
struct Credential {
  Token token;
  std::set<Role> roles;  ///< of a user
  enum class Holder { active, disabled, unknown } holder = Holder::active;
};
std::optional<Credential> find_credential(pg::Tx& tx, const std::string& digest);

struct TokenFilter {
  enum class Reach { named, all } reach = Reach::named;
  std::vector<std::string> subjects;
  std::vector<std::string> ci_teams;  ///< every ci subject of these
  enum class Ended { left_out, included } ended = Ended::left_out;
  Instant now{};
};
/// Newest first. invalid PAGE_TOKEN.
Result<Page<Token>> list_tokens(pg::Tx& tx, const TokenFilter& filter, const PageRequest& page);

}  // namespace eda::identity::store
