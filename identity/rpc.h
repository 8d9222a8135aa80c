#pragma once
// The gRPC face of users and tokens.

#include <memory>
#include <span>
#include <string>

#include "eda/identity/v1/identity.grpc.pb.h"
#include "identity/actions.h"
#include "identity/gate.h"

namespace eda::identity {

std::span<const MethodPermission> identity_methods();
/// `server_version` is what WhoAmI answers.
std::unique_ptr<grpc::Service> make_identity_face(Actions& actions, Gate& gate, std::string server_version);

}  // namespace eda::identity
