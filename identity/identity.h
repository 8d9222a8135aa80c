#pragma once
// Who calls, and what they may do at all. Users are people; tokens have a subject (user/…, service/…, ci/TEAM/…), scopes
// and an end. What a member or lead of a team may do to an object is the catalog's business (catalog/authority).

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "platform/core/error.h"
#include "platform/core/time.h"

namespace eda::identity {

/// Roles in the organisation. Admin may all; operator: runtime acts anywhere, never ownership; auditor: reads all.
enum class Role { admin, operator_, auditor };
enum class Scope { read, write, administer };
enum class SubjectKind { user, service, ci };

std::string_view role_name(Role role);
std::optional<Role> parse_role(std::string_view text);
std::string_view scope_name(Scope scope);
std::optional<Scope> parse_scope(std::string_view text);

/// The caller of one call.
struct Actor {
  std::string subject;  ///< "user/ada", "service/order-service", "ci/checkout/build"
  SubjectKind kind = SubjectKind::user;
  std::string name;     ///< "ada", "order-service", "build"
  std::string team;     ///< of a ci token; empty otherwise
  std::set<Role> roles;
  std::set<Scope> scopes;
  std::string token;    ///< public id of the token
  std::string request_id;

  bool has(Role role) const { return roles.contains(role) || roles.contains(Role::admin); }
  bool is_admin() const { return roles.contains(Role::admin); }
  bool may(Scope scope) const { return scopes.contains(scope); }
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

}  // namespace eda::identity
