#include "identity/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "platform/core/limits.h"
#include "platform/text/distance.h"
#include "platform/text/unicode.h"

namespace eda::identity {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, 3> roles = {
    {{Role::admin, "admin"}, {Role::operator_, "operator"}, {Role::auditor, "auditor"}}};
constexpr std::array<std::pair<Scope, std::string_view>, 4> scopes = {
    {{Scope::read, "read"}, {Scope::write, "write"}, {Scope::remove, "delete"}, {Scope::administer, "administer"}}};
constexpr std::array<std::pair<SubjectKind, std::string_view>, 3> kinds = {
    {{SubjectKind::user, "user"}, {SubjectKind::service, "service"}, {SubjectKind::ci, "ci"}}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
  for (const auto& [known, name] : table) {
    if (known == value) return name;
  }
  return "";
}

template <class Value, class Table>
std::optional<Value> value_in(const Table& table, std::string_view text) {
  for (const auto& [known, name] : table) {
    if (name == text) return known;
  }
  return std::nullopt;
}

/// Words to a set of values; `what` is "role" or "scope".
template <class Value, class Table>
Result<std::set<Value>> parse_set(const Table& table, const std::vector<std::string>& names, std::string_view what,
                                  const char* reason) {
  std::set<Value> values;
  for (const std::string& name : names) {
    auto value = value_in<Value>(table, name);
    if (!value) {
      std::vector<std::string> words;
      for (const auto& [known, word] : table) words.emplace_back(word);
      std::string near = text::did_you_mean(name, words);
      return fail(Code::invalid, reason, fmt::format("there is no {} \"{}\"", what, text::printable(name)),
                  near.empty() ? fmt::format("it is one of {}", fmt::join(words, ", ")) : near);
    }
    values.insert(*value);
  }
  return values;
}

Error scope_missing(Scope scope) {
  return Error(Code::denied, "SCOPE_MISSING", fmt::format("this token lacks the scope {}", scope_name(scope)),
               fmt::format("use a token that has it: edactl token create --scope {}", scope_name(scope)));
}

Result<> need(const Actor& actor, Scope scope) {
  if (actor.may(scope)) return {};
  return fail(scope_missing(scope));
}

Result<> need(const Actor& actor, Role role) {
  if (actor.has(role)) return {};
  std::string asked = role == Role::admin ? "an admin" : fmt::format("the role {} or an admin", role_name(role));
  return fail(Code::denied, "ROLE_MISSING", fmt::format("this needs {}, and {} is none", asked, actor.subject),
              "ask an admin to do it, or for the role");
}

/// A line for people: short, without controls.
std::optional<Violation> line_fault(const char* field, const std::string& value, std::size_t longest) {
  if (text::invalid_utf8(value) || text::printable(value) != value)
    return Violation{field, "has characters that cannot be shown", {}, "write plain text", {}};
  if (text::code_points(value) > longest)
    return Violation{field, fmt::format("is longer than {} characters", longest), {}, "shorten it", {}};
  return std::nullopt;
}

}  // namespace

std::string_view role_name(Role role) {
  return name_in(roles, role);
}
std::optional<Role> parse_role(std::string_view text) {
  return value_in<Role>(roles, text);
}
std::string_view scope_name(Scope scope) {
  return name_in(scopes, scope);
}
std::optional<Scope> parse_scope(std::string_view text) {
  return value_in<Scope>(scopes, text);
}
std::string_view subject_kind_name(SubjectKind kind) {
  return name_in(kinds, kind);
}

std::string Subject::text() const {
  std::string kind_word(subject_kind_name(kind));
  return team.empty() ? kind_word + "/" + name : kind_word + "/" + team + "/" + name;
}

Result<Subject> parse_subject(std::string_view text) {
  auto refused = [&](std::string_view why) {
    return fail(Code::invalid, "SUBJECT_SYNTAX",
                fmt::format("\"{}\" is no subject of a token: {}", text::printable(text::cut(text, 120)), why),
                "write user/NAME, service/NAME or ci/TEAM/NAME");
  };
  std::vector<std::string> parts;
  for (std::size_t at = 0;;) {
    auto slash = text.find('/', at);
    parts.emplace_back(text.substr(at, slash == std::string_view::npos ? slash : slash - at));
    if (slash == std::string_view::npos || parts.size() > 3) break;
    at = slash + 1;
  }
  auto kind = value_in<SubjectKind>(kinds, parts[0]);
  if (!kind) return refused("it begins with none of user/, service/ and ci/");
  std::size_t wanted = *kind == SubjectKind::ci ? 3 : 2;
  if (parts.size() != wanted) return refused(fmt::format("it has {} parts instead of {}", parts.size(), wanted));
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (auto fault = text::name_fault(parts[i])) return refused(*fault);
  }
  return Subject{*kind, wanted == 3 ? parts[1] : "", parts.back()};
}

Result<std::set<Role>> parse_roles(const std::vector<std::string>& names) {
  return parse_set<Role>(roles, names, "role", "ROLE_UNKNOWN");
}
Result<std::set<Scope>> parse_scopes(const std::vector<std::string>& names) {
  return parse_set<Scope>(scopes, names, "scope", "SCOPE_UNKNOWN");
}

Result<> check_user(const User& user) {
  std::vector<Violation> faults;
  if (auto fault = text::name_fault(user.name)) faults.push_back({"name", *fault, {}, {}, {}});
  if (auto fault = line_fault("display_name", user.display_name, 200)) faults.push_back(*fault);
  if (auto fault = line_fault("email", user.email, 254)) faults.push_back(*fault);
  auto at = user.email.find('@');
  if (!user.email.empty() && (at == 0 || at == std::string::npos || at + 1 == user.email.size()))
    faults.push_back({"email", "is not an e-mail address", {}, "write name@host, or leave it empty", {}});
  if (faults.empty()) return {};
  Error error(Code::invalid, "USER_INVALID", "this cannot be a user as it is written", faults[0].hint);
  error.violations = std::move(faults);
  return fail(std::move(error));
}

Result<Duration> token_lifetime(std::int64_t seconds) {
  if (seconds == 0) return default_token_lifetime;
  constexpr auto most = std::chrono::duration_cast<std::chrono::seconds>(longest_token_lifetime).count();
  if (seconds >= 60 && seconds <= most) return Duration(std::chrono::seconds(seconds));
  return fail(Code::invalid, "TOKEN_LIFETIME", "a token lives from 1 minute to 366 days",
              "leave the lifetime out for 90 days");
}

std::set<Scope> scopes_open_to(SubjectKind kind, const std::set<Role>& of_user) {
  std::set<Scope> open = {Scope::read, Scope::write};
  if (kind == SubjectKind::ci) open.insert(Scope::remove);
  if (kind == SubjectKind::user && of_user.contains(Role::admin)) open.insert(Scope::administer);
  return open;
}

Result<std::set<Scope>> scopes_granted(const std::set<Scope>& wished, const std::set<Scope>& open_to_subject,
                                       const std::set<Scope>& of_creator) {
  std::set<Scope> granted;
  std::set_intersection(open_to_subject.begin(), open_to_subject.end(), of_creator.begin(), of_creator.end(),
                        std::inserter(granted, granted.end()));
  granted.erase(Scope::remove);
  if (wished.empty()) return granted;
  if (open_to_subject.contains(Scope::remove) && of_creator.contains(Scope::write)) granted.insert(Scope::remove);
  for (Scope scope : wished) {
    if (granted.contains(scope)) continue;
    bool creators = open_to_subject.contains(scope);
    return fail(Code::denied, "SCOPE_BEYOND",
                fmt::format("the token cannot have the scope {}: {}", scope_name(scope),
                            creators ? "the token that asks for it has it not" : "its subject may not have it"),
                creators ? "ask with a token that has the scope" : "leave the scope out");
  }
  return wished;
}

Result<> keeps_an_admin(const std::vector<std::string>& admins, const User& after) {
  bool only_one = admins.size() == 1 && admins.front() == after.name;
  if (!only_one || (after.roles.contains(Role::admin) && !after.disabled)) return {};
  return fail(Code::refused, "LAST_ADMIN", fmt::format("{} is the last admin, and somebody has to be one", after.name),
              "make another user an admin first: edactl user grant-role NAME admin");
}

Result<> allow(const Actor& actor, Permission needs) {
  switch (needs) {
    case Permission::open:
      return {};
    case Permission::read:
      return need(actor, Scope::read);
    case Permission::write:
      return need(actor, Scope::write);
    case Permission::audit:
      EDA_TRY(need(actor, Scope::read));
      return need(actor, Role::auditor);
    case Permission::operate:
      EDA_TRY(need(actor, Scope::write));
      return need(actor, Role::operator_);
    case Permission::administer:
      EDA_TRY(need(actor, Role::admin));
      return need(actor, Scope::administer);
  }
  return fail(Code::denied, "ROLE_MISSING", "nobody may do this");
}

}  // namespace eda::identity
