#pragma once
// The gRPC face of users and tokens.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "eda/identity/v1/identity.grpc.pb.h"
#include "identity/actions.h"
#include "identity/gate.h"

namespace eda::identity {

std::span<const MethodPermission> identity_methods();

/// What WhoAmI says of edad itself.
struct ServerFacts {
  struct Port {
    std::string name;     ///< "grpc", "web", "metrics"
    std::string address;  ///< host:port
    bool tls = false;
  };
  std::string version;
  std::vector<Port> ports = {};
};
std::unique_ptr<grpc::Service> make_identity_face(Actions& actions, Gate& gate, ServerFacts server);

}  // namespace eda::identity
