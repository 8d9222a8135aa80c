#pragma once
// One transaction. Statements live in `store.cpp` files, parameters always, one statement a function.

#include <pqxx/pqxx>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "platform/core/time.h"

namespace eda::pg {

/// A parameter that Postgres could not hold as text: it has a NUL byte, and libpq would cut it there without a word.
/// Pool::transact turns it into invalid TEXT_UNSTORABLE.
class UnstorableText : public std::invalid_argument {
 public:
  UnstorableText() : std::invalid_argument("a text has a NUL byte") {}
};

class Tx {
 public:
  explicit Tx(pqxx::work& work) : work_(work) {}
  Tx(const Tx&) = delete;
  Tx& operator=(const Tx&) = delete;

  /// Runs one statement with $1… parameters (text, numbers, bool, nullptr). Throws pqxx's exceptions; Pool::transact
  /// turns them into Errors. After a throw the transaction is lost: nothing more can be run in it, nor committed.
  template <class... Args>
  pqxx::result exec(const char* sql, Args&&... args) {
    (check(args), ...);
    return work_.exec_params(sql, std::forward<Args>(args)...);
  }
  /// Several statements without parameters (migrations).
  void exec_script(const std::string& sql) { work_.exec(sql); }

 private:
  template <class Arg>
  static void check(const Arg& arg) {
    if constexpr (std::is_convertible_v<const Arg&, std::string_view> && std::is_class_v<Arg>) {
      if (std::string_view(arg).find('\0') != std::string_view::npos) throw UnstorableText();
    }
  }

  pqxx::work& work_;
};

/// A Postgres array literal for `unnest($1::text[])`, so that many rows travel in one statement. Any text is safe in
/// it.
std::string text_array(const std::vector<std::string>& items);
std::string bigint_array(const std::vector<std::int64_t>& items);
/// The way back: the items of a `text[]` without NULLs; none where the field is null.
std::vector<std::string> texts_of(const pqxx::field& array);

/// `timestamptz` as microseconds: select `eda_micros(column)` (platform/pg/migrations/0001), bind with to_rfc3339. Also
/// reads RFC 3339 text. Throws pqxx::conversion_error for anything else, null too: ask is_null() first.
Instant instant_of(const pqxx::field& rfc3339_or_micros);

}  // namespace eda::pg
