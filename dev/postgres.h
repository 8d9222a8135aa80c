#pragma once
// A private Postgres: loopback and a socket, a password of its own. Postgres refuses to run as root, so for root the
// data lies where the `postgres` user reaches it, and the world notes that path.

#include <string>

#include "dev/files.h"
#include "dev/ports.h"
#include "dev/processes.h"
#include "platform/core/error.h"

namespace eda::dev {

enum class Durability {
  normal,
  none,  ///< no fsync: for data that is thrown away with the world
};

class Postgres {
 public:
  Postgres(const fs::path& state, Notes& notes, Processes& processes, Durability durability = Durability::normal);

  Part part() const { return {"postgres", "eda.world=" + home().string()}; }
  int port() const { return notes_.number("postgres.port", 15432); }
  /// Of the superuser `eda`; holds its password.
  std::string url(const std::string& database) const;
  fs::path home() const;
  fs::path data() const { return home() / "data"; }

  /// Creates the data when there is none and starts the server, without waiting for it, but for what a killed one left:
  /// its processes end only when they notice. Errors: unavailable DEV_POSTGRES_MISSING, timeout DEV_POSTGRES_LEFT, and
  /// those of Processes and Ports.
  Result<> start(Ports& ports, const Progress& progress);
  Result<> await(const Progress& progress);
  /// Whether it does not run, and somebody else listens where `ports` let it.
  bool lost_port(const Ports& ports) const;
  void stop();
  /// Removes all data; the server must be stopped.
  Result<> forget();

 private:
  Result<fs::path> program(const std::string& name) const;
  Result<> create_data(const Progress& progress);
  void let_end();
  Result<> await_left_processes(const Progress& progress) const;
  void remove_stale_locks() const;

  fs::path state_;
  Notes& notes_;
  Processes& processes_;
  Durability durability_;
};

}  // namespace eda::dev
