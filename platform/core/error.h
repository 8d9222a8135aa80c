#pragma once
// The one error type. Outcomes that a caller can act on travel as Result<T>; exceptions are for faults only.
//
// An Error says what went wrong, where, and what to do next. A capability owns its reasons and their wording as named
// constructors in its own header; the faces map `code` by one table each (platform/rpc/status, cli/errors).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace eda {

/// What a caller can do about it, nothing finer; `Error::reason` says which of them it was.
enum class Code {
  invalid,          ///< the input is wrong; the same input will always be refused
  impossible,       ///< well-formed, but Kafka's rules forbid it (fewer partitions, replication above brokers)
  unauthenticated,  ///< no token, or one that is not known, expired or revoked
  denied,           ///< known, but not allowed
  not_found,        ///< nothing has that name
  conflict,         ///< somebody else has it, or it exists already
  stale,            ///< the plan's basis has moved
  refused,          ///< a rule of the organisation or a protection forbids it now
  needs_approval,   ///< somebody else has to say yes first
  exhausted,        ///< a limit is reached; later may work
  unavailable,      ///< a part that is needed cannot be reached; later may work
  timeout,          ///< not done in the time given
  unknown_outcome,  ///< sent, and no answer: it may have happened
  unhealthy,        ///< reached, and found wanting
  partial,          ///< some was done, some was refused
  internal,         ///< a defect of ours
};

/// Upper-snake name of a code, for logs and JSON ("NOT_FOUND").
std::string_view code_name(Code code);

/// A place in an input. Lines and columns count from 1 in code points; 0 means "not known".
struct Position {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  bool known() const { return line != 0; }
  /// "file:line:column", "file:line" or "file", as much as is known.
  std::string text() const;
  friend bool operator==(const Position&, const Position&) = default;
};

/// One thing wrong with an input.
struct Violation {
  std::string field;    ///< path, e.g. `spec.partitions`; empty for the whole
  std::string message;  ///< a sentence, no full stop
  Position at;
  std::string hint;    ///< what to do next, e.g. `did you mean "partitions"?`; may be empty
  std::string object;  ///< reference of the object concerned, e.g. `stream/orders.placed`; may be empty
};

struct Error {
  Code code = Code::internal;
  std::string reason;   ///< stable, UPPER_SNAKE, owned by a capability: `STREAM_SHRINK`
  std::string message;  ///< a sentence for people: what, and where
  std::string next;     ///< what to do next; may be empty
  std::vector<Violation> violations;
  std::map<std::string, std::string> facts;  ///< stable keys for scripts: owner, contact, limit, …

  Error() = default;
  Error(Code c, std::string why, std::string what, std::string then = {})
      : code(c), reason(std::move(why)), message(std::move(what)), next(std::move(then)) {}

  Error&& with(std::string key, std::string value) && {
    facts.insert_or_assign(std::move(key), std::move(value));
    return std::move(*this);
  }
};

template <class T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}
inline tl::unexpected<Error> fail(Code code, std::string reason, std::string message, std::string next = {}) {
  return tl::unexpected<Error>(Error(code, std::move(reason), std::move(message), std::move(next)));
}

}  // namespace eda

#define EDA_CONCAT_INNER_(a, b) a##b
#define EDA_CONCAT_(a, b) EDA_CONCAT_INNER_(a, b)

/// Leaves the function with the error of a Result<>, if it has one.
#define EDA_TRY(...) EDA_TRY_(EDA_CONCAT_(eda_try_, __COUNTER__), __VA_ARGS__)
#define EDA_TRY_(outcome, ...)                                    \
  do {                                                            \
    auto outcome = (__VA_ARGS__);                                 \
    if (!outcome) return ::eda::fail(std::move(outcome).error()); \
  } while (false)

/// Declares `variable` from a Result<T>, or leaves the function with its error.
#define EDA_ASSIGN(variable, ...) EDA_ASSIGN_(EDA_CONCAT_(eda_assign_, __COUNTER__), variable, __VA_ARGS__)
#define EDA_ASSIGN_(outcome, variable, ...)                     \
  auto outcome = (__VA_ARGS__);                                 \
  if (!outcome) return ::eda::fail(std::move(outcome).error()); \
  variable = std::move(*outcome)
