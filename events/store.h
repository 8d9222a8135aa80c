#pragma once
// Rows of the trail.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "events/events.h"
#include "platform/core/error.h"
#include "platform/core/page.h"
#include "platform/pg/tx.h"

namespace eda::events {

/// Appends in the caller's transaction: one statement for all.
void append(pg::Tx& tx, const std::vector<Event>& events);

/// Newest first. Whatever was committed when the first page was read is on the pages; an id that is drawn early and
/// commits late may be above a page already read, so whoever follows the trail uses read_on(). A filter without a sight
/// shows all: give it one unless the reader is an auditor. invalid PAGE_TOKEN.
Result<Page<Event>> list(pg::Tx& tx, const Filter& filter, const PageRequest& page);

/// Everything committed since the last reading, each event once, whatever the order of ids and commits.
struct News {
  std::vector<Event> events;  ///< by id
  std::string horizon;        ///< for the next call: opaque, made of Postgres snapshots
  bool more = false;          ///< there were more than `limit`: read on at once
};
/// An empty horizon: nothing but the present one. Not for a transaction that appends. invalid HORIZON; stale
/// HORIZON_AHEAD when the database was replaced by one that has not got so far.
Result<News> read_on(pg::Tx& tx, const std::string& horizon, const Filter& filter = {}, std::size_t limit = 1000);

/// The stored outcome of this subject's request id, if any of the last 24 h. Waits for another call with that id that
/// is under way: ask before doing anything, and the second call finds the first one's outcome instead of its rows.
std::optional<Outcome> find_outcome(pg::Tx& tx, const std::string& subject, const std::string& request_id);
/// find_outcome and same_request in one: nothing when the request is new.
Result<std::optional<Outcome>> recall(pg::Tx& tx, const std::string& subject, const std::string& request_id,
                                      const std::string& body_hash);
/// Throws a unique violation (outcomes_request) when nobody asked first and two calls raced with one id; Pool::transact
/// runs the body again, and that finds the winner's outcome.
void keep_outcome(pg::Tx& tx, const Outcome& outcome);

/// Makes the partitions of this month and the next `months_ahead`; returns how many were missing. Locks the trail for a
/// moment: once an hour is plenty.
int make_partitions(pg::Tx& tx, int months_ahead = 3);
/// Forgets outcomes older than 24 h; returns how many.
std::int64_t purge_outcomes(pg::Tx& tx);

}  // namespace eda::events
