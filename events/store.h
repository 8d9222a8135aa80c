#pragma once
// Rows of the trail.

#include <vector>

#include "events/events.h"
#include "platform/core/page.h"
#include "platform/pg/tx.h"

namespace eda::events {

/// Appends in the caller's transaction: one statement for all.
void append(pg::Tx& tx, const std::vector<Event>& events);

/// Newest first, only rows whose transaction no older one can still precede (pg_snapshot_xmin).
Page<Event> list(pg::Tx& tx, const Filter& filter, const PageRequest& page);

/// The outcome of a mutating call under its request id, kept 24 h. `body_hash` tells a replay from another request under
/// the same id.
struct Outcome {
  std::string request_id;
  std::string subject;
  std::string body_hash;
  std::string result;  ///< what the face needs to answer again; never a secret
};
/// The stored outcome of this subject's request id, if any.
std::optional<Outcome> find_outcome(pg::Tx& tx, const std::string& subject, const std::string& request_id);
/// Throws a unique violation (outcomes_request) when two calls race with one id; Pool::transact retries it.
void keep_outcome(pg::Tx& tx, const Outcome& outcome);

}  // namespace eda::events
