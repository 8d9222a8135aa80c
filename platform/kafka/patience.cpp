#include "platform/kafka/patience.h"

#include <algorithm>
#include <thread>

namespace eda::kafka {

using namespace std::chrono_literals;

bool Patience::wait(Deadline deadline) {
  if (deadline.left() <= next_) return false;
  std::this_thread::sleep_for(next_);
  next_ = std::min<std::chrono::milliseconds>(next_ * 2, 1s);
  return true;
}

}  // namespace eda::kafka
