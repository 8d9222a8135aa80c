#pragma once
// Rows of operations.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "operations/operations.h"
#include "platform/core/page.h"
#include "platform/pg/tx.h"

namespace eda::operations::store {

/// Begins operations in the caller's transaction; returns their ids in order. Workers hear of it by `operations`.
std::vector<std::string> begin(pg::Tx& tx, const std::vector<NewOperation>& operations);

enum class Lock { none, update };
std::optional<Operation> find(pg::Tx& tx, const std::string& id, Lock lock = Lock::none);

struct Filter {
  std::string state, kind, team, plan_id;
  std::optional<Ref> target;
  bool unfinished_only = false;
};
/// Newest first.
Page<Operation> list(pg::Tx& tx, const Filter& filter, const PageRequest& page);

/// Claims operations that are running and due, or wait beyond their date, for so long; whose claim has run out is
/// anybody's. In order of time.
struct Claimed {
  Operation operation;
  std::int64_t epoch = 0;
};
std::vector<Claimed> claim(pg::Tx& tx, const std::string& holder, std::chrono::milliseconds span, int limit);
/// Writes what became of a claimed one and gives the claim up; false when somebody else has it now, or a person acted
/// meanwhile: nothing was written. `due`: when its step is run next.
bool write(pg::Tx& tx, const Claimed& claimed, Instant due);
/// What a person did: takes the claim from whoever has it.
void write(pg::Tx& tx, const Operation& operation, Instant due);

/// Forgets what ended long ago (30 days). Returns how many.
int sweep(pg::Tx& tx);

}  // namespace eda::operations::store
