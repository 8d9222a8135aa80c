#pragma once
// Rows of operations.

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "operations/operations.h"
#include "platform/core/page.h"
#include "platform/pg/tx.h"

namespace eda::operations::store {

/// Begins operations in the caller's transaction, which appends their events (trail.h); returns their ids in order.
/// Workers find them within a second, or at once when `wishes` is notified after the commit.
std::vector<std::string> begin(pg::Tx& tx, const std::vector<NewOperation>& operations);

enum class Lock { none, update };
std::optional<Operation> find(pg::Tx& tx, const std::string& id, Lock lock = Lock::none);

struct Filter {
  std::string state, kind, team, plan_id;
  std::optional<Ref> target;
  bool unfinished_only = false;
};
/// A team's operations, when it is called otherwise from now on.
void rename_team(pg::Tx& tx, const std::string& from, const std::string& to);
/// Newest first. invalid PAGE_TOKEN.
Result<Page<Operation>> list(pg::Tx& tx, const Filter& filter, const PageRequest& page);

/// Claims operations of these kinds that are running and due, or wait beyond their date, for so long; whose claim has
/// run out is anybody's. In order of time, at most `limit` of either. The database's clock decides.
struct Claimed {
  Operation operation;
  std::int64_t epoch = 0;
};
std::vector<Claimed> claim(pg::Tx& tx, const std::string& holder, const std::vector<std::string>& kinds,
                           std::chrono::milliseconds span, int limit);
/// The ids of those whose claims still are ours; they then last for so long from now. 0: they are given up.
std::set<std::string> hold(pg::Tx& tx, const std::vector<Claimed>& claimed, std::chrono::milliseconds span);
/// Writes what became of claimed ones and gives the claims up. Returns the ids of what was written: not those that
/// somebody else has now, nor those on which a person acted meanwhile.
struct Taken {
  Claimed claimed;    ///< with the operation as it is to be
  Duration pause{0};  ///< until its step is run next
};
std::set<std::string> write(pg::Tx& tx, const std::vector<Taken>& taken);
/// What a person did to one that was found with Lock::update: due at once, and the claim is taken from whoever has it.
void write(pg::Tx& tx, const Operation& operation);

/// How many have not come to an end, by kind and state, for metrics.
std::map<std::pair<std::string, std::string>, std::int64_t> count_unfinished(pg::Tx& tx);
/// Forgets what ended long ago (30 days). Returns how many.
int sweep(pg::Tx& tx);

}  // namespace eda::operations::store
