#pragma once
// A private world for one developer: Postgres, a secured Kafka cluster and edad between them. One directory (`state`)
// holds everything that is known of it; whoever holds the directory can find, stop and forget the world.
//
// Registering the cluster with edad is the command's part (cli/commands/dev), for it goes over gRPC.

#include <string>
#include <utility>
#include <vector>

#include "dev/files.h"
#include "dev/ports.h"
#include "platform/core/error.h"

namespace eda::dev {

struct Options {
  fs::path state;
  std::string kafka_line;  ///< "4" or "3.9"; empty: what the world has, else the newest found
  fs::path kafka_home;     ///< empty: $KAFKA_HOME, else what ./x setup fetched
  int brokers = 0;         ///< 1 or 3; 0: what the world has, else 1
  fs::path edad;           ///< empty: beside this program
};

struct Component {
  std::string name;
  int pid = 0;  ///< 0: does not run
  std::string address;
  fs::path log;
};

struct World {
  fs::path state;
  std::vector<Component> components;
  std::string server;  ///< edad's gRPC, host:port
  std::string web_url;
  std::string metrics_url;
  std::string registry_url;  ///< reserved
  std::string postgres_url;  ///< holds a password
  fs::path postgres_data;
  std::string kafka_bootstrap;
  std::string kafka_version;
  fs::path kafka_home;
  fs::path kafka_client_config;
  fs::path token_file;  ///< of the first admin
  int brokers = 0;
  int started = 0;  ///< components that `up` had to start

  bool exists() const { return !components.empty(); }
  bool complete() const;
};

/// The cluster's name in edad, edad's login on it, and where edad finds that login's password.
inline constexpr const char* cluster_name = "local";
inline constexpr const char* cluster_user = "edad";
inline constexpr const char* cluster_password_reference = "file:kafka-local";

/// $XDG_STATE_HOME/edactl/dev, else ~/.local/state/edactl/dev.
fs::path default_state();

/// Starts what does not run and waits until all of it answers. Nothing to do: nothing is done. What was started stays
/// when a later part fails; the next `up` goes on from there. Errors: those of the parts, each with what to do next.
Result<World> up(const Options& options, const Progress& progress);

/// Waits until edad is ready, which it is not before it has looked at the cluster it knows since it started, and that
/// is the one that runs, with all of its brokers.
Result<> await_ready(const fs::path& state, const Progress& progress);

/// What stands there now. A state that never was a world has no components.
World status(const fs::path& state);

/// Stops this world's processes and nothing else. Returns how many ran.
Result<int> down(const fs::path& state, const Progress& progress);

/// Stops the world and removes its data, secrets and logs. Errors: not_found DEV_NO_WORLD.
Result<> reset(const fs::path& state, const Progress& progress);

/// EDACTL_SERVER, EDACTL_TOKEN, … in the order in which they are shown; they hold secrets.
std::vector<std::pair<std::string, std::string>> environment(const World& world);
/// The same as shell assignments, one a line.
std::string shell_assignments(const World& world);

}  // namespace eda::dev
