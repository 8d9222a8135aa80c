#pragma once
// A whole edad in this process: real sockets, a database of its own, free ports.

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "controlplane/edad.h"
#include "tests/support/world.h"

namespace eda::test {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

class RunningEdad {
 public:
  RunningEdad();
  controlplane::Edad* operator->() { return edad_.get(); }
  FreshDatabase& database() { return database_; }

  std::shared_ptr<grpc::Channel> channel() const;
  const std::string& admin_token() const { return admin_; }
  /// Makes the user and a token of theirs with these scopes.
  std::string token_for(const std::string& user, std::vector<std::string> scopes);
  HttpAnswer post(const std::string& path, const std::string& json, const std::string& token) const;
  HttpAnswer get_metrics(const std::string& path) const;

 private:
  FreshDatabase database_;
  std::unique_ptr<controlplane::Edad> edad_;
  std::string admin_;
};

}  // namespace eda::test
