#include "platform/kafka/fault.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>

#include "platform/text/unicode.h"

namespace eda::kafka {
namespace {

enum class Words { quote, omit };  // whether the broker's words say more than ours

struct Row {
  int code;
  Code kind;
  const char* reason;
  const char* sentence;  // follows the subject
  const char* next;
  Words words;
  Remedy remedy;
};

constexpr const char* wait = "try again in a moment";
constexpr const char* login = "check the mechanism, the user and the password of the cluster's connection";
constexpr const char* address =
    "check the bootstrap addresses, the security protocol, the network and that the brokers run";
constexpr const char* look = "look whether it happened before trying again";
constexpr const char* upgrade = "upgrade the brokers: Kafka 3.0 is the oldest that works";
constexpr const char* grant_topic =
    "have an admin of the cluster grant our principal the right on the topic: CREATE, DELETE, ALTER, ALTER_CONFIGS, "
    "DESCRIBE, DESCRIBE_CONFIGS, READ or WRITE, whichever this needs";
constexpr const char* grant_cluster =
    "have an admin of the cluster grant our principal the right on the cluster: CREATE, ALTER, ALTER_CONFIGS, DESCRIBE "
    "or DESCRIBE_CONFIGS, whichever this needs";

// clang-format off
constexpr Row table[] = {
  // topics
  {RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, Code::conflict, "TOPIC_EXISTS", "exists already on the broker",
   "take over what is there, or choose another name", Words::omit, Remedy::none},
  {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, Code::not_found, "TOPIC_UNKNOWN", "does not exist on the broker",
   "look whether somebody deleted it", Words::omit, Remedy::none},
  {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID, Code::not_found, "TOPIC_UNKNOWN", "does not exist on the broker any more",
   "look whether somebody deleted it", Words::omit, Remedy::none},
  {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, Code::not_found, "TOPIC_UNKNOWN", "has a topic that does not exist on the broker",
   "look whether somebody deleted it", Words::omit, Remedy::none},
  {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, Code::not_found, "TOPIC_UNKNOWN", "has a topic or a partition that does not exist on the broker",
   "look whether somebody deleted it", Words::omit, Remedy::none},
  {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, Code::invalid, "TOPIC_NAME_INVALID", "has a name that Kafka does not take",
   "use 1 to 249 letters, digits, \".\", \"_\" and \"-\"", Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, Code::impossible, "PARTITIONS_INVALID", "cannot have this number of partitions",
   "give at least 1, and more than there are: partitions only grow", Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, Code::impossible, "REPLICATION_INVALID", "cannot have this replication",
   "use at most as many replicas as there are brokers", Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR_INVALID_REPLICA_ASSIGNMENT, Code::impossible, "ASSIGNMENT_INVALID", "cannot have its replicas like this",
   "name brokers that exist, each once a partition", Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR_INVALID_CONFIG, Code::invalid, "CONFIG_INVALID", "has a config that the broker refuses",
   "correct the key or the value", Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, Code::refused, "POLICY_VIOLATION", "breaks a policy of the cluster",
   "ask whoever runs the cluster, or ask for less", Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR_TOPIC_DELETION_DISABLED, Code::refused, "TOPIC_DELETION_DISABLED", "cannot be deleted: the brokers forbid it",
   "have delete.topic.enable set on the brokers", Words::omit, Remedy::none},
  {RD_KAFKA_RESP_ERR_REASSIGNMENT_IN_PROGRESS, Code::conflict, "REASSIGNMENT_RUNNING", "is being moved between brokers",
   "try again when the reassignment is done", Words::omit, Remedy::none},
  {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, Code::unavailable, "LEADER_AWAY", "has a partition without a leader",
   wait, Words::omit, Remedy::repeat},
  {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, Code::unavailable, "LEADER_AWAY", "has a partition whose leader has moved",
   wait, Words::omit, Remedy::repeat},
  {RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, Code::unavailable, "LEADER_AWAY", "has a replica that is away",
   wait, Words::omit, Remedy::repeat},
  {RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE, Code::unavailable, "LEADER_AWAY", "has a leader that is catching up",
   wait, Words::omit, Remedy::repeat},
  {RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH, Code::unavailable, "LEADER_AWAY", "has a partition whose leader has moved",
   wait, Words::omit, Remedy::repeat},
  {RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, Code::unavailable, "LEADER_AWAY", "has a partition whose leader has moved",
   wait, Words::omit, Remedy::repeat},
  {RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, Code::unavailable, "BROKER_STORAGE", "lies on a disk that fails on its broker",
   "look into the broker's log", Words::omit, Remedy::repeat},

  // records and groups
  {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, Code::unavailable, "REPLICAS_MISSING", "finds fewer replicas in sync than min.insync.replicas asks for",
   "look for brokers that are down", Words::omit, Remedy::repeat},
  {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, Code::invalid, "RECORD_TOO_LARGE", "is larger than max.message.bytes allows",
   "send less, or raise it", Words::omit, Remedy::none},
  {RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND, Code::not_found, "GROUP_UNKNOWN", "does not exist on the broker",
   "look whether somebody deleted it", Words::omit, Remedy::none},

  // rights
  {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, Code::denied, "TOPIC_DENIED", "is denied to our principal by the broker",
   grant_topic, Words::omit, Remedy::none},
  {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, Code::denied, "CLUSTER_DENIED", "needs a right on the cluster that our principal lacks",
   grant_cluster, Words::omit, Remedy::none},
  {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, Code::denied, "GROUP_DENIED", "needs a right on the group that our principal lacks",
   "have an admin of the cluster grant it", Words::omit, Remedy::none},
  {RD_KAFKA_RESP_ERR_SECURITY_DISABLED, Code::unhealthy, "AUTHORIZER_MISSING", "cannot be answered: the brokers have no authorizer",
   "set authorizer.class.name on brokers and controllers", Words::omit, Remedy::none},

  // login and connection
  {RD_KAFKA_RESP_ERR__AUTHENTICATION, Code::unauthenticated, "BROKER_LOGIN", "cannot be asked: the broker refuses the login",
   login, Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, Code::unauthenticated, "BROKER_LOGIN", "cannot be asked: the broker refuses the login",
   login, Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, Code::unauthenticated, "BROKER_LOGIN", "cannot be asked: the broker does not offer this mechanism",
   login, Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE, Code::unauthenticated, "BROKER_LOGIN", "cannot be asked: the broker does not expect this login",
   login, Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR__SSL, Code::unavailable, "BROKER_TLS", "cannot be asked: no TLS connection comes about",
   "check the CA, our certificate and key, and the names in the broker's certificate", Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR__RESOLVE, Code::unavailable, "BROKER_AWAY", "cannot be asked: a broker's name does not resolve",
   address, Words::quote, Remedy::reread},
  {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, Code::unavailable, "BROKER_AWAY", "cannot be asked: no broker answers",
   address, Words::quote, Remedy::reread},
  {RD_KAFKA_RESP_ERR__TIMED_OUT, Code::unavailable, "BROKER_AWAY", "cannot be asked: no broker answers",
   address, Words::quote, Remedy::reread},
  {RD_KAFKA_RESP_ERR__TRANSPORT, Code::unavailable, "BROKER_AWAY", "cannot be asked: the connection to the broker broke",
   address, Words::quote, Remedy::reread},
  {RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, Code::unavailable, "BROKER_AWAY", "cannot be asked: the connection to the broker broke",
   address, Words::quote, Remedy::reread},
  {RD_KAFKA_RESP_ERR__PARTIAL, Code::unavailable, "BROKER_AWAY", "cannot be asked: the broker has just come back and knows no others yet",
   wait, Words::omit, Remedy::repeat},
  {RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, Code::unavailable, "BROKER_AWAY", "cannot be asked: the broker is away",
   wait, Words::omit, Remedy::repeat},

  // the brokers' own state
  {RD_KAFKA_RESP_ERR_NOT_CONTROLLER, Code::unavailable, "NOT_CONTROLLER", "was asked of a broker that is not the controller any more",
   wait, Words::omit, Remedy::repeat},
  {RD_KAFKA_RESP_ERR_STALE_CTRL_EPOCH, Code::unavailable, "NOT_CONTROLLER", "was asked while the controller changed",
   wait, Words::omit, Remedy::repeat},
  {RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, Code::exhausted, "BROKER_THROTTLED", "exceeds the quota for changes on this cluster",
   "try again later, or have controller_mutation_rate raised", Words::omit, Remedy::repeat},
  {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, Code::unavailable, "COORDINATOR_AWAY", "has a coordinator that is still loading",
   wait, Words::omit, Remedy::repeat},
  {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, Code::unavailable, "COORDINATOR_AWAY", "has no coordinator at the moment",
   wait, Words::omit, Remedy::repeat},
  {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, Code::unavailable, "COORDINATOR_AWAY", "has a coordinator that has moved",
   wait, Words::omit, Remedy::repeat},
  {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, Code::timeout, "BROKER_OUTCOME_UNKNOWN", "took the broker too long: it may have happened",
   look, Words::omit, Remedy::reread},
  {RD_KAFKA_RESP_ERR_UNKNOWN, Code::unhealthy, "BROKER_FAULT", "made the broker fail",
   "look into the logs of the brokers and the controller", Words::quote, Remedy::none},

  // the request itself
  {RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, Code::unhealthy, "BROKER_TOO_OLD", "cannot be asked: the broker is too old for it",
   upgrade, Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, Code::unhealthy, "BROKER_TOO_OLD", "cannot be asked: the broker is too old for it",
   upgrade, Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR_INVALID_REQUEST, Code::invalid, "REQUEST_INVALID", "is refused by the broker as it is asked",
   "correct what the broker names", Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR__INVALID_ARG, Code::invalid, "REQUEST_INVALID", "cannot be sent as it is asked",
   "correct what is named", Words::quote, Remedy::none},
  {RD_KAFKA_RESP_ERR__DESTROY, Code::unavailable, "CLIENT_CLOSED", "cannot be asked: our client is shutting down",
   wait, Words::omit, Remedy::none},
};
// clang-format on

}  // namespace

Fault judge(int code, std::string_view subject, std::string_view words) {
  auto known = static_cast<rd_kafka_resp_err_t>(code);
  std::string said = words == rd_kafka_err2str(known) ? std::string() : clause(words);
  // A broker that was away for a moment is fenced until it is heard of again; the wish for its replicas is no wrong
  // one.
  if (known == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR && words.find("fenced") != std::string_view::npos) {
    return {Error(Code::unavailable, "BROKER_AWAY", fmt::format("{} cannot get its replicas: {}", subject, said), wait),
            Remedy::repeat};
  }
  const auto* row = std::find_if(std::begin(table), std::end(table), [&](const Row& r) { return r.code == code; });
  if (row == std::end(table)) {
    std::string what =
        fmt::format("{}: {}", rd_kafka_err2name(known), said.empty() ? clause(rd_kafka_err2str(known)) : said);
    if (code < 0) {  // librdkafka's own: it says nothing about what the broker did
      return {Error(Code::unavailable, "CLIENT_FAULT",
                    fmt::format("{} fails in the client library with {}", subject, what), wait),
              Remedy::reread};
    }
    return {Error(Code::refused, "BROKER_REFUSED", fmt::format("{} is refused with {}", subject, what),
                  "look the error up in Kafka's documentation"),
            Remedy::none};
  }
  std::string message = fmt::format("{} {}", subject, row->sentence);
  if (row->words == Words::quote && !said.empty()) message += ": " + said;
  return {Error(row->kind, row->reason, std::move(message), row->next), row->remedy};
}

Error outcome_unknown(std::string_view subject, std::string_view why) {
  return Error(Code::timeout, "BROKER_OUTCOME_UNKNOWN",
               fmt::format("{}: sent to the broker, but the outcome is unknown: {}", subject, why), look);
}

Error deadline_passed(std::string_view subject) {
  return Error(Code::timeout, "DEADLINE_PASSED",
               fmt::format("{}: nothing was sent, for the time given was over", subject), "try again with more time");
}

Error read_unfinished(std::string_view subject) {
  return Error(Code::timeout, "READ_UNFINISHED",
               fmt::format("{} could not be read to its end in the time given", subject), "try again with more time");
}

std::string topic_subject(std::string_view name) {
  return fmt::format("topic \"{}\"", text::printable(name));
}

std::string group_subject(std::string_view name) {
  return fmt::format("group \"{}\"", text::printable(name));
}

std::string clause(std::string_view words) {
  if (words.starts_with("[thrd:")) words.remove_prefix(std::min(words.find("]: "), words.size() - 3) + 3);
  if (auto scheme = words.find("://"); scheme < words.find(' ')) words.remove_prefix(scheme + 3);
  words = words.substr(0, words.find(" (after "));
  std::string line(words);
  if (auto bootstrap = line.find("/bootstrap:"); bootstrap < line.find(' ')) line.erase(bootstrap, 10);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  while (!line.empty() && (line.back() == '.' || line.back() == ' ')) line.pop_back();
  return text::printable(line);
}

}  // namespace eda::kafka
