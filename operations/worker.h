#pragma once
// Takes due operations, a step at a time, all that stand at the same step together.

#include <functional>
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
  std::string holder;                       ///< unique per process
  std::chrono::milliseconds claim{30'000};  ///< longer than any step takes
  int batch = 500;
};

class Worker {
 public:
  Worker(pg::Pool& pool, const Clock& clock, std::vector<Runner*> runners, WorkerOptions options);
  ~Worker();  ///< stops
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Woken by `wishes`, else each second.
  void start();
  void stop();
  /// One round on the caller's thread; returns how many operations were taken.
  int step();

 private:
  struct State;
  pg::Pool& pool_;
  const Clock& clock_;
  std::vector<Runner*> runners_;
  WorkerOptions options_;
  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace eda::operations
