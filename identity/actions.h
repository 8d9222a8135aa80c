#pragma once
// What is done to users and tokens. Plain acts: one transaction with its event, no plan.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "identity/identity.h"
#include "platform/core/page.h"
#include "platform/core/secret.h"
#include "platform/core/time.h"
#include "platform/pg/pool.h"

namespace eda::identity {

/// Who is in which team, and which team owns a service: the catalog's facts, asked from below.
class Teams {
 public:
  virtual ~Teams() = default;
  virtual std::vector<Membership> of(pg::Tx& tx, const std::string& user) = 0;
  virtual bool leads(pg::Tx& tx, const Actor& actor, const std::string& team) = 0;
  /// Empty: no such service, or no team owns it; then its tokens are an admin's business.
  virtual std::string owner_of_service(pg::Tx& tx, const std::string& service) = 0;
  virtual bool exists(pg::Tx& /*tx*/, const std::string& /*team*/) { return true; }
  /// How to reach a team ("chat #checkout"); empty: not known.
  virtual std::string contact(pg::Tx& /*tx*/, const std::string& /*team*/) { return {}; }
};

/// Nobody is in any team, so all is an admin's business.
class NoTeams final : public Teams {
 public:
  std::vector<Membership> of(pg::Tx&, const std::string&) override { return {}; }
  bool leads(pg::Tx&, const Actor&, const std::string&) override { return false; }
  std::string owner_of_service(pg::Tx&, const std::string&) override { return {}; }
};

/// What every mutating call carries. The id makes it idempotent for 24 h; empty: it is not.
struct Request {
  std::string id;
  std::string reason;
};

struct Person {
  User user;
  std::vector<Membership> teams;
};

struct NewUser {
  std::string name;
  std::string display_name;
  std::string email;
  std::vector<std::string> roles;
};

/// Absent: unchanged.
struct UserChange {
  std::string name;
  std::optional<std::string> display_name;
  std::optional<std::string> email;
  std::optional<bool> disabled;
  std::vector<std::string> add_roles;
  std::vector<std::string> remove_roles;
};

struct TokenWish {
  std::string subject;              ///< empty: the caller's own
  std::vector<std::string> scopes;  ///< empty: all that it may have
  std::int64_t lifetime_seconds = 0;
  std::string description;
};

struct NewToken {
  Token token;
  Secret secret;  ///< its text: here and never again
};

struct TokenQuery {
  std::string subject;  ///< empty: the caller's own; "*": all that the caller may see
  enum class Ended { left_out, included } ended = Ended::left_out;
};

struct Self {
  std::string subject;
  std::optional<Person> person;  ///< of a user's token
  Token token;
};

/// Errors common to all that change something: invalid REQUEST_ID, conflict REQUEST_REUSED (the id was used for another
/// request), invalid REASON_INVALID, and the pool's own.
class Actions {
 public:
  Actions(pg::Pool& pool, const Clock& clock, Teams& teams) : pool_(pool), clock_(clock), teams_(teams) {}

  Result<Self> who_am_i(const Actor& actor);

  /// conflict USER_EXISTS; invalid USER_INVALID, ROLE_UNKNOWN.
  Result<Person> create_user(const Actor& actor, const Request& request, const NewUser& wish);
  /// not_found USER_UNKNOWN with the nearest name.
  Result<Person> get_user(const std::string& name);
  Result<Page<User>> list_users(const PageRequest& page);
  /// Also refused LAST_ADMIN. A change that changes nothing leaves no event.
  Result<Person> update_user(const Actor& actor, const Request& request, const UserChange& change);

  /// Users make their own tokens, a team's leads those of its ci and its services, admins all. denied SUBJECT_OF_OTHERS
  /// (names who may, and how to reach them), SCOPE_BEYOND; not_found USER_UNKNOWN, TEAM_UNKNOWN; refused USER_DISABLED;
  /// exhausted TOKEN_LIMIT; conflict TOKEN_MADE for a replay, because a token's text is shown once.
  Result<NewToken> create_token(const Actor& actor, const Request& request, const TokenWish& wish);
  /// denied SUBJECT_OF_OTHERS for a subject that the caller may not see.
  Result<Page<Token>> list_tokens(const Actor& actor, const TokenQuery& query, const PageRequest& page);
  /// An empty id is the token of this call. Whoever may make a token may revoke it; only for the token of this call no
  /// scope `write` is needed. One that has ended stays as it is. not_found TOKEN_UNKNOWN.
  Result<Token> revoke_token(const Actor& actor, const Request& request, const std::string& id);

  /// The first admin and a token of theirs; for whoever holds the database's credentials, so nobody is asked.
  enum class IfThereIsOne {
    refuse,     ///< conflict ADMIN_EXISTS
    add_token,  ///< one more token for an admin who is there: for those who lost theirs
  };
  Result<NewToken> bootstrap_admin(IfThereIsOne then);

 private:
  class Act;

  Result<Person> person_of(pg::Tx& tx, const std::string& name);
  Result<> check_authority(pg::Tx& tx, const Actor& actor, const Subject& subject);
  Result<std::set<Scope>> scopes_open(pg::Tx& tx, const Subject& subject);
  std::string team_of(pg::Tx& tx, const Subject& subject);

  pg::Pool& pool_;
  const Clock& clock_;
  Teams& teams_;
};

}  // namespace eda::identity
