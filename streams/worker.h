#pragma once
// Makes streams' wishes true: takes the set that is due on a cluster, looks at the topics, acts in batches, looks
// again, writes back what it saw. One leader a cluster, by lease. Each minute, or when somebody asks for it, it surveys
// the streams that are at rest: drift is told, and set back where that is wished.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "clusters/actions_witness.h"
#include "clusters/kafka.h"
#include "clusters/store.h"
#include "platform/core/time.h"
#include "platform/pg/lease.h"
#include "platform/pg/pool.h"
#include "streams/kafka.h"
#include "streams/store.h"

namespace eda::streams {

/// One round on one cluster.
struct Round {
  std::string cluster;
  std::string outcome;  ///< "ok", "idle", "not-leader", "lost-lease", or an Error's reason ("BROKER_AWAY")
  int due = 0;
  int settled = 0;  ///< came to rest as wished, or are gone
  int refused = 0;
  int unknown = 0;  ///< sent, and no answer
  int drifted = 0;
  int repaired = 0;                                  ///< to be set back by the next round
  std::optional<std::map<std::string, int>> survey;  ///< of a survey: findings by what they are, "undeclared" too
  bool survey_due = false;                           ///< the next survey's time has come
  Duration took{0};
};

struct WorkerOptions {
  std::string holder;  ///< unique per process
  std::chrono::milliseconds lease{5'000};
  std::chrono::milliseconds sweep{60'000};  ///< how often streams at rest are surveyed, at least
  std::chrono::milliseconds look{10'000};   ///< for one look at the topics of a round
  std::chrono::milliseconds dispatch{20'000};
  std::chrono::milliseconds visible{10'000};  ///< until a change shows in Metadata
};

class Worker {
 public:
  /// Called after each round that was not idle.
  using Observer = std::function<void(const Round&)>;
  Worker(pg::Pool& pool, clusters::Connections& connections, const Clock& clock, WorkerOptions options,
         Observer observer = {});
  ~Worker();  ///< stops
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// One thread a registered cluster, so that one that is away delays no other; woken by `wishes`, else each second.
  void start();
  /// Begins no new round and waits for those under way.
  void stop();

  /// One round on the caller's thread.
  Round step(const std::string& cluster);
  /// One survey of all streams at rest of a cluster, on the caller's thread.
  Round sweep(const std::string& cluster);

  struct Wake;  ///< what a notification touches; outlives the worker, for listening has no end

 private:
  struct Item;
  struct Batch;
  using Indices = std::vector<std::size_t>;
  enum class Kind { creation, change, removal };

  void supervise();
  void serve(const std::string& cluster, const std::atomic<bool>& gone);
  Round timed(const std::string& cluster, Result<Round> (Worker::*round)(const std::string&));
  Result<Round> work(const std::string& cluster);
  Result<Round> survey(const std::string& cluster);

  Result<std::optional<Batch>> begin(const std::string& cluster);
  Result<> reach(Batch& batch);
  Result<> witness(const Batch& batch, std::chrono::seconds at_most);
  /// In a transaction that writes: do we lead still, in the database that we began in?
  bool ours(pg::Tx& tx, const Batch& batch);
  Result<> tell_away(Batch& batch);
  Result<> make_sure(kafka::Admin& admin, const std::vector<store::Stream>& streams, Topics& topics);
  void look(Batch& batch);
  void decide(Batch& batch);
  void act(Batch& batch, Kind kind);
  bool may_dispatch(Batch& batch, Kind kind, Indices& indices);
  void overtaken(Batch& batch, const Indices& indices);
  void verify(Batch& batch);
  Result<> write_back(Batch& batch);
  Result<> write_survey(const Batch& batch, const Topics& topics, const std::vector<store::Stream>& streams,
                        Round& round);
  Result<> end_survey(const Batch& batch, const Topics& topics, const std::string& began, Round& round);

  pg::Pool& pool_;
  clusters::Connections& connections_;
  const Clock& clock_;
  WorkerOptions options_;
  pg::Leases leases_;
  clusters::Witness witness_;
  struct Witnessed {
    std::int64_t epoch = 0;
    std::chrono::steady_clock::time_point at;
  };
  std::mutex witnessed_mutex_;
  std::map<std::string, Witnessed> witnessed_;  ///< by cluster
  std::mutex away_mutex_;
  std::map<std::string, Error> away_;  ///< clusters that the last look could not reach
  Observer observer_;
  std::shared_ptr<Wake> wake_;
  std::thread supervisor_;
};

}  // namespace eda::streams
