#include "catalog/rpc_ownership.h"

#include "platform/rpc/call.h"
#include "platform/rpc/convert.h"

namespace eda::catalog {

using identity::Actor;
using identity::MethodPermission;
using identity::Permission;

namespace {

#define OWNERSHIP_SERVICE "eda.catalog.v1.OwnershipService/"

constexpr MethodPermission methods[] = {
    {OWNERSHIP_SERVICE "PlanTransfer", Permission::write},   {OWNERSHIP_SERVICE "OfferTransfer", Permission::write},
    {OWNERSHIP_SERVICE "PlanTeamRename", Permission::write}, {OWNERSHIP_SERVICE "PlanTeamMerge", Permission::write},
    {OWNERSHIP_SERVICE "ListOwnersAt", Permission::read},
};

void to_proto(const store::OwnerSpan& span, v1::OwnerSpan* out) {
  rpc::to_proto(span.object, out->mutable_object());
  out->set_team(span.team);
  out->set_service(span.service);
  rpc::to_proto(span.since, out->mutable_since());
  if (span.until) rpc::to_proto(*span.until, out->mutable_until());
}

class OwnershipFace final : public v1::OwnershipService::Service {
 public:
  OwnershipFace(Transfers& transfers, Renames& renames, Reading& reading, identity::Gate& gate,
                OwnershipWriters writers)
      : transfers_(transfers), renames_(renames), reading_(reading), gate_(gate), writers_(writers) {}

  grpc::Status PlanTransfer(grpc::ServerContext* context, const v1::PlanTransferRequest* request,
                            v1::PlanTransferResponse* response) override {
    return rpc::serve(*context, gate_, OWNERSHIP_SERVICE "PlanTransfer", [&](const Actor& actor) -> Result<> {
      TransferWish wish{request->request_id(), request->reason(), request->service(), request->to(), {}};
      EDA_ASSIGN(auto planned, transfers_.plan(actor, wish));
      writers_.plan(planned.plan, response->mutable_plan());
      response->set_receiver_must_accept(planned.receiver == Transfers::Planned::Receiver::must_accept);
      return {};
    });
  }

  grpc::Status OfferTransfer(grpc::ServerContext* context, const v1::OfferTransferRequest* request,
                             v1::OfferTransferResponse* response) override {
    return rpc::serve(*context, gate_, OWNERSHIP_SERVICE "OfferTransfer", [&](const Actor& actor) -> Result<> {
      TransferWish wish{request->request_id(), request->reason(), request->service(), request->to(), {}};
      if (request->has_until()) wish.until = rpc::from_proto(request->until());
      EDA_ASSIGN(auto operation, transfers_.offer(actor, wish));
      writers_.operation(operation, response->mutable_operation());
      return {};
    });
  }

  grpc::Status PlanTeamRename(grpc::ServerContext* context, const v1::PlanTeamRenameRequest* request,
                              v1::PlanTeamRenameResponse* response) override {
    return rpc::serve(*context, gate_, OWNERSHIP_SERVICE "PlanTeamRename", [&](const Actor& actor) -> Result<> {
      RenameWish wish{request->request_id(), request->reason(), request->team(), request->to()};
      EDA_ASSIGN(auto plan, renames_.plan_rename(actor, wish));
      writers_.plan(plan, response->mutable_plan());
      return {};
    });
  }

  grpc::Status PlanTeamMerge(grpc::ServerContext* context, const v1::PlanTeamMergeRequest* request,
                             v1::PlanTeamMergeResponse* response) override {
    return rpc::serve(*context, gate_, OWNERSHIP_SERVICE "PlanTeamMerge", [&](const Actor& actor) -> Result<> {
      RenameWish wish{request->request_id(), request->reason(), request->team(), request->into()};
      EDA_ASSIGN(auto plan, renames_.plan_merge(actor, wish));
      writers_.plan(plan, response->mutable_plan());
      return {};
    });
  }

  grpc::Status ListOwnersAt(grpc::ServerContext* context, const v1::ListOwnersAtRequest* request,
                            v1::ListOwnersAtResponse* response) override {
    return rpc::serve(*context, gate_, OWNERSHIP_SERVICE "ListOwnersAt", [&](const Actor&) -> Result<> {
      store::SpanFilter filter{rpc::from_proto(request->at()), request->kind(), request->cluster(), request->team()};
      EDA_ASSIGN(auto page, reading_.owners_at(filter, rpc::page_of(*request)));
      for (auto& span : page.rows) to_proto(span, response->add_owners());
      response->set_next_page_token(page.next_token);
      return {};
    });
  }

 private:
  Transfers& transfers_;
  Renames& renames_;
  Reading& reading_;
  identity::Gate& gate_;
  OwnershipWriters writers_;
};

}  // namespace

std::span<const MethodPermission> ownership_methods() {
  return methods;
}

std::unique_ptr<grpc::Service> make_ownership_face(Transfers& transfers, Renames& renames, Reading& reading,
                                                   identity::Gate& gate, OwnershipWriters writers) {
  return std::make_unique<OwnershipFace>(transfers, renames, reading, gate, writers);
}

}  // namespace eda::catalog
