#pragma once
// Takes due operations, a step at a time, all of a kind that stand at the same step on a cluster together. Every
// replica works: each row is claimed for a while by one of them, the claim is kept while the step runs, and what a
// replica writes after it lost its claim is refused.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "operations/runner.h"
#include "operations/store.h"
#include "platform/core/time.h"
#include "platform/pg/pool.h"

namespace eda::operations {

struct WorkerOptions {
  std::string holder;                      ///< unique per process
  std::chrono::milliseconds claim{8'000};  ///< how soon others go on with what a replica that was killed had
  int batch = 500;
};

/// One round that was not idle.
struct Round {
  std::string outcome;  ///< "ok", or an Error's reason ("DATABASE_AWAY")
  int taken = 0;
  Duration took{0};
};

class Worker {
 public:
  using Observer = std::function<void(const Round&)>;
  Worker(pg::Pool& pool, const Clock& clock, std::vector<Runner*> runners, WorkerOptions options,
         Observer observer = {});
  ~Worker();  ///< stops
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Woken by `wishes`, else each second.
  void start();
  /// Lets the step under way come to its end, and gives up what was claimed besides.
  void stop();
  /// One round on the caller's thread; returns how many operations were taken.
  int step();

 private:
  struct State;
  using Claims = std::vector<store::Claimed>;
  Result<int> work();
  Result<> run(Runner& runner, const std::string& step, const Claims& claims);
  void expire(const store::Claimed& claimed);

  pg::Pool& pool_;
  const Clock& clock_;
  std::map<std::string, Runner*, std::less<>> runners_;
  WorkerOptions options_;
  Observer observer_;
  std::shared_ptr<State> state_;  ///< outlives the worker, for listening has no end
  std::thread thread_;
};

}  // namespace eda::operations
