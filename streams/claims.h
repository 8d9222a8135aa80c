#pragma once
// A claim for topics that nobody owns: a team's lead asks, an admin answers, then they are adopted as they are.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operations/operations.h"

namespace eda::streams {

inline constexpr std::string_view adoption_kind = "stream.adoption";
/// approve  waits for an admin, for a week
/// adopt    plans and applies in the name of the admin who said yes
std::vector<std::string> adoption_steps();

/// What is claimed, as the operation holds it.
struct Claimed {
  std::string cluster;
  std::string team;
  std::vector<std::string> topics;
  std::string approved_by;  ///< "user/ada"; empty before
  std::string plan_id;      ///< of the adoption; empty before
};
Claimed claimed_of(const operations::Operation& operation);

operations::Outcome wait_for_admins(const operations::Operation& operation);
/// The database was restored after the yes: who else took the topics since is not in it.
operations::Outcome ask_anew(const operations::Operation& operation, Instant restored_at);

}  // namespace eda::streams
