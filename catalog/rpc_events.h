#pragma once
// The gRPC face of the trail.

#include <memory>
#include <span>

#include "catalog/actions_events.h"
#include "eda/events/v1/events.grpc.pb.h"
#include "identity/gate.h"

namespace eda::catalog {

std::span<const identity::MethodPermission> event_methods();
std::unique_ptr<grpc::Service> make_event_face(Trail& trail, identity::Gate& gate);

}  // namespace eda::catalog
