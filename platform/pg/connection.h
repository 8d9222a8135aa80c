#pragma once
// One session of Postgres, set up the way edad wants every session. Internal to platform/pg.

#include <memory>
#include <pqxx/pqxx>

#include "platform/pg/pool.h"

namespace eda::pg {

class Connection {
 public:
  /// Connects; throws pqxx::broken_connection.
  explicit Connection(const PoolOptions& options);
  pqxx::connection& raw() { return raw_; }

 private:
  pqxx::connection raw_;
  pqxx::quiet_errorhandler quiet_;  ///< libpqxx would print notices to stderr
};

}  // namespace eda::pg
