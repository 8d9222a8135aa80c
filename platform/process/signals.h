#pragma once
// SIGTERM, SIGINT and SIGHUP arrive at one place, where a thread waits for them, and nowhere else. SIGPIPE is ignored.

#include <chrono>
#include <optional>

namespace eda::process {

enum class Signal { terminate, interrupt, hangup, woken };

/// One a process, made in main before any other thread: threads inherit the blocked mask. So do children: whoever
/// spawns one unblocks these signals in it.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Blocks until a signal comes or somebody calls wake().
  Signal wait();
  /// The same, nullopt when `span` has passed.
  std::optional<Signal> wait_for(std::chrono::milliseconds span);
  /// From any thread; ends one wait, also one that has not begun.
  void wake();

 private:
  std::optional<Signal> poll_for(int milliseconds);
  int signals_ = -1;
  int wakes_ = -1;
};

}  // namespace eda::process
