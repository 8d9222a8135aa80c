#pragma once
// One transaction. Statements live in `store.cpp` files, parameters always, one statement a function.

#include <pqxx/pqxx>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/core/time.h"

namespace eda::pg {

class Tx {
 public:
  explicit Tx(pqxx::work& work) : work_(work) {}
  Tx(const Tx&) = delete;
  Tx& operator=(const Tx&) = delete;

  /// Runs one statement with $1… parameters. Throws pqxx's exceptions; Pool::transact turns them into Errors.
  template <class... Args>
  pqxx::result exec(const char* sql, Args&&... args) {
    return work_.exec_params(sql, std::forward<Args>(args)...);
  }
  /// Several statements without parameters (migrations).
  void exec_script(const std::string& sql) { work_.exec(sql); }

 private:
  pqxx::work& work_;
};

/// A Postgres array literal for `unnest($1::text[])`, so that many rows travel in one statement.
std::string text_array(const std::vector<std::string>& items);
std::string bigint_array(const std::vector<std::int64_t>& items);

/// `timestamptz` as microseconds: select `eda_micros(column)`, bind with to_rfc3339.
Instant instant_of(const pqxx::field& rfc3339_or_micros);

}  // namespace eda::pg
