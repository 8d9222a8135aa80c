#pragma once
// Ports of the loopback interface.

#include <functional>
#include <set>
#include <string_view>

#include "platform/core/error.h"

namespace eda::dev {

/// Called with one line of progress at a time.
using Progress = std::function<void(std::string_view line)>;

/// Whether a server could listen on 127.0.0.1:port now.
bool port_is_free(int port);

/// Hands out ports of one world: never the same twice.
class Ports {
 public:
  explicit Ports(Progress progress) : progress_(std::move(progress)) {}

  /// `wanted`, or the next free one, and then `progress` is told whose it is. Errors: exhausted DEV_NO_PORT when none
  /// of the 200 from `wanted` on is free.
  Result<int> take(int wanted, std::string_view what);
  /// For a component that runs already.
  void keep(int port) { taken_.insert(port); }

 private:
  Progress progress_;
  std::set<int> taken_;
};

}  // namespace eda::dev
