#include "clusters/rpc.h"

#include "platform/rpc/call.h"
#include "platform/rpc/convert.h"

namespace eda::clusters {

using identity::Actor;
using identity::MethodPermission;
using identity::Permission;

namespace {

#define CLUSTER_SERVICE "eda.clusters.v1.ClusterService/"

constexpr MethodPermission methods[] = {
    {CLUSTER_SERVICE "GetHealth", Permission::read},
    {CLUSTER_SERVICE "SetMode", Permission::administer},
};

void to_proto(const Check& check, v1::Check* out) {
  out->set_name(check.name);
  out->set_ok(check.ok);
  out->set_message(check.message);
  out->set_next(check.next);
}

void to_proto(const Facts& facts, v1::GetHealthResponse* out) {
  out->set_cluster_id(facts.cluster_id);
  for (auto& broker : facts.brokers) {
    auto* item = out->add_brokers();
    item->set_id(broker.id);
    item->set_host(broker.host);
    item->set_port(broker.port);
    item->set_rack(broker.rack);
    item->set_controller(broker.id == facts.controller);
  }
  out->set_topics(static_cast<std::uint32_t>(facts.topics));
  out->set_partitions(static_cast<std::uint32_t>(facts.partitions));
  out->set_under_replicated(static_cast<std::uint32_t>(facts.under_replicated));
  out->set_offline(static_cast<std::uint32_t>(facts.offline));
}

void to_proto(const Health& health, v1::GetHealthResponse* out) {
  out->set_cluster(health.cluster);
  out->set_mode(std::string(mode_name(health.mode)));
  out->set_healthy(healthy(health.checks));
  for (auto& check : health.checks) to_proto(check, out->add_checks());
  if (health.look) to_proto(*health.look, out);
  rpc::to_proto(health.at, out->mutable_at());
}

class ClusterFace final : public v1::ClusterService::Service {
 public:
  ClusterFace(Clusters& clusters, identity::Gate& gate) : clusters_(clusters), gate_(gate) {}

  grpc::Status GetHealth(grpc::ServerContext* context, const v1::GetHealthRequest* request,
                         v1::GetHealthResponse* response) override {
    return rpc::serve(*context, gate_, CLUSTER_SERVICE "GetHealth", [&](const Actor&) -> Result<> {
      EDA_ASSIGN(auto health, clusters_.health(request->cluster()));
      to_proto(health, response);
      return {};
    });
  }

  grpc::Status SetMode(grpc::ServerContext* context, const v1::SetModeRequest* request,
                       v1::SetModeResponse* response) override {
    return rpc::serve(*context, gate_, CLUSTER_SERVICE "SetMode", [&](const Actor& actor) -> Result<> {
      ModeChange change{request->request_id(), request->cluster(), request->mode(), request->reason()};
      EDA_ASSIGN(auto mode, clusters_.set_mode(actor, change));
      response->set_mode(std::string(mode_name(mode)));
      return {};
    });
  }

 private:
  Clusters& clusters_;
  identity::Gate& gate_;
};

}  // namespace

std::span<const MethodPermission> cluster_methods() {
  return methods;
}

std::unique_ptr<grpc::Service> make_cluster_face(Clusters& clusters, identity::Gate& gate) {
  return std::make_unique<ClusterFace>(clusters, gate);
}

}  // namespace eda::clusters
