#pragma once
// The gRPC face of streams: what is no plan or apply of a manifest.

#include <memory>
#include <span>

#include "eda/streams/v1/streams.grpc.pb.h"
#include "identity/gate.h"
#include "streams/actions.h"

namespace eda::streams {

std::span<const identity::MethodPermission> stream_methods();
/// How a plan goes over the wire is the plans' face's business; whoever joins the faces hands it in (plans::to_proto).
using PlanWriter = void (*)(const plans::PlanOutput& plan, eda::plans::v1::PlanResponse* out);
std::unique_ptr<grpc::Service> make_stream_face(Streams& streams, identity::Gate& gate, PlanWriter write_plan);

}  // namespace eda::streams
