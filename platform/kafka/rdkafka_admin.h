#pragma once
// The port over librdkafka's admin calls. One file a concern: rdkafka_cluster, rdkafka_topics, rdkafka_configs,
// rdkafka_offsets, rdkafka_groups, rdkafka_records; connect() stands in rdkafka_admin.cpp.

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/kafka/admin.h"
#include "platform/kafka/rdkafka_client.h"
#include "platform/kafka/rdkafka_records.h"

namespace eda::kafka::rdkafka {

class RdkafkaAdmin final : public Admin {
 public:
  RdkafkaAdmin(std::shared_ptr<Client> client, Connection connection, WarningSink warnings, CallObserver observer)
      : client_(std::move(client)),
        records_(std::move(connection), std::move(warnings)),
        observer_(std::move(observer)) {}

  Result<ClusterFact> describe_cluster(Deadline deadline) override;
  Result<std::vector<TopicFact>> list_topics(Deadline deadline) override;
  Result<std::vector<TopicFact>> describe_topics(const std::vector<std::string>& names, Deadline deadline) override;
  Result<std::vector<TopicConfig>> describe_configs(const std::vector<std::string>& topics, Deadline deadline) override;
  Result<std::vector<ConfigEntry>> describe_broker(std::int32_t broker, Deadline deadline) override;

  Result<std::vector<Outcome>> create_topics(std::span<const NewTopic> topics, Mode mode, Deadline deadline) override;
  Result<std::vector<Outcome>> create_partitions(std::span<const MorePartitions> topics, Mode mode,
                                                 Deadline deadline) override;
  Result<std::vector<Outcome>> alter_configs(std::span<const ConfigChange> changes, Mode mode,
                                             Deadline deadline) override;
  Result<std::vector<Outcome>> delete_topics(const std::vector<std::string>& topics, Deadline deadline) override;

  Result<std::map<std::string, std::int64_t>> record_counts(const std::vector<std::string>& topics,
                                                            Deadline deadline) override;
  Result<std::map<std::string, std::vector<OffsetSpan>>> offsets(const std::vector<std::string>& topics,
                                                                 Deadline deadline) override;
  Result<std::map<std::string, std::int64_t>> records_before(const std::map<std::string, Instant>& topics,
                                                             Deadline deadline) override;
  Result<std::vector<GroupFact>> groups_on(const std::set<std::string>& topics, Deadline deadline) override;
  Result<> append(const std::string& topic, const std::string& key, const std::string& value,
                  Deadline deadline) override;
  Result<std::map<std::string, std::string>> read_keys(const std::string& topic, Deadline deadline) override;

 private:
  Result<ClusterFact> cluster(Deadline deadline);
  Result<std::vector<TopicFact>> topics(std::vector<std::string> names, Ask::WithRights rights, Deadline deadline);
  Result<std::vector<TopicConfig>> topic_configs(const std::vector<std::string>& names, Deadline deadline);
  Result<std::vector<ConfigEntry>> broker_configs(std::int32_t broker, Deadline deadline);

  /// By topic, in the order of partitions; a topic of which one does not answer is left out.
  using Offsets = std::map<std::string, std::vector<std::int64_t>>;
  /// librdkafka's word for an end of a partition, or milliseconds since 1970.
  using Which = std::function<std::int64_t(const std::string& topic)>;
  Result<std::map<std::string, int>> partition_counts(const std::vector<std::string>& names, Deadline deadline);
  Result<Offsets> list_offsets(const std::map<std::string, int>& partitions, const Which& which, Deadline deadline);
  Result<std::map<std::string, std::vector<OffsetSpan>>> spans(const std::vector<std::string>& names,
                                                               Deadline deadline);
  Result<std::vector<std::string>> inhabited_groups(Deadline deadline);
  Result<std::vector<GroupFact>> groups(const std::set<std::string>& topics, Deadline deadline);
  Result<> expect_topic(const std::string& name, Deadline deadline);

  /// Runs the body of a call and tells the observer of it.
  template <class Body>
  auto observed(std::string_view call, Body&& body) {
    auto start = std::chrono::steady_clock::now();
    auto answer = std::forward<Body>(body)();
    if (observer_) {
      observer_(call, std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start),
                answer ? std::string_view("ok") : std::string_view(answer.error().reason));
    }
    return answer;
  }

  std::shared_ptr<Client> client_;
  Records records_;
  CallObserver observer_;
};

/// The rights of a list of operations, in Kafka's words.
Rights rights_of(const rd_kafka_AclOperation_t* operations, std::size_t count);

/// How a change is asked in this mode: one that is only validated may be asked again.
Ask change_of(std::string subject, rd_kafka_admin_op_t operation, Mode mode);

}  // namespace eda::kafka::rdkafka
