#pragma once
// The one port to a Kafka cluster. Two clients stand behind it (librdkafka, later our own wire client); no capability
// knows which of them answered. Every call is synchronous, thread-safe and takes a Deadline; batches go out as batches.
//
// Outcomes per item: a call fails as a whole only when no broker answered. A time-out after dispatch is Code::timeout
// with reason BROKER_OUTCOME_UNKNOWN on each item: it may have happened, re-read before trying again.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "platform/core/error.h"
#include "platform/core/secret.h"
#include "platform/core/time.h"

namespace eda::kafka {

struct BrokerFact {
  std::int32_t id = -1;
  std::string host;
  std::int32_t port = 0;
  std::string rack;
};

/// Rights of our own principal, in Kafka's own words ("CREATE", "ALTER_CONFIGS", …).
using Rights = std::set<std::string>;

struct ClusterFact {
  std::string cluster_id;
  std::int32_t controller = -1;
  std::vector<BrokerFact> brokers;
  std::optional<Rights> rights;  ///< on the cluster; absent when the broker did not say
  bool authorizer = true;        ///< false: every ACL call answers SECURITY_DISABLED
  std::string version_hint;      ///< "3.9" or "4.x" as far as the protocol tells; may be empty
};

struct PartitionFact {
  std::int32_t id = 0;
  std::int32_t leader = -1;  ///< -1: none
  std::vector<std::int32_t> replicas;
  std::vector<std::int32_t> isr;
};

struct TopicFact {
  std::string name;
  std::string id;  ///< topic id as Kafka's tools print it (base64, 22 characters)
  bool internal = false;
  std::vector<PartitionFact> partitions;
  std::optional<Rights> rights;

  int replication() const { return partitions.empty() ? 0 : static_cast<int>(partitions.front().replicas.size()); }
};

enum class ConfigSource { topic, broker, default_broker, static_broker, built_in, unknown };

struct ConfigEntry {
  std::string name;
  std::optional<std::string> value;  ///< absent when sensitive
  ConfigSource source = ConfigSource::unknown;
  bool read_only = false;
  bool sensitive = false;
};

struct TopicConfig {
  std::string topic;
  std::vector<ConfigEntry> entries;
  std::optional<Error> error;  ///< not_found TOPIC_UNKNOWN, denied TOPIC_DENIED, …
};

struct NewTopic {
  std::string name;
  int partitions = 1;
  int replication = 1;  ///< -1: the broker's default
  std::map<std::string, std::string> config;
};

struct MorePartitions {
  std::string topic;
  int total = 0;
};

struct ConfigChange {
  std::string topic;
  std::map<std::string, std::string> set;
  std::set<std::string> reset;  ///< back to the broker's default
};

/// One item's outcome of a batch.
struct Outcome {
  std::string topic;
  std::optional<Error> error;  ///< nothing: done
};

enum class Mode { apply, validate_only };

/// How to reach and log in to a cluster. Values are the usual client words.
struct Connection {
  std::string bootstrap;          ///< host:port,host:port
  std::string security_protocol;  ///< PLAINTEXT | SSL | SASL_PLAINTEXT | SASL_SSL
  std::string sasl_mechanism;     ///< SCRAM-SHA-256 | SCRAM-SHA-512 | PLAIN | empty
  std::string username;
  Secret password;
  std::string ca_pem;             ///< PEM text; empty: the system's
  std::string certificate_pem;    ///< PEM text of the client's certificate, for mTLS
  Secret key_pem;
  std::string client_id = "edad";
};

/// Called once a broker call, for metrics: what, how long, and how it ended ("ok" or an Error's reason).
using CallObserver = std::function<void(std::string_view call, Duration took, std::string_view outcome)>;

class Admin {
 public:
  virtual ~Admin() = default;

  virtual Result<ClusterFact> describe_cluster(Deadline deadline) = 0;
  /// Names, ids and partitions of all topics; with `names`, of these (an unknown one is left out of the answer).
  virtual Result<std::vector<TopicFact>> list_topics(Deadline deadline) = 0;
  virtual Result<std::vector<TopicFact>> describe_topics(const std::vector<std::string>& names, Deadline deadline) = 0;
  virtual Result<std::vector<TopicConfig>> describe_configs(const std::vector<std::string>& topics,
                                                            Deadline deadline) = 0;
  /// The configs of one broker (`auto.create.topics.enable`, `num.partitions`, …) by name.
  virtual Result<std::vector<ConfigEntry>> describe_broker(std::int32_t broker, Deadline deadline) = 0;

  virtual Result<std::vector<Outcome>> create_topics(std::span<const NewTopic> topics, Mode mode, Deadline deadline) = 0;
  virtual Result<std::vector<Outcome>> create_partitions(std::span<const MorePartitions> topics, Mode mode,
                                                         Deadline deadline) = 0;
  virtual Result<std::vector<Outcome>> alter_configs(std::span<const ConfigChange> changes, Mode mode,
                                                     Deadline deadline) = 0;
  virtual Result<std::vector<Outcome>> delete_topics(const std::vector<std::string>& topics, Deadline deadline) = 0;

  /// Last offset minus first offset, summed over the partitions: how many records a topic holds at most.
  virtual Result<std::map<std::string, std::int64_t>> record_counts(const std::vector<std::string>& topics,
                                                                    Deadline deadline) = 0;
};

/// Logs in lazily: a wrong address or password shows at the first call (unavailable BROKER_AWAY,
/// unauthenticated BROKER_LOGIN). Errors: invalid CONNECTION_SETTING for settings librdkafka refuses.
Result<std::unique_ptr<Admin>> connect(const Connection& connection, CallObserver observer = {});

}  // namespace eda::kafka
