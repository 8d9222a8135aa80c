#pragma once
// The gRPC face of the plan engine.

#include <memory>
#include <span>

#include "eda/plans/v1/plans.grpc.pb.h"
#include "identity/gate.h"
#include "plans/actions.h"

namespace eda::plans {

std::span<const identity::MethodPermission> plan_methods();
std::unique_ptr<grpc::Service> make_plan_face(Engine& engine, identity::Gate& gate);

/// A plan as it goes over the wire; the faces of kinds with planning verbs of their own use it too.
void to_proto(const Summary& summary, eda::plans::v1::Plan* out);
void to_proto(const Draft& draft, eda::plans::v1::Change* out);
void to_proto(const PlanOutput& output, eda::plans::v1::PlanResponse* out);

}  // namespace eda::plans
