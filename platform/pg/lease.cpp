#include "platform/pg/lease.h"

namespace eda::pg {
namespace {

/// Who is stopped inside a transaction that holds the row would keep the others from it, so Postgres ends one that
/// idles longer than a lease lasts.
void limit_idling(Tx& tx, std::chrono::milliseconds ttl) {
  tx.exec("select set_config('idle_in_transaction_session_timeout', $1, true)", std::to_string(ttl.count()));
}

}  // namespace

// clock_timestamp(), not now(): a statement that waited for the row must not judge by the time before it waited.

Result<std::optional<Lease>> Leases::acquire(const std::string& name) {
  return pool_.transact([&](Tx& tx) -> Result<std::optional<Lease>> {
    limit_idling(tx, ttl_);
    pqxx::result rows = tx.exec(
        "insert into leases as held (name, holder, epoch, expires_at) "
        "values ($1, $2, 1, clock_timestamp() + $3::bigint * interval '1 millisecond') "
        "on conflict on constraint leases_name do update set holder = excluded.holder, "
        "  epoch = held.epoch + (held.holder <> excluded.holder)::int, "
        "  expires_at = clock_timestamp() + $3::bigint * interval '1 millisecond' "
        "where held.holder = excluded.holder or held.expires_at <= clock_timestamp() "
        "returning epoch",
        name, holder_, static_cast<std::int64_t>(ttl_.count()));
    if (rows.empty()) return std::nullopt;
    return Lease{name, holder_, rows[0][0].as<std::int64_t>()};
  });
}

Result<bool> Leases::holds(const Lease& lease, std::chrono::milliseconds margin) {
  return pool_.transact([&](Tx& tx) -> Result<bool> {
    return !tx.exec(
                  "select 1 from leases where name = $1 and holder = $2 and epoch = $3 "
                  "and expires_at > clock_timestamp() + $4::bigint * interval '1 millisecond'",
                  lease.name, lease.holder, lease.epoch, static_cast<std::int64_t>(margin.count()))
                .empty();
  });
}

bool Leases::holds(Tx& tx, const Lease& lease) {
  limit_idling(tx, ttl_);
  // Shared, so that several write-backs of one leader do not queue; an acquire by anybody waits for all of them.
  return !tx.exec("select 1 from leases where name = $1 and holder = $2 and epoch = $3 for share", lease.name,
                  lease.holder, lease.epoch)
              .empty();
}

Result<> Leases::release(const Lease& lease) {
  return pool_.transact([&](Tx& tx) -> Result<> {
    limit_idling(tx, ttl_);
    tx.exec("update leases set expires_at = '-infinity' where name = $1 and holder = $2 and epoch = $3", lease.name,
            lease.holder, lease.epoch);
    return {};
  });
}

}  // namespace eda::pg
