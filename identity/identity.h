#pragma once
// Who calls, and what they may do at all. Users are people; tokens have a subject (user/…, service/…, ci/TEAM/…),
// scopes and an end. What a member or lead of a team may do to an object is the catalog's business (catalog/authority).

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/error.h"
#include "platform/core/time.h"

namespace eda::identity {

/// Roles in the organisation. Admin may all; operator: runtime acts anywhere, never ownership; auditor: reads all.
enum class Role { admin, operator_, auditor };
enum class Scope {
  read,
  write,   ///< and read
  remove,  ///< "delete", of ci tokens only: what their team owns may go too, as when a set is pruned
  administer,
};
enum class SubjectKind { user, service, ci };

std::string_view role_name(Role role);
std::optional<Role> parse_role(std::string_view text);
std::string_view scope_name(Scope scope);
std::optional<Scope> parse_scope(std::string_view text);

std::string_view subject_kind_name(SubjectKind kind);

/// Whom a token speaks for: `user/NAME`, `service/NAME`, `ci/TEAM/NAME`.
struct Subject {
  SubjectKind kind = SubjectKind::user;
  std::string team;  ///< of ci; empty otherwise
  std::string name;

  std::string text() const;
  friend bool operator==(const Subject&, const Subject&) = default;
};
/// invalid SUBJECT_SYNTAX.
Result<Subject> parse_subject(std::string_view text);

/// A person who calls edad.
struct User {
  std::string name;
  std::string display_name;
  std::string email;
  std::set<Role> roles;
  bool disabled = false;
  Instant created_at{};
};

/// A team that a user is in.
struct Membership {
  std::string team;
  std::string role;  ///< "member" or "lead"
};

/// What is known of a token; its text is shown once and never stored.
struct Token {
  std::string id;  ///< public: 12 letters and digits
  std::string subject;
  std::set<Scope> scopes;
  std::string description;
  Instant created_at{};
  Instant expires_at{};
  std::optional<Instant> revoked_at;
  std::optional<Instant> last_used_at;  ///< to the minute
};

/// The caller of one call.
struct Actor {
  std::string subject;  ///< "user/ada", "service/order-service", "ci/checkout/build"
  SubjectKind kind = SubjectKind::user;
  std::string name;  ///< "ada", "order-service", "build"
  std::string team;  ///< of a ci token; empty otherwise
  std::set<Role> roles;
  std::set<Scope> scopes;
  std::string token;  ///< public id of the token
  std::string request_id;

  bool has(Role role) const { return roles.contains(role) || roles.contains(Role::admin); }
  bool is_admin() const { return roles.contains(Role::admin); }
  bool may(Scope scope) const {
    return scopes.contains(scope) || (scope == Scope::read && scopes.contains(Scope::write));
  }
};

/// What a method asks of its caller before the action decides finely.
enum class Permission {
  open,        ///< no token (health, version)
  read,        ///< any token with scope read
  write,       ///< scope write; the action checks ownership
  audit,       ///< auditor or admin, scope read
  operate,     ///< operator or admin, scope write
  administer,  ///< admin, scope administer
};

/// Beside each face's registration: every method of every service, or it is refused.
struct MethodPermission {
  std::string_view method;  ///< "eda.identity.v1.IdentityService/WhoAmI"
  Permission needs;
};

/// May this actor call a method that needs `needs`? denied SCOPE_MISSING or ROLE_MISSING otherwise.
Result<> allow(const Actor& actor, Permission needs);

inline constexpr Duration default_token_lifetime = std::chrono::days(90);
inline constexpr Duration longest_token_lifetime = std::chrono::days(366);
inline constexpr std::size_t tokens_per_subject = 100;  ///< that have not ended

/// Names to values; invalid ROLE_UNKNOWN, SCOPE_UNKNOWN with the nearest name.
Result<std::set<Role>> parse_roles(const std::vector<std::string>& names);
Result<std::set<Scope>> parse_scopes(const std::vector<std::string>& names);

/// invalid USER_INVALID with a violation per field.
Result<> check_user(const User& user);
/// 0 is the default; invalid TOKEN_LIFETIME unless 60 s to 366 days.
Result<Duration> token_lifetime(std::int64_t seconds);

/// The scopes that tokens of a subject may have: read and write; delete for ci; administer for users who are admins.
std::set<Scope> scopes_open_to(SubjectKind kind, const std::set<Role>& roles);
/// The scopes of a new token. None wished: all that the subject may have and the creator has, but delete, which is
/// asked for by name and given by whoever may write. denied SCOPE_BEYOND when more is wished than the creator's own
/// token has or the subject may have.
Result<std::set<Scope>> scopes_granted(const std::set<Scope>& wished, const std::set<Scope>& open_to_subject,
                                       const std::set<Scope>& of_creator);

/// Somebody has to be left who can administer: refused LAST_ADMIN when `after` takes that from the only one of `admins`
/// (the names of all enabled admins before).
Result<> keeps_an_admin(const std::vector<std::string>& admins, const User& after);

}  // namespace eda::identity
