#include "platform/pg/lease.h"

namespace eda::pg {

// clock_timestamp(), not now(): a statement that waited for the row must not judge by the time before it waited.

Result<std::optional<Lease>> Leases::acquire(const std::string& name) {
  return pool_.transact([&](Tx& tx) -> Result<std::optional<Lease>> {
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
  // Shared, so that several write-backs of one leader do not queue; an acquire by anybody waits for all of them. A
  // leader that is stopped in here would hold the row for ever, so Postgres ends a transaction that idles longer than a
  // lease.
  return !tx.exec(
                "select set_config('idle_in_transaction_session_timeout', $4, true) from leases "
                "where name = $1 and holder = $2 and epoch = $3 for share",
                lease.name, lease.holder, lease.epoch, std::to_string(ttl_.count()))
              .empty();
}

Result<> Leases::release(const Lease& lease) {
  return pool_.transact([&](Tx& tx) -> Result<> {
    tx.exec("update leases set expires_at = '-infinity' where name = $1 and holder = $2 and epoch = $3", lease.name,
            lease.holder, lease.epoch);
    return {};
  });
}

}  // namespace eda::pg
