#include "platform/pg/migrate.h"

#include <algorithm>
#include <map>

namespace eda::pg {
namespace {

/// Any number that nothing else takes an advisory lock on: "edamigr" in ASCII.
constexpr std::int64_t migration_lock = 0x6564616d696772;

struct Applied {
  std::string name;
  std::string checksum;
};

/// Waits for a rival's migration however long it takes; the lock goes with the transaction, so a killed rival frees it.
void lock(Tx& tx) {
  tx.exec("select set_config('statement_timeout', '0', true)");
  tx.exec("select pg_advisory_xact_lock($1)", migration_lock);
}

void create_table(Tx& tx) {
  tx.exec_script(
      "create table if not exists schema_migrations (number int not null, name text not null, checksum text not null, "
      "applied_at timestamptz not null default now(), constraint schema_migrations_number primary key (number))");
}

std::map<int, Applied> applied(Tx& tx) {
  std::map<int, Applied> rows;
  for (const auto& row : tx.exec("select number, name, checksum from schema_migrations")) {
    rows[row[0].as<int>()] = {row[1].c_str(), row[2].c_str()};
  }
  return rows;
}

/// Postgres computes it, so that this folder needs no library for hashing.
std::string checksum(Tx& tx, const Migration& migration) {
  return tx.exec("select encode(sha256(convert_to($1, 'UTF8')), 'hex')", migration.sql)[0][0].c_str();
}

Result<> check_known(const std::map<int, Applied>& rows, const std::vector<Migration>& migrations) {
  for (const auto& [number, row] : rows) {
    bool known =
        std::any_of(migrations.begin(), migrations.end(), [&](const Migration& m) { return m.number == number; });
    if (!known) {
      return fail(Code::refused, "DATABASE_NEWER",
                  "the database has migration " + row.name + ", which this edad does not know",
                  "run the newer edad, or restore a backup from before the upgrade");
    }
  }
  return {};
}

/// Applies one unless it is there already; true when it was applied now.
Result<bool> apply(Tx& tx, const Migration& migration, const std::vector<Migration>& all) {
  lock(tx);
  auto rows = applied(tx);
  EDA_TRY(check_known(rows, all));
  std::string sum = checksum(tx, migration);
  if (auto found = rows.find(migration.number); found != rows.end()) {
    if (found->second.checksum == sum) return false;
    return fail(Code::refused, "MIGRATION_CHANGED",
                "migration " + migration.name + " was applied to this database with another text",
                "run the edad that applied it; a migration is never edited, a new one is added");
  }
  tx.exec_script(migration.sql);
  tx.exec("insert into schema_migrations (number, name, checksum) values ($1, $2, $3)", migration.number,
          migration.name, sum);
  return true;
}

}  // namespace

Result<int> migrate(Pool& pool, const std::vector<Migration>& migrations) {
  EDA_TRY(pool.transact([&](Tx& tx) -> Result<> {
    lock(tx);
    create_table(tx);
    return check_known(applied(tx), migrations);
  }));
  int count = 0;
  for (const Migration& migration : migrations) {
    auto now = pool.transact([&](Tx& tx) { return apply(tx, migration, migrations); });
    if (!now) {
      Error error = std::move(now).error();
      if (error.code != Code::refused) error.message = "migration " + migration.name + ": " + error.message;
      return fail(std::move(error));
    }
    count += *now ? 1 : 0;
  }
  return count;
}

}  // namespace eda::pg
