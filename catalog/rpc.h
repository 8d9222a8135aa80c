#pragma once
// The gRPC face of the catalog: objects with their owners.

#include <memory>
#include <span>

#include "catalog/actions.h"
#include "eda/catalog/v1/catalog.grpc.pb.h"
#include "identity/gate.h"

namespace eda::catalog {

std::span<const identity::MethodPermission> catalog_methods();
std::unique_ptr<grpc::Service> make_catalog_face(Reading& reading, const plans::Kinds& kinds, identity::Gate& gate);

}  // namespace eda::catalog
