#pragma once
// The gRPC face of operations.

#include <grpcpp/grpcpp.h>

#include <memory>
#include <span>

#include "eda/operations/v1/operations.grpc.pb.h"
#include "identity/gate.h"
#include "operations/actions.h"

namespace eda::operations {

std::span<const identity::MethodPermission> operation_methods();
std::unique_ptr<grpc::Service> make_operation_face(Actions& actions, identity::Gate& gate);
void to_proto(const Operation& operation, v1::Operation* out);

}  // namespace eda::operations
