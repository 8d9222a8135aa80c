#pragma once
// The gRPC face of streams: what is no plan or apply of a manifest.

#include <memory>
#include <span>

#include "eda/streams/v1/streams.grpc.pb.h"
#include "identity/gate.h"
#include "streams/actions.h"

namespace eda::streams {

std::span<const identity::MethodPermission> stream_methods();
/// How plans and operations go over the wire is the business of their own faces; whoever joins the faces hands it in
/// (plans::to_proto, operations::to_proto).
struct Writers {
  void (*plan)(const plans::PlanOutput& plan, eda::plans::v1::PlanResponse* out) = nullptr;
  void (*operation)(const operations::Operation& operation, eda::operations::v1::Operation* out) = nullptr;
};
std::unique_ptr<grpc::Service> make_stream_face(Streams& streams, identity::Gate& gate, Writers writers);

}  // namespace eda::streams
