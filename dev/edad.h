#pragma once
// The control plane of a private world: the edad beside this program, with a configuration of its own.

#include <string>

#include "dev/files.h"
#include "dev/ports.h"
#include "dev/processes.h"
#include "platform/core/error.h"

namespace eda::dev {

class Edad {
 public:
  Edad(const fs::path& state, Notes& notes, Processes& processes);

  Part part() const { return {"edad", "--config=" + config().string()}; }
  int grpc_port() const { return notes_.number("edad.grpc", 7070); }
  int metrics_port() const { return notes_.number("edad.metrics", 7071); }
  int web_port() const { return notes_.number("edad.web", 8080); }
  int registry_port() const { return notes_.number("edad.registry", 8081); }
  fs::path config() const { return folder() / "edad.yaml"; }
  /// Holds the token of the first admin; mode 0600.
  fs::path token_file() const { return folder() / "admin.token"; }

  /// `given`, else the edad beside this program. Errors: unavailable DEV_EDAD_MISSING.
  static Result<fs::path> find(const fs::path& given);
  /// Starts `program` against `database`; one that runs but has been built anew, or knows another database, is
  /// restarted. Its secret `kafka-local` is `kafka_password`.
  Result<> start(const fs::path& program, const std::string& database, const std::string& kafka_password, Ports& ports,
                 const Progress& progress);
  /// Until it has its database, and the first admin's token exists.
  Result<> await(const fs::path& program, const Progress& progress);
  /// Until it says that its clusters are ready, too.
  Result<> await_ready(const Progress& progress);
  void stop();
  Result<> forget();

 private:
  fs::path folder() const { return state_ / "edad"; }
  fs::path secrets() const { return folder() / "secrets"; }
  std::string configuration(const std::string& database) const;

  fs::path state_;
  Notes& notes_;
  Processes& processes_;
};

}  // namespace eda::dev
