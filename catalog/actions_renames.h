#pragma once
// Teams renamed and merged: plans of it, and what an apply of one writes beside the team's own row.

#include <string>
#include <vector>

#include "catalog/renames.h"
#include "plans/actions.h"
#include "platform/pg/pool.h"

namespace eda::catalog {

struct RenameWish {
  std::string request_id;
  std::string reason;
  std::string team;
  std::string to;  ///< the new name, or the team that stays
};

class Renames {
 public:
  Renames(pg::Pool& pool, plans::Engine& engine) : pool_(pool), engine_(engine) {}

  /// Errors: not_found OBJECT_UNKNOWN; invalid TEAM_NAME_INVALID; conflict TEAM_NAME_TAKEN, TEAM_NAME_RESERVED,
  /// TEAM_IS_BUSY; denied for who does not lead the team and is no admin.
  Result<plans::PlanOutput> plan_rename(const identity::Actor& actor, const RenameWish& wish);
  /// Errors: not_found OBJECT_UNKNOWN; invalid MERGES_INTO_ITSELF; conflict TEAM_NAME_RESERVED, TEAM_IS_BUSY; denied
  /// for who does not lead both and is no admin.
  Result<plans::PlanOutput> plan_merge(const identity::Actor& actor, const RenameWish& wish);

 private:
  pg::Pool& pool_;
  plans::Engine& engine_;
};

/// Of the Team kind's drafts that become something: refuses what may not be.
void judge_renames(pg::Tx& tx, const std::vector<plans::Draft*>& drafts);
/// Writes them, each object that it touches with an event.
void write_renames(pg::Tx& tx, const std::vector<plans::Written>& written);

}  // namespace eda::catalog
