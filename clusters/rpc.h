#pragma once
// The gRPC face of clusters.

#include <memory>
#include <span>

#include "clusters/actions.h"
#include "eda/clusters/v1/clusters.grpc.pb.h"
#include "identity/gate.h"

namespace eda::clusters {

std::span<const identity::MethodPermission> cluster_methods();
std::unique_ptr<grpc::Service> make_cluster_face(Clusters& clusters, identity::Gate& gate);

}  // namespace eda::clusters
