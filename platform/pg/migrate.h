#pragma once
// Forward-only migrations, one number series over all folders, embedded in the binary.

#include <string>
#include <vector>

#include "platform/core/error.h"
#include "platform/pg/pool.h"

namespace eda::pg {

struct Migration {
  int number = 0;
  std::string name;  ///< "0003_objects"
  std::string sql;
};

/// Every folder's migrations/NNNN_*.sql, in number order. Defined in a generated file (cmake/embed_migrations.cmake).
std::vector<Migration> embedded_migrations();

/// Applies what is missing, each in its own transaction, under an advisory lock, so two programs starting at once are
/// safe. Errors: refused DATABASE_NEWER (it has a migration that this binary does not know), refused MIGRATION_CHANGED
/// (an applied one has another checksum), and Pool's own. Returns how many were applied.
Result<int> migrate(Pool& pool, const std::vector<Migration>& migrations);

}  // namespace eda::pg
