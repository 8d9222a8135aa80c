#pragma once
// What a managed cluster remembers of our database. After each round that wrote to it, the last event is recorded in
// __edad, a compacted topic of one partition. A database that does not know that event was restored from an older copy
// (or is another one): acting on its wishes would revert the world, so the cluster falls back to being observed.

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "clusters/mark.h"
#include "platform/core/error.h"
#include "platform/core/time.h"
#include "platform/kafka/admin.h"
#include "platform/pg/pool.h"

namespace eda::clusters {

/// Thread-safe.
class Witness {
 public:
  Witness(pg::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

  /// Before the first write of a leader, and each minute: it reads the topic. refused DATABASE_RESTORED, with the mode
  /// set to observe, a condition and an event, and what was under way before is held; what the broker cannot answer is
  /// its own error, and nothing is written there until it can.
  Result<> check(const std::string& cluster, kafka::Admin& admin, Deadline deadline);
  /// After a round that wrote, or saw something come to rest. Makes the topic when there is none; sends nothing when
  /// nothing has happened since. Checks first when the database has lost what this process knew of it, and then gives
  /// check's errors: a database restored under a running edad must not wipe out what speaks against it.
  Result<> record(const std::string& cluster, kafka::Admin& admin, Deadline deadline);
  /// In the transaction that precedes a write to the cluster: false when the database has lost what this process last
  /// read or wrote there, so that it was restored meanwhile. Asks no broker; check() then says what follows.
  bool holds(pg::Tx& tx, const std::string& cluster);
  /// Records whatever the topic says: a person's word that this database counts.
  Result<> vouch(const std::string& cluster, kafka::Admin& admin, Deadline deadline);

 private:
  Result<> fall_back(const std::string& cluster, const std::optional<Mark>& found);
  std::optional<Mark> known(const std::string& cluster);
  void know(const std::string& cluster, const std::optional<Mark>& mark);

  pg::Pool& pool_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Mark> known_;  ///< what we last read or wrote there
};

}  // namespace eda::clusters
