#pragma once
// Rows of seals and heads.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "events/seal.h"
#include "events/trail.h"
#include "platform/core/time.h"
#include "platform/pg/tx.h"

namespace eda::events::store {

/// Everything that is read after it, in this transaction, is of one moment. Before any other statement.
void freeze(pg::Tx& tx);
/// What is committed now, as a Postgres snapshot.
std::string snapshot(pg::Tx& tx);
/// By the database's clock.
Instant now(pg::Tx& tx);

/// In one statement. The horizon is empty where the database came from another Postgres whose transactions had got
/// further: it says nothing here.
End end_of(pg::Tx& tx);
std::optional<Hash> hash_at(pg::Tx& tx, std::int64_t number);

struct Unsealed {
  std::int64_t id = 0;
  std::int64_t at_micros = 0;
  Columns row;
};
/// Committed rows without a seal that `horizon` did not see (empty: of all), by id, above `after`.
std::vector<Unsealed> unsealed(pg::Tx& tx, const std::string& horizon, std::int64_t after, std::size_t limit);
/// Numbers `first` and on, one statement for all.
void append_seals(pg::Tx& tx, std::int64_t first, const std::vector<Unsealed>& rows, const std::vector<Hash>& hashes);
void append_head(pg::Tx& tx, const Head& head, const std::string& horizon);

/// Seals above `after` by number, each with its row.
std::vector<Sealed> sealed(pg::Tx& tx, std::int64_t after, std::size_t limit);
/// Heads of the numbers above `after`, up to `last`.
std::vector<Head> heads(pg::Tx& tx, std::int64_t after, std::int64_t last);
/// The event of the last seal up to `number`; 0 where there is none.
std::int64_t event_at(pg::Tx& tx, std::int64_t number);

enum class Sealing { alive, stalled };
/// Whether the worker made a head in the last half minute.
Sealing sealing(pg::Tx& tx);
/// Events above `after` up to `last` that have no seal though the worker says that it sealed all up to `horizon`; when
/// it stalls, also those older than half a minute. By id, 1,000 at most.
std::vector<std::int64_t> passed_over(pg::Tx& tx, std::int64_t after, std::int64_t last, const std::string& horizon,
                                      Sealing sealing);

/// Whether an event tells of this very cut already; others that tell of cuts wait until this transaction ends.
bool cut_is_told(pg::Tx& tx, const Hash& known, const Hash& found);

}  // namespace eda::events::store
