#pragma once
// Ports of the loopback interface.

#include <sys/types.h>

#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "platform/core/error.h"

namespace eda::dev {

/// Called with one line of progress at a time.
using Progress = std::function<void(std::string_view line)>;

/// Whether a server could listen on 127.0.0.1:port now.
bool port_is_free(int port);

/// Whether it is the process `pid` that listens on `port`. False of another user's process, whose files are not ours to
/// see.
bool listens(pid_t pid, int port);

/// Hands out ports of one world: never the same twice, and none that another world has in hand. All of them stay
/// reserved as long as this lives, which is until their servers listen.
class Ports {
 public:
  explicit Ports(Progress progress) : progress_(std::move(progress)) {}
  ~Ports();
  Ports(const Ports&) = delete;
  Ports& operator=(const Ports&) = delete;

  /// `wanted`, or the next free one, and then `progress` is told whose it is. Errors: exhausted DEV_NO_PORT when none
  /// of the 200 from `wanted` on is free.
  Result<int> take(int wanted, std::string_view what);
  /// For a component that runs already.
  void keep(int port);
  /// Whether somebody listens on a port that this has handed out: asked of one whose server does not run.
  bool lost(int port) const { return reservations_.contains(port) && !port_is_free(port); }
  /// What was handed out may be asked for again, by servers that did not get it. It stays reserved meanwhile.
  void start_over() { taken_.clear(); }

 private:
  bool reserve(int port);
  void release(int port);

  Progress progress_;
  std::set<int> taken_;
  std::map<int, int> reservations_;  ///< port to the socket that holds it
};

}  // namespace eda::dev
