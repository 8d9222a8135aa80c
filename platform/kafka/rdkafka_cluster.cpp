// The cluster itself: who it is, its brokers, what we may do on it, and how old it is.

#include <optional>

#include "platform/kafka/rdkafka_admin.h"
#include "platform/kafka/version.h"

namespace eda::kafka::rdkafka {
namespace {

std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

BrokerFact broker_of(const rd_kafka_Node_t* node) {
  return {rd_kafka_Node_id(node), text_or_empty(rd_kafka_Node_host(node)),
          static_cast<std::int32_t>(rd_kafka_Node_port(node)), text_or_empty(rd_kafka_Node_rack(node))};
}

}  // namespace

Result<ClusterFact> RdkafkaAdmin::cluster(Deadline deadline) {
  Ask what{"the cluster", RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER};
  what.rights = Ask::WithRights::yes;
  EDA_ASSIGN(Event event, client_->ask(what, deadline, rd_kafka_DescribeCluster));
  const auto* result = rd_kafka_event_DescribeCluster_result(event.get());
  ClusterFact fact;
  fact.cluster_id = text_or_empty(rd_kafka_DescribeCluster_result_cluster_id(result));
  if (const auto* node = rd_kafka_DescribeCluster_result_controller(result)) fact.controller = rd_kafka_Node_id(node);
  std::size_t count = 0;
  const auto** nodes = rd_kafka_DescribeCluster_result_nodes(result, &count);
  for (std::size_t i = 0; i < count; ++i) fact.brokers.push_back(broker_of(nodes[i]));
  const auto* operations = rd_kafka_DescribeCluster_result_authorized_operations(result, &count);
  if (operations != nullptr) fact.rights = rights_of(operations, count);
  return fact;
}

Result<ClusterFact> RdkafkaAdmin::describe_cluster(Deadline deadline) {
  return observed("describe_cluster", [&]() -> Result<ClusterFact> {
    EDA_ASSIGN(ClusterFact fact, cluster(deadline));
    if (!fact.brokers.empty()) {
      auto configs = broker_configs(fact.brokers.front().id, deadline);
      if (configs) {
        fact.version_hint = version_hint(*configs);
        fact.authorizer = has_authorizer(*configs);
      }
      if (!configs && configs.error().reason == "BROKER_TOO_OLD")
        fact.version_hint = "0.10";  // 0.11 has DescribeConfigs
    }
    return fact;
  });
}

}  // namespace eda::kafka::rdkafka
