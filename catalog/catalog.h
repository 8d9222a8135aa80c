#pragma once
// Teams, and whose everything is. Ownership is stored once, in the catalog's owner rows; `metadata.team` of a manifest
// is checked against it. A Team owns itself; a Cluster is the admins'.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plans/plan.h"

namespace eda::catalog {

/// The Team kind: description, contacts, members with roles.
const plans::KindRules& team_rules();

enum class TeamRole { none, member, lead };

/// Who to ask: the team, and the first contact that it gave.
struct Owner {
  std::string team;
  std::string contact;       ///< "email: checkout@shop.example"; empty when the team gave none
  std::string service = {};  ///< of the team, that owns it; empty: the team itself does
};

/// "ask team/checkout (chat: #checkout)"; of nobody's, "ask an admin".
std::string ask(const Owner& owner);
/// "a, b and 3 more" of `total`.
std::string some_of(const std::vector<std::string>& some, std::int64_t total);

/// The first of on-call page, chat and e-mail address that a team's wish gives, with its word.
std::string contact_of(const plans::Wish& team);

/// What a caller is towards the teams of one plan.
struct Standing {
  bool admin = false;
  std::map<std::string, TeamRole> roles;  ///< by team
  enum class Who { person, pipeline } who = Who::person;
  std::string deletes;  ///< the team whose things a pipeline may delete, though it leads none; empty: none

  TeamRole in(const std::string& team) const;
};

/// May this caller do this? A team is renamed by its leads and merged by those of both. nullopt: yes. `owner` is the
/// object's now (empty: nobody's), `next` the one after.
std::optional<Error> refuse(const plans::Draft& draft, const Standing& standing, const Owner& owner, const Owner& next);

namespace errors {
Error not_yours(const Ref& object, const std::string& act, const Owner& owner);
/// What members of the owning team may not, and its leads may.
Error leads_only(const Ref& object, const std::string& act, const std::string& team);
Error admins_only(const Ref& object, const std::string& act);
/// Nobody applies, or prunes, as a team that they are not in.
Error set_of_others(const Owner& team);
Error team_owns(const std::string& team, const std::vector<std::string>& owned, std::int64_t total);
}  // namespace errors

}  // namespace eda::catalog
