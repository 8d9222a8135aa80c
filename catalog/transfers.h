#pragma once
// A service that changes hands, with all that it owns: its streams, its groups. Offered by a lead of the one team,
// accepted by a lead of the other, or done at once by who leads both.

#include <string>
#include <string_view>
#include <vector>

#include "catalog/services.h"
#include "operations/operations.h"

namespace eda::catalog {

inline constexpr std::string_view transfer_kind = "service.transfer";
/// accept  waits for a lead of the receiving team, until a date
/// move    plans and applies in the name of who accepted
std::vector<std::string> transfer_steps();

inline constexpr Duration offer_lasts = std::chrono::days(7);  ///< unless said otherwise
inline constexpr Duration longest_offer = std::chrono::days(60);

struct Transfer {
  std::string service;
  std::string from;
  std::string to;
  Instant until{};
  std::string accepted_by;  ///< "user/ada"; empty before
  std::string plan_id;      ///< of the move; empty before
};
Value parameters_of(const Transfer& transfer);
Transfer transfer_of(const operations::Operation& operation);
operations::Outcome wait_for_receiver(const operations::Operation& operation, const Transfer& transfer);

/// A text among an operation's parameters or evidence; empty when there is none.
std::string text_in(const Value& value, const std::string& key);

/// The wish in other hands: the team that it says is the new one, and no set manages a field any longer, so that the
/// receiver's first apply finds no conflict. `always`: the team is said even where it was not.
enum class SaysTeam { where_it_did, always };
plans::Wish handed_over(plans::Wish wish, const std::string& to, SaysTeam how);

/// What is one reader and one stream, and whose each is.
struct Edge {
  std::string service;
  std::string team;  ///< the service's
  Ref stream;
  std::string owner;  ///< the stream's team
};
/// What becomes of the edges between what moves and what stays, a sentence each: those that cross teams from now on
/// first. `reads`: of the service, of streams that stay; `readers`: of its streams, by services that stay.
std::vector<std::string> crossings(const Transfer& transfer, const std::vector<Edge>& reads,
                                   const std::vector<Edge>& readers);

namespace errors {
Error already_theirs(const std::string& service, const std::string& team);
Error offered_already(const std::string& service, const std::string& operation);
Error offer_out_of_range();
}  // namespace errors

}  // namespace eda::catalog
