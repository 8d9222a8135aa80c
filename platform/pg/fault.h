#pragma once
// What a failure of Postgres means: which Error a caller gets, and whether trying again can help.

#include <exception>
#include <string>

#include "platform/core/error.h"

namespace eda::pg {

enum class Remedy {
  none,       ///< the same call would fail again
  rerun,      ///< serialization failure or deadlock: run the body again
  reread,     ///< a race for one request id: run the body once more, it will find the winner's row
  reconnect,  ///< the connection broke before COMMIT was sent: once more on a fresh one
};

struct Fault {
  Error error;
  Remedy remedy = Remedy::none;
  std::string report;  ///< for the log: SQLSTATE and statement, never a parameter's value; empty: nothing to report
};

/// All connections, or the same rows, are taken: nothing was changed, and it may pass soon.
Error busy(std::string message);

/// Judges an exception of a transaction. `connected`: whether the connection is still open afterwards.
enum class Link { open, lost };
Fault judge(const std::exception& exception, Link link);

/// Judges why no connection could be made. The message has Postgres's words but never the URL.
Error connect_error(const std::exception& exception);

/// What callers of the API are told of it: no host, no role.
Error for_callers(const Error& error);

}  // namespace eda::pg
