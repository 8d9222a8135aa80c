#pragma once
// Who leads a piece of work: a row with a holder, an epoch and an end. An advisory lock is not enough, for a stopped or
// cut-off leader would hold it for ever. The epoch grows with each change of holder; a worker checks it before each
// dispatch, so a leader that was stopped and goes on finds that it leads no more.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "platform/core/error.h"
#include "platform/pg/pool.h"

namespace eda::pg {

struct Lease {
  std::string name;    ///< "streams/prod"
  std::string holder;  ///< unique per process
  std::int64_t epoch = 0;
};

class Leases {
 public:
  Leases(Pool& pool, std::string holder, std::chrono::milliseconds ttl = std::chrono::seconds(5))
      : pool_(pool), holder_(std::move(holder)), ttl_(ttl) {}

  /// Takes a free or run-out lease, or renews our own (the database's clock decides). nullopt: somebody else leads.
  Result<std::optional<Lease>> acquire(const std::string& name);
  /// Whether the lease still is ours, with the same epoch and at least `margin` to go.
  Result<bool> holds(const Lease& lease, std::chrono::milliseconds margin = std::chrono::seconds(1));
  /// The same inside a transaction that writes back: the row is locked, so nobody takes over before the commit. A lease
  /// that ran out while nobody took it still is ours here. The transaction is lost when it idles longer than a lease
  /// lasts, for its leader may be stopped.
  bool holds(Tx& tx, const Lease& lease);
  /// Gives it up at once, so that another need not wait for its end. Nothing happens when it is no longer ours.
  Result<> release(const Lease& lease);

 private:
  Pool& pool_;
  std::string holder_;
  std::chrono::milliseconds ttl_;
};

}  // namespace eda::pg
