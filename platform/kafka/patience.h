#pragma once
// Waiting between attempts, bounded by a deadline.

#include <chrono>

#include "platform/core/time.h"

namespace eda::kafka {

class Patience {
 public:
  /// Waits before the next attempt, twice as long each time up to a second. False, at once: the deadline is too near.
  bool wait(Deadline deadline);

 private:
  std::chrono::milliseconds next_{50};
};

}  // namespace eda::kafka
