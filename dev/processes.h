#pragma once
// The daemons of a private world: started, found again by a later command, watched while they start, stopped.
// A pid alone proves nothing (it is reused), so a pid file holds the start time and the boot beside it.

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dev/files.h"
#include "dev/ports.h"
#include "platform/core/error.h"

namespace eda::dev {

enum class Lifetime {
  detached,     ///< goes on when we end
  with_parent,  ///< is killed by the system when we end, however we end
};

struct Part {
  std::string name;  ///< "postgres", "kafka-1", "edad": names its pid file and its log
  std::string mark;  ///< an argument that no other process has: finds it when its pid file is lost
};

struct Command {
  std::vector<std::string> argv;  ///< argv[0] is an absolute path
  std::string user;               ///< run as this user; empty: as ourselves
};

class Processes {
 public:
  Processes(fs::path state, Lifetime lifetime);

  /// Its pid, when it runs. Stale pid files are removed on the way.
  std::optional<pid_t> running(const Part& part) const;
  /// Starts it in a session of its own, with its output in log(part). Errors: internal DEV_SPAWN.
  Result<> start(const Part& part, const Command& command);
  /// Whether it runs, and it is this very process that listens on `port`: whatever a stranger answers there counts for
  /// nothing.
  bool listens(const Part& part, int port) const;
  /// Stops those that run and were told to end, by a `stop` that was interrupted or by a signal from elsewhere: they
  /// answer until they are gone, which may be a moment after we found them well.
  void let_end(const std::vector<Part>& parts, int signal, std::chrono::seconds patience);
  /// Waits until `ready`, telling `progress` every few seconds. Errors: unavailable DEV_DIED with the last lines it
  /// wrote, timeout DEV_NOT_READY with what `ready` last said of itself.
  Result<> await(const Part& part, const std::function<bool()>& ready, std::chrono::seconds patience,
                 const Progress& progress);
  /// Sends `signal` to all at once, and SIGKILL to those that are left after `patience`. Returns how many there were.
  int stop(const std::vector<Part>& parts, int signal, std::chrono::seconds patience);
  /// Runs programs side by side to their end. Errors: unavailable DEV_FAILED with the last lines of the first that
  /// failed.
  Result<> run(const std::vector<std::pair<Part, Command>>& programs);

  fs::path log(const Part& part) const { return state_ / "log" / (part.name + ".log"); }

 private:
  fs::path pid_file(const Part& part) const { return state_ / "run" / (part.name + ".pid"); }
  Result<pid_t> spawn(const Part& part, const Command& command);
  std::string last_words(const Part& part) const;

  fs::path state_;
  Lifetime lifetime_;
  std::map<std::string, std::uintmax_t> log_starts_;  ///< where in its log the present start begins
};

}  // namespace eda::dev
