#pragma once
// What a managed cluster remembers of our database. After each round that wrote to it, the last event is recorded in
// __edad, a compacted topic of one partition. A database that does not know that event was restored from an older copy
// (or is another one): acting on its wishes would revert the world, so the cluster falls back to being observed.

#include <string>

#include "platform/core/error.h"
#include "platform/core/time.h"
#include "platform/kafka/admin.h"
#include "platform/pg/pool.h"

namespace eda::clusters {

inline constexpr const char* witness_topic = "__edad";

class Witness {
 public:
  Witness(pg::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

  /// Before the first write of a leader, and each minute. refused DATABASE_RESTORED, with the mode set to observe and an
  /// event; what the broker cannot answer is its own error, and nothing is written there until it can.
  Result<> check(const std::string& cluster, kafka::Admin& admin, Deadline deadline);
  /// After a round that wrote.
  Result<> record(const std::string& cluster, kafka::Admin& admin, Deadline deadline);

 private:
  pg::Pool& pool_;
  const Clock& clock_;
};

}  // namespace eda::clusters
