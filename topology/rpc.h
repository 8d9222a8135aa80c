#pragma once
// The gRPC face of the topology.

#include <memory>
#include <span>

#include "eda/topology/v1/topology.grpc.pb.h"
#include "identity/gate.h"
#include "topology/actions.h"

namespace eda::topology {

std::span<const identity::MethodPermission> topology_methods();
std::unique_ptr<grpc::Service> make_topology_face(Topology& topology, identity::Gate& gate);

}  // namespace eda::topology
