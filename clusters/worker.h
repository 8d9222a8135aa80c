#pragma once
// Looks at every cluster each 10 s, so that lists and descriptions show what is there, and falls back to observing when
// a cluster has become another one.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "clusters/kafka.h"
#include "clusters/store.h"
#include "platform/core/time.h"
#include "platform/pg/lease.h"
#include "platform/pg/pool.h"

namespace eda::clusters {

/// How one look ended, for metrics.
struct Round {
  std::string cluster;
  std::string outcome;  ///< "ok", or an Error's reason
  Duration took{0};
};

class Worker {
 public:
  using Observer = std::function<void(const Round&)>;
  /// `holder` is unique per process. Any number of replicas: each look is one replica's, by lease.
  Worker(pg::Pool& pool, Connections& connections, const Clock& clock, std::string holder, Observer observer = {});
  ~Worker();  ///< stops
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  /// Returns when the thread has ended, after the look that is under way (5 s at most).
  void stop();

  /// Looks at those that are due, now, on the caller's thread.
  void step();
  /// Looks at one whether it is due or not.
  Result<> look(const std::string& cluster);

 private:
  void loop();
  Result<> write_back(const pg::Lease& lease, const store::Cluster& before, const Look& look);

  pg::Pool& pool_;
  Connections& connections_;
  const Clock& clock_;
  pg::Leases leases_;
  Observer observer_;
  std::set<std::string> well_;  ///< looked at since the start, and reached the last time
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace eda::clusters
