#pragma once
// The gRPC face of ownership: services that change hands, teams renamed and merged.

#include <memory>
#include <span>

#include "catalog/actions.h"
#include "catalog/actions_renames.h"
#include "catalog/actions_transfers.h"
#include "eda/catalog/v1/catalog.grpc.pb.h"
#include "identity/gate.h"

namespace eda::catalog {

std::span<const identity::MethodPermission> ownership_methods();
/// Plans and operations are written by their own faces, which whoever joins the faces hands in.
struct OwnershipWriters {
  void (*plan)(const plans::PlanOutput& plan, eda::plans::v1::PlanResponse* out) = nullptr;
  void (*operation)(const operations::Operation& operation, eda::operations::v1::Operation* out) = nullptr;
};
std::unique_ptr<grpc::Service> make_ownership_face(Transfers& transfers, Renames& renames, Reading& reading,
                                                   identity::Gate& gate, OwnershipWriters writers);

}  // namespace eda::catalog
