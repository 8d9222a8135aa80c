#include <fmt/format.h>

#include <chrono>
#include <sstream>
#include <string>
#include <thread>

#include "cli/commands/dev.h"
#include "eda/clusters/v1/clusters.grpc.pb.h"
#include "eda/plans/v1/plans.grpc.pb.h"
#include "platform/rpc/client.h"

namespace eda::cli {
namespace {

using namespace std::chrono_literals;
namespace clusters = eda::clusters::v1;
namespace plans = eda::plans::v1;

/// edad as its first admin.
class Server {
 public:
  explicit Server(const rpc::Client& client)
      : client_(client), plans_(client_.channel()), clusters_(client_.channel()) {}

  static Result<Server> of(const dev::World& world) {
    std::string token;
    std::istringstream(dev::read_text(world.token_file)) >> token;
    rpc::ClientOptions options;
    options.address = world.server;
    options.token = Secret(token);
    EDA_ASSIGN(rpc::Client client, rpc::Client::make(options));
    return Server(client);
  }

  Result<plans::PlanResponse> plan(const plans::PlanRequest& request) {
    return call(plans_, &plans::PlanService::Stub::Plan, request);
  }
  Result<plans::ApplyResponse> apply(const plans::ApplyRequest& request) {
    return call(plans_, &plans::PlanService::Stub::Apply, request);
  }
  Result<clusters::GetHealthResponse> health() {
    clusters::GetHealthRequest request;
    request.set_cluster(dev::cluster_name);
    return call(clusters_, &clusters::ClusterService::Stub::GetHealth, request);
  }
  Result<> manage() {
    clusters::SetModeRequest request;
    request.set_cluster(dev::cluster_name);
    request.set_mode("manage");
    request.set_reason("edactl dev up");
    EDA_TRY(call(clusters_, &clusters::ClusterService::Stub::SetMode, request));
    return {};
  }

 private:
  template <class Stub, class Request, class Response>
  Result<Response> call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                        const Request& request) {
    Response response;
    EDA_TRY(client_.call(stub, method, request, &response, {{}, 30s}));
    return response;
  }

  rpc::Client client_;
  plans::PlanService::Stub plans_;
  clusters::ClusterService::Stub clusters_;
};

google::protobuf::Value& field(plans::Document& document, const std::string& path) {
  auto* said = document.add_fields();
  said->set_path(path);
  return *said->mutable_value();
}

plans::Document cluster_document(const dev::World& world) {
  plans::Document document;
  document.set_kind("Cluster");
  document.set_name(dev::cluster_name);
  auto& bootstrap = *field(document, "spec.bootstrap").mutable_list_value();
  std::istringstream addresses(world.kafka_bootstrap);
  for (std::string address; std::getline(addresses, address, ',');) bootstrap.add_values()->set_string_value(address);
  field(document, "spec.security").set_string_value("SASL_PLAINTEXT");
  field(document, "spec.mechanism").set_string_value("SCRAM-SHA-512");
  field(document, "spec.username").set_string_value(dev::cluster_user);
  field(document, "spec.password").set_string_value(dev::cluster_password_reference);
  field(document, "spec.environment").set_string_value("development");
  field(document, "spec.description").set_string_value("the broker of this private world");
  return document;
}

/// The cluster as the world has it: a plan of nothing where edad knows it so.
Result<> make_known(Server& server, const dev::World& world, const dev::Progress& progress) {
  plans::PlanRequest request;
  request.set_set("dev");
  request.set_to_apply(true);
  *request.add_documents() = cluster_document(world);
  EDA_ASSIGN(plans::PlanResponse planned, server.plan(request));
  if (planned.plan().creates() + planned.plan().changes() == 0) return {};
  progress(fmt::format("registering the cluster as \"{}\"", dev::cluster_name));
  plans::ApplyRequest apply;
  apply.set_plan_id(planned.plan().id());
  apply.set_reason("edactl dev up");
  *apply.mutable_confirm() = planned.plan().confirm();
  EDA_TRY(server.apply(apply));
  return {};
}

std::string faults(const clusters::GetHealthResponse& health) {
  std::string all;
  for (const auto& check : health.checks())
    if (!check.ok()) all += fmt::format("\n  {}: {}", check.name(), check.message());
  return all;
}

Result<> wait_until_healthy(Server& server, const dev::World& world, const dev::Progress& progress) {
  constexpr auto patience = 60s;
  auto begin = std::chrono::steady_clock::now();
  auto next_word = begin + 3s;
  while (true) {
    auto health = server.health();
    auto now = std::chrono::steady_clock::now();
    if (health && health->healthy() && health->brokers_size() >= world.brokers) {
      if (health->mode() == "manage") return {};
      EDA_TRY(server.manage());
      continue;
    }
    if (now - begin >= patience) {
      EDA_TRY(health);
      return fail(Code::timeout, "DEV_NOT_READY",
                  fmt::format("the cluster is not healthy after {} s; it has {} of {} broker(s){}", patience.count(),
                              health->brokers_size(), world.brokers, faults(*health)),
                  "edactl dev status names the logs");
    }
    if (now >= next_word) {
      progress("waiting for the cluster to be healthy");
      next_word = now + 3s;
    }
    std::this_thread::sleep_for(100ms);
  }
}

/// A plan that nobody applies: edad stores it, and the broker validates its topic under edad's own login.
Result<> rehearse(Server& server) {
  plans::PlanRequest request;
  request.set_cluster(dev::cluster_name);
  request.set_set("dev");
  request.set_to_apply(true);
  auto& team = *request.add_documents();
  team.set_kind("Team");
  team.set_name("readiness");
  auto& stream = *request.add_documents();
  stream.set_kind("Stream");
  stream.set_cluster(dev::cluster_name);
  stream.set_name("readiness");
  field(stream, "metadata.team").set_string_value("readiness");
  field(stream, "spec.partitions").set_number_value(1);
  field(stream, "spec.replication").set_number_value(1);
  EDA_TRY(server.plan(request));
  return {};
}

}  // namespace

Result<> register_cluster(const dev::World& world, const dev::Progress& progress) {
  EDA_ASSIGN(Server server, Server::of(world));
  EDA_TRY(make_known(server, world, progress));
  EDA_TRY(wait_until_healthy(server, world, progress));
  return world.started == 0 ? Result<>() : rehearse(server);
}

}  // namespace eda::cli
