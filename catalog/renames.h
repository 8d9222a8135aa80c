#pragma once
// A team that is called otherwise from now on, or that ends in another one, with all that it has. The name that it had
// stays reserved and answers with the new one.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "catalog/transfers.h"

namespace eda::catalog {

/// "checkout/" begins the names of the sets that the team applies.
std::string sets_of(const std::string& team);
/// The wish with the team's sets by another name.
plans::Wish with_sets_renamed(plans::Wish wish, const std::string& from, const std::string& to);

/// The receiving team's wish with the members of the one that ends in it. Who is in both keeps the role that they have.
struct Joined {
  plans::Wish after;
  std::vector<std::string> came;  ///< "ada (lead)"
};
Joined join_members(plans::Wish into, const plans::Wish& from);

/// What a team has, as its rename or merge tells it.
struct Belongings {
  std::vector<std::string> owned;  ///< some of what it owns itself, references
  std::int64_t owned_total = 0;
  std::vector<std::string> sets;  ///< that it applied: "checkout/shop"
  std::int64_t saying = 0;        ///< objects that say its name
  std::int64_t ci_tokens = 0;     ///< of its pipelines, not ended
};
std::vector<std::string> rename_notes(const Belongings& has, const std::string& from, const std::string& to);
/// `edges`: between the two teams, which cross teams no longer.
std::vector<std::string> merge_notes(const Belongings& has, const Joined& joined, const std::vector<Edge>& edges,
                                     const std::string& from, const std::string& into);

namespace errors {
Error team_name_invalid(const std::string& name, const std::string& fault);
Error team_name_taken(const std::string& name);
Error team_name_reserved(const std::string& name, const std::string& now);
Error merges_into_itself(const std::string& team);
Error team_is_busy(const std::string& team, const std::vector<std::string>& operations);
}  // namespace errors

}  // namespace eda::catalog
