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
  /// Until it has its database, and there is an admin's token that it knows: one that was revoked or ran out is
  /// replaced.
  Result<> await(const fs::path& program, const Progress& progress);
  /// Until it is ready, and has looked at its cluster of `brokers` since it started, wrote down that it was well, and
  /// finds it well now. An edad that knows no such cluster has none to look at.
  Result<> await_ready(const std::string& cluster, int brokers, const Progress& progress);
  /// Whether it does not run, and somebody else listens where `ports` let it.
  bool lost_port(const Ports& ports) const;
  /// The first admin's; empty when there is none.
  std::string token() const;
  void stop();
  Result<> forget();

 private:
  fs::path folder() const { return state_ / "edad"; }
  fs::path secrets() const { return folder() / "secrets"; }
  std::string configuration(const std::string& database) const;
  bool serves() const;
  Result<bool> knows_token(const Progress& progress);
  std::string why_not_ready(const std::string& cluster, int brokers) const;

  fs::path state_;
  Notes& notes_;
  Processes& processes_;
};

}  // namespace eda::dev
