#include "streams/rpc.h"

#include "platform/rpc/call.h"
#include "platform/rpc/convert.h"

namespace eda::streams {

using identity::Actor;
using identity::MethodPermission;
using identity::Permission;

namespace {

#define STREAM_SERVICE "eda.streams.v1.StreamService/"

constexpr MethodPermission methods[] = {
    {STREAM_SERVICE "PlanAdoption", Permission::administer}, {STREAM_SERVICE "ListTopics", Permission::read},
    {STREAM_SERVICE "RequestAdoption", Permission::write},   {STREAM_SERVICE "DraftManifests", Permission::read},
    {STREAM_SERVICE "CheckDrift", Permission::read},         {STREAM_SERVICE "PlanDrift", Permission::write},
};

void to_proto(const ListedTopic& listed, v1::Topic* out) {
  out->set_name(listed.topic.name);
  out->set_id(listed.topic.id);
  out->set_partitions(static_cast<std::uint32_t>(listed.topic.partitions));
  out->set_replication(static_cast<std::uint32_t>(listed.topic.replication));
  out->set_internal(listed.topic.kind == LiveTopic::Kind::internal);
  out->set_stream(listed.stream);
  out->set_team(listed.team);
}

void to_proto(const plans::Document& document, eda::plans::v1::Document* out) {
  out->set_kind(document.kind);
  out->set_cluster(document.cluster);
  out->set_name(document.name);
  for (auto& [path, said] : document.fields) {
    auto* field = out->add_fields();
    field->set_path(path);
    if (said.value) {
      rpc::to_proto(*said.value, field->mutable_value());
    } else {
      field->set_reset(true);
    }
  }
}

void to_proto(const DriftRow& row, v1::Drift* out) {
  rpc::to_proto(row.stream, out->mutable_stream());
  out->set_field(row.drift.field);
  if (row.drift.wish) rpc::to_proto(*row.drift.wish, out->mutable_wish());
  if (row.drift.fact) rpc::to_proto(*row.drift.fact, out->mutable_fact());
  out->set_wish_text(drift_text(row.drift, row.drift.wish));
  out->set_fact_text(drift_text(row.drift, row.drift.fact));
  rpc::to_proto(row.drift.since, out->mutable_since());
  out->set_what(row.drift.what);
  out->set_handling(std::string(handling_name(row.handling)));
}

Result<DriftPlan> from_proto(const v1::PlanDriftRequest& request) {
  DriftPlan plan{
      request.request_id(), request.reason(), request.cluster(), {request.names().begin(), request.names().end()}};
  if (request.direction() == v1::PlanDriftRequest::DIRECTION_REPAIR) plan.direction = DriftPlan::Direction::repair;
  if (request.direction() != v1::PlanDriftRequest::DIRECTION_UNSPECIFIED) return plan;
  return fail(Code::invalid, "DIRECTION_MISSING", "is the drift to be accepted or repaired?",
              "edactl stream drift accept NAME, or edactl stream drift repair NAME");
}

class StreamFace final : public v1::StreamService::Service {
 public:
  StreamFace(Streams& streams, identity::Gate& gate, Writers writers)
      : streams_(streams), gate_(gate), writers_(writers) {}

  grpc::Status PlanAdoption(grpc::ServerContext* context, const v1::PlanAdoptionRequest* request,
                            v1::PlanAdoptionResponse* response) override {
    return rpc::serve(*context, gate_, STREAM_SERVICE "PlanAdoption", [&](const Actor& actor) -> Result<> {
      Adoption adoption{request->request_id(),
                        "",
                        request->cluster(),
                        {request->topics().begin(), request->topics().end()},
                        request->team()};
      EDA_ASSIGN(auto output, streams_.plan_adoption(actor, adoption));
      writers_.plan(output, response->mutable_plan());
      return {};
    });
  }

  grpc::Status ListTopics(grpc::ServerContext* context, const v1::ListTopicsRequest* request,
                          v1::ListTopicsResponse* response) override {
    return rpc::serve(*context, gate_, STREAM_SERVICE "ListTopics", [&](const Actor&) -> Result<> {
      auto which = request->unmanaged_only() ? Streams::Which::unmanaged : Streams::Which::all;
      EDA_ASSIGN(auto page, streams_.list_topics(request->cluster(), which, rpc::page_of(*request)));
      for (auto& topic : page.rows) to_proto(topic, response->add_topics());
      response->set_next_page_token(page.next_token);
      return {};
    });
  }

  grpc::Status RequestAdoption(grpc::ServerContext* context, const v1::RequestAdoptionRequest* request,
                               v1::RequestAdoptionResponse* response) override {
    return rpc::serve(*context, gate_, STREAM_SERVICE "RequestAdoption", [&](const Actor& actor) -> Result<> {
      Claim claim{request->request_id(),
                  request->reason(),
                  request->cluster(),
                  {request->topics().begin(), request->topics().end()},
                  request->team()};
      EDA_ASSIGN(auto operation, streams_.request_adoption(actor, claim));
      writers_.operation(operation, response->mutable_operation());
      return {};
    });
  }

  grpc::Status DraftManifests(grpc::ServerContext* context, const v1::DraftManifestsRequest* request,
                              v1::DraftManifestsResponse* response) override {
    return rpc::serve(*context, gate_, STREAM_SERVICE "DraftManifests", [&](const Actor&) -> Result<> {
      EDA_ASSIGN(auto drafted, streams_.draft_manifests(request->cluster(), request->team(), rpc::page_of(*request)));
      for (auto& document : drafted.documents) to_proto(document, response->add_documents());
      for (auto& topic : drafted.internal) response->add_internal(topic);
      response->set_next_page_token(drafted.next_token);
      return {};
    });
  }

  grpc::Status CheckDrift(grpc::ServerContext* context, const v1::CheckDriftRequest* request,
                          v1::CheckDriftResponse* response) override {
    return rpc::serve(*context, gate_, STREAM_SERVICE "CheckDrift", [&](const Actor&) -> Result<> {
      using Undeclared = DriftCheck::Undeclared;
      EDA_ASSIGN(auto report, streams_.check_drift({request->cluster(),
                                                    {request->names().begin(), request->names().end()},
                                                    request->undeclared() ? Undeclared::list : Undeclared::leave_out,
                                                    rpc::page_of(*request)}));
      for (auto& row : report.rows) to_proto(row, response->add_drift());
      response->set_next_page_token(report.next_token);
      response->set_compared(static_cast<std::uint32_t>(report.compared));
      return {};
    });
  }

  grpc::Status PlanDrift(grpc::ServerContext* context, const v1::PlanDriftRequest* request,
                         v1::PlanDriftResponse* response) override {
    return rpc::serve(*context, gate_, STREAM_SERVICE "PlanDrift", [&](const Actor& actor) -> Result<> {
      EDA_ASSIGN(auto plan, from_proto(*request));
      EDA_ASSIGN(auto output, streams_.plan_drift(actor, plan));
      writers_.plan(output, response->mutable_plan());
      return {};
    });
  }

 private:
  Streams& streams_;
  identity::Gate& gate_;
  Writers writers_;
};

}  // namespace

std::span<const MethodPermission> stream_methods() {
  return methods;
}

std::unique_ptr<grpc::Service> make_stream_face(Streams& streams, identity::Gate& gate, Writers writers) {
  return std::make_unique<StreamFace>(streams, gate, writers);
}

}  // namespace eda::streams
