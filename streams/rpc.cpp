#include "streams/rpc.h"

#include "platform/rpc/call.h"
#include "platform/rpc/convert.h"

namespace eda::streams {

namespace v1 = eda::streams::v1;
using identity::Actor;
using identity::MethodPermission;
using identity::Permission;

namespace {

#define STREAM_SERVICE "eda.streams.v1.StreamService/"

constexpr MethodPermission methods[] = {
    {STREAM_SERVICE "PlanAdoption", Permission::administer},
    {STREAM_SERVICE "ListTopics", Permission::read},
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

class StreamFace final : public v1::StreamService::Service {
 public:
  StreamFace(Streams& streams, identity::Gate& gate, PlanWriter write_plan)
      : streams_(streams), gate_(gate), write_plan_(write_plan) {}

  grpc::Status PlanAdoption(grpc::ServerContext* context, const v1::PlanAdoptionRequest* request,
                            v1::PlanAdoptionResponse* response) override {
    return rpc::serve(*context, gate_, STREAM_SERVICE "PlanAdoption", [&](const Actor& actor) -> Result<> {
      Adoption adoption{request->request_id(),
                        request->cluster(),
                        {request->topics().begin(), request->topics().end()},
                        request->team()};
      EDA_ASSIGN(auto output, streams_.plan_adoption(actor, adoption));
      write_plan_(output, response->mutable_plan());
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

 private:
  Streams& streams_;
  identity::Gate& gate_;
  PlanWriter write_plan_;
};

}  // namespace

std::span<const MethodPermission> stream_methods() {
  return methods;
}

std::unique_ptr<grpc::Service> make_stream_face(Streams& streams, identity::Gate& gate, PlanWriter write_plan) {
  return std::make_unique<StreamFace>(streams, gate, write_plan);
}

}  // namespace eda::streams
