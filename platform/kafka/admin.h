#pragma once
// The one port to a Kafka cluster. Two clients stand behind it (librdkafka, later our own wire client); no capability
// knows which of them answered. Every call is synchronous, thread-safe and takes a Deadline; batches go out as batches.
//
// Outcomes per item: a call fails as a whole only when nothing was sent (unavailable BROKER_AWAY or BROKER_TLS,
// unauthenticated BROKER_LOGIN, timeout DEADLINE_PASSED) or the broker lacks the request (unhealthy BROKER_TOO_OLD). A
// time-out or a broken connection after dispatch is Code::timeout with reason BROKER_OUTCOME_UNKNOWN on each item: it
// may have happened, re-read before trying again. What passes by itself (NOT_CONTROLLER, a throttle) is tried again
// until the deadline. All reasons stand in platform/kafka/fault.cpp.
//
// Brokers learn of a change one after the other: what create_topics has just made may be missing from list_topics for
// a moment, what delete_topics has removed may still be there.

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
  bool authorizer = true;        ///< false: the brokers say that they have none; true also when they do not tell
  std::string version_hint;      ///< "2.8", "3.9" or "4.x"; empty: the brokers do not say or we may not read configs
};

struct PartitionFact {
  std::int32_t id = 0;
  std::int32_t leader = -1;  ///< -1: none
  std::vector<std::int32_t> replicas;
  std::vector<std::int32_t> isr;
};

struct TopicFact {
  std::string name;
  std::string id;  ///< topic id as Kafka's tools print it (base64, 22 characters); empty: the broker has none (< 2.8)
  bool internal = false;
  std::vector<PartitionFact> partitions;  ///< by id
  std::optional<Rights> rights;           ///< from describe_topics only
  std::optional<Error> error;             ///< denied TOPIC_DENIED, …: it may exist, but nothing else here is known

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
  int partitions = 1;   ///< -1: the broker's default
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

/// A member of a classic consumer group, and the topics whose partitions it has.
struct GroupMember {
  std::string id;
  std::string client_id;
  std::string host;
  std::set<std::string> topics;
};
struct GroupFact {
  std::string group;
  std::string state;  ///< "Stable", "Empty", …
  std::vector<GroupMember> members;
};

/// First and end offset of a partition.
struct OffsetSpan {
  std::int64_t first = 0;
  std::int64_t end = 0;
  friend bool operator==(const OffsetSpan&, const OffsetSpan&) = default;
};

/// How to reach and log in to a cluster. Values are the usual client words.
struct Connection {
  std::string bootstrap;          ///< host:port,host:port
  std::string security_protocol;  ///< PLAINTEXT | SSL | SASL_PLAINTEXT | SASL_SSL
  std::string sasl_mechanism;     ///< SCRAM-SHA-256 | SCRAM-SHA-512 | PLAIN | empty
  std::string username;
  Secret password;
  std::string ca_pem;           ///< PEM text; empty: the system's
  std::string certificate_pem;  ///< PEM text of the client's certificate, for mTLS
  Secret key_pem;
  std::string client_id = "edad";
};

/// Called once a call of the port, for metrics: its name, how long, and how it ended ("ok" or an Error's reason).
using CallObserver = std::function<void(std::string_view call, Duration took, std::string_view outcome)>;

/// What the client library warns of, one line each and without secrets. Called from its threads, so it must not block.
using WarningSink = std::function<void(std::string_view line)>;

class Admin {
 public:
  virtual ~Admin() = default;

  virtual Result<ClusterFact> describe_cluster(Deadline deadline) = 0;
  /// Names, ids and partitions of all topics that we may see, by name.
  virtual Result<std::vector<TopicFact>> list_topics(Deadline deadline) = 0;
  /// The same of these, with our rights. An unknown one is left out of the answer; none is ever created by asking.
  virtual Result<std::vector<TopicFact>> describe_topics(const std::vector<std::string>& names, Deadline deadline) = 0;
  /// In the order of `topics`.
  virtual Result<std::vector<TopicConfig>> describe_configs(const std::vector<std::string>& topics,
                                                            Deadline deadline) = 0;
  /// The configs of one broker (`auto.create.topics.enable`, `num.partitions`, …) by name.
  virtual Result<std::vector<ConfigEntry>> describe_broker(std::int32_t broker, Deadline deadline) = 0;

  // Changes. Any number of items, each topic once; requests are cut to what a broker takes. Outcomes come in the order
  // of the items.
  virtual Result<std::vector<Outcome>> create_topics(std::span<const NewTopic> topics, Mode mode,
                                                     Deadline deadline) = 0;
  virtual Result<std::vector<Outcome>> create_partitions(std::span<const MorePartitions> topics, Mode mode,
                                                         Deadline deadline) = 0;
  /// Incremental: keys that are not named keep what they have.
  virtual Result<std::vector<Outcome>> alter_configs(std::span<const ConfigChange> changes, Mode mode,
                                                     Deadline deadline) = 0;
  virtual Result<std::vector<Outcome>> delete_topics(const std::vector<std::string>& topics, Deadline deadline) = 0;

  /// Last offset minus first offset, summed over the partitions: how many records a topic holds at most. A topic that
  /// is unknown, or of which a partition does not answer within about 2 s (a broker needs longer to write the logs of a
  /// thousand new topics), is left out.
  virtual Result<std::map<std::string, std::int64_t>> record_counts(const std::vector<std::string>& topics,
                                                                    Deadline deadline) = 0;
  /// Offsets of each partition in order, topics as in record_counts.
  virtual Result<std::map<std::string, std::vector<OffsetSpan>>> offsets(const std::vector<std::string>& topics,
                                                                         Deadline deadline) = 0;
  /// How many records of each topic are older than the instant given for it (ListOffsets by time; upper bound), topics
  /// as in record_counts.
  virtual Result<std::map<std::string, std::int64_t>> records_before(const std::map<std::string, Instant>& topics,
                                                                     Deadline deadline) = 0;
  /// Classic groups of the cluster with a member that has a partition of one of the topics, and those members. Groups
  /// that we may not describe, and those that rebalance for longer than 3 s, are left out.
  virtual Result<std::vector<GroupFact>> groups_on(const std::set<std::string>& topics, Deadline deadline) = 0;

  /// Appends one record with all in-sync replicas to partition 0 of a topic, and waits for the broker's word. Errors:
  /// not_found TOPIC_UNKNOWN, denied TOPIC_DENIED (needs WRITE), invalid RECORD_TOO_LARGE, timeout
  /// BROKER_OUTCOME_UNKNOWN.
  virtual Result<> append(const std::string& topic, const std::string& key, const std::string& value,
                          Deadline deadline) = 0;
  /// The newest value of each key in partition 0, read to the end that it has when asked. Errors: not_found
  /// TOPIC_UNKNOWN, denied TOPIC_DENIED (needs READ), unavailable LEADER_AWAY, timeout READ_UNFINISHED.
  virtual Result<std::map<std::string, std::string>> read_keys(const std::string& topic, Deadline deadline) = 0;
};

/// Logs in lazily: a wrong address or password shows at the first call (unavailable BROKER_AWAY,
/// unauthenticated BROKER_LOGIN). Errors: invalid CONNECTION_SETTING for settings librdkafka refuses, unavailable
/// CLIENT_STALLED when it did not start within a minute of the wall clock.
Result<std::unique_ptr<Admin>> connect(const Connection& connection, CallObserver observer = {},
                                       WarningSink warnings = {});

}  // namespace eda::kafka
