#pragma once
// The Team kind's server side, the book of owners that the plan engine asks, and the reading of objects.

#include <string>

#include "catalog/catalog.h"
#include "catalog/search.h"
#include "catalog/store.h"
#include "identity/actions.h"
#include "identity/identity.h"
#include "plans/rows.h"
#include "platform/core/page.h"
#include "platform/pg/pool.h"

namespace eda::catalog {

class TeamRows final : public plans::KindRows {
 public:
  const plans::KindRules& rules() const override { return team_rules(); }
  /// A team that owns something is not deleted; members who are no users yet are noted; names that teams had are
  /// reserved.
  Result<> plan(pg::Tx& tx, const std::vector<plans::Draft*>& drafts) override;
  Result<> write(pg::Tx& tx, const std::vector<plans::Written>& written) override;
};

/// Whose everything is: who may, and, of a plan's changes, the team that had the object before.
class OwnerBook final : public plans::Authority, public plans::Audience {
 public:
  Result<> judge(pg::Tx& tx, const identity::Actor& actor, const std::vector<plans::Draft*>& drafts) override;
  Result<> write(pg::Tx& tx, const std::vector<plans::Written>& written) override;
  Result<std::string> set_team(pg::Tx& tx, const identity::Actor& actor, const std::string& wished) override;
  plans::Sight sight(pg::Tx& tx, const identity::Actor& actor) override;
  std::map<std::string, std::string> names_now(pg::Tx& tx, const std::vector<std::string>& teams) override;
  std::vector<std::string> owners(pg::Tx& tx, const std::vector<const plans::Object*>& objects) override;
  Result<> affected(pg::Tx& tx, const std::vector<plans::Draft*>& drafts) override;
};

/// What the team is called now, where this is a name that it had.
std::string team_now(pg::Tx& tx, const std::string& name);

/// What a caller is towards teams: a user by membership, a ci token as a member of its team.
Standing standing_of(pg::Tx& tx, const identity::Actor& actor);

/// Membership as identity asks it, for tokens.
class TeamBook final : public identity::Teams {
 public:
  std::vector<identity::Membership> of(pg::Tx& tx, const std::string& user) override;
  bool leads(pg::Tx& tx, const identity::Actor& actor, const std::string& team) override;
  std::string owner_of_service(pg::Tx& tx, const std::string& service) override;
  bool exists(pg::Tx& tx, const std::string& team) override;
  std::string contact(pg::Tx& tx, const std::string& team) override;
};

class Reading {
 public:
  Reading(pg::Pool& pool, const plans::Kinds& kinds) : pool_(pool), kinds_(kinds) {}

  /// Everybody reads names, owners and contents; confidential fields are left out for all but the owning team,
  /// operators, auditors and admins. not_found OBJECT_UNKNOWN with the nearest name; invalid KIND_UNKNOWN.
  Result<store::Entry> get(const identity::Actor& actor, Ref ref);
  /// Errors of the selection: those of parse_selection(); not_found OBJECT_UNKNOWN for a team or tag that there
  /// is not.
  Result<Page<store::Entry>> list(const identity::Actor& actor, store::Filter filter, const PageRequest& page);
  /// Who owned what at a moment of the past. The errors of list(); invalid AT_IN_FUTURE.
  Result<Page<store::OwnerSpan>> owners_at(store::SpanFilter filter, const PageRequest& page);

  Result<Page<store::Domain>> domains(const PageRequest& page);

  /// What everybody may see of what matches, the best first. Errors: those of check_query(), parse_selection() and of
  /// kinds; invalid SELECTOR for teams, which are no part of a search.
  Result<Found> search(std::string_view query, std::vector<std::string> kinds, const Selection& selection,
                       std::uint32_t limit);

 private:
  Result<std::string> kind_word(const std::string& word);
  void veil(const Standing& standing, const identity::Actor& actor, store::Entry& entry);

  pg::Pool& pool_;
  const plans::Kinds& kinds_;
};

}  // namespace eda::catalog
