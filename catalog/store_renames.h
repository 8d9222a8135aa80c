#pragma once
// Rows of teams that are called otherwise, or end in one another.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "catalog/renames.h"
#include "plans/store.h"
#include "platform/pg/tx.h"

namespace eda::catalog::store {

/// What the teams that had these names are called now.
std::map<std::string, std::string> names_now(pg::Tx& tx, const std::vector<std::string>& names);
/// Keeps a name that a team had, and gives back the one that it has now.
void reserve_name(pg::Tx& tx, const std::string& name, std::int64_t team_id, const std::string& now);

/// For the preview; `limit` references of what it owns.
Belongings belongings_of(pg::Tx& tx, std::int64_t team_id, const std::string& team, int limit);
/// Who of the one team reads streams of the other, either way.
std::vector<Edge> edges_between(pg::Tx& tx, std::int64_t one, std::int64_t other);
/// Ids of the team's operations that are not finished; of transfers to and from it too.
std::vector<std::string> unfinished_of(pg::Tx& tx, const std::string& team);

struct TeamChange {
  std::int64_t id = 0;  ///< of the team that goes by another name, or ends
  std::string from;
  std::string to;
};
/// An object whose wish says the team's new name from now on.
struct Carried {
  Ref object;
  std::string owner;
};
/// Wishes say the new name, and the sets go by it; each object touched has its revision. The team's own does not.
std::vector<Carried> rename_team(pg::Tx& tx, const TeamChange& change, const plans::store::Stamp& stamp);
/// All is `heir_id`'s, no field is managed by the team's sets any longer, and the team is gone.
std::vector<Carried> merge_team(pg::Tx& tx, const TeamChange& change, std::int64_t heir_id,
                                const plans::store::Stamp& stamp);

}  // namespace eda::catalog::store
