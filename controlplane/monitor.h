#pragma once
// Beside the calls: each second, is what edad needs there, and which changes for a while are over; each minute,
// forgetting what has ended and learning the words that are searched by. Memory that a large call has freed goes back
// to the system.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "controlplane/meters.h"
#include "controlplane/readiness.h"
#include "plans/actions.h"
#include "platform/pg/lease.h"
#include "platform/pg/pool.h"

namespace eda::controlplane {

class Monitor {
 public:
  /// `told` is called when readiness has changed, and once at the start.
  Monitor(pg::Pool& pool, plans::Engine& engine, Readiness& readiness, Meters& meters, std::string holder,
          std::function<void(bool)> told);
  ~Monitor();  ///< stops
  void start();
  void stop();

 private:
  void loop();
  void look();
  void end_overlays();
  void sweep();
  void give_back_memory();

  pg::Pool& pool_;
  plans::Engine& engine_;
  Readiness& readiness_;
  Meters& meters_;
  pg::Leases leases_;
  std::function<void(bool)> told_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::size_t kept_ = 0;  ///< bytes that were free in the heaps when they were last given back
  std::thread thread_;
};

}  // namespace eda::controlplane
