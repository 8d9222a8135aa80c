#pragma once
// Connections to Postgres and the one way to use them: transact(). Callers wait for a free connection up to a limit and
// are then told to come back (Code::exhausted, reason DATABASE_BUSY), so a burst never turns into failures of others.

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "platform/core/error.h"
#include "platform/core/secret.h"
#include "platform/pg/tx.h"

namespace eda::pg {

struct PoolOptions {
  Secret url;                            ///< postgresql://… or key=value; may hold a password
  std::size_t size = 10;                 ///< connections at most, opened when first needed
  std::chrono::milliseconds wait{5000};  ///< for a free connection
  std::chrono::milliseconds statement_timeout{30000};
  std::size_t queue = 1000;          ///< callers waiting at most; one more is told at once
  std::string application = "edad";  ///< as pg_stat_activity shows it
  /// Hears of faults that callers are not told in full: the SQLSTATE, the statement's text and what broke, never a
  /// parameter's value. Called from any thread.
  std::function<void(const std::string& text)> report = {};
};

/// How a transaction ended, for metrics.
struct PoolStats {
  std::size_t open = 0;
  std::size_t in_use = 0;
  std::size_t waiting = 0;
  std::uint64_t transactions = 0;
  std::uint64_t retries = 0;
  std::uint64_t failures = 0;
};

class Pool {
 public:
  explicit Pool(PoolOptions options);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Runs `body(Tx&) -> Result<T>` in one transaction: committed when it returns a value, rolled back when it returns
  /// an error. Serialization failures and deadlocks are retried (the body may run several times: nothing outside the
  /// database happens inside), and once each: a unique violation of a constraint named `…_request` (two calls raced
  /// with one request id), and a connection that broke before COMMIT was sent, so that a restarted Postgres fails no
  /// call. Must not be called inside a body. Errors of its own:
  ///   unavailable     DATABASE_AWAY     nothing was committed (DATABASE_LOGIN, DATABASE_MISSING: refused at the door)
  ///   exhausted       DATABASE_BUSY     no free connection, or others kept changing the same rows
  ///   timeout         DATABASE_SLOW     a statement took longer than statement_timeout
  ///   invalid         TEXT_UNSTORABLE   a parameter has a NUL byte or is no UTF-8
  ///   unknown_outcome COMMIT_UNKNOWN    the connection broke during COMMIT
  ///   internal        DATABASE_FAULT    a statement we wrote is wrong; the text goes to `report`, never to the caller
  template <class Body>
  std::invoke_result_t<Body&, Tx&> transact(Body&& body) {
    std::invoke_result_t<Body&, Tx&> outcome = fail(Error());
    Result<> ran = run([&](Tx& tx) {
      outcome = body(tx);
      return outcome.has_value();
    });
    if (!ran) return fail(std::move(ran).error());
    return outcome;
  }

  /// Whether a connection answers `SELECT 1` now. Never throws. Its message has Postgres's own words (host, role and
  /// database, no password) and is meant for operators: start-up, readiness.
  Result<> ping();
  PoolStats stats() const;

  /// Calls `on_notify` (from a thread of the pool's own) when any replica, this one included, notified `channel`, and
  /// after every connect, because what was notified before is lost. Correctness must never rest on it. A channel is
  /// written in a-z, 0-9 and _; std::invalid_argument otherwise.
  void listen(std::string channel, std::function<void()> on_notify);
  /// Tells all replicas, after a commit, at most once per 50 ms a channel; never inside a write transaction. Does not
  /// wait; while the database is away the notification is kept.
  void notify(const std::string& channel);

 private:
  Result<> run(const std::function<bool(Tx&)>& body);
  struct State;
  std::unique_ptr<State> state_;
};

/// The name of the constraint that a failed statement broke, so that a store can map it to a reason; empty otherwise.
std::string broken_constraint(const std::exception& fault);

}  // namespace eda::pg
