#pragma once
// Kafka clusters: how they are reached, whether edad may write to them, and whether they are fit for it.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plans/plan.h"

namespace eda::clusters {

/// The Cluster kind: where it is, how to log in, which one it must be.
const plans::KindRules& cluster_rules();

/// observe: edad only reads. manage: edad makes wishes true.
enum class Mode { observe, manage };
std::string_view mode_name(Mode mode);
/// invalid CLUSTER_MODE.
Result<Mode> parse_mode(std::string_view text);

/// Why this is no reference to a secret (`file:NAME`, `env:EDA_SECRET_NAME`), or nullopt. Never repeats the text: it
/// may be the secret itself.
std::optional<std::string> secret_reference_fault(std::string_view reference);
/// Why this is no `host:port`, or nullopt. IPv6 addresses stand in brackets.
std::optional<std::string> bootstrap_fault(std::string_view server);

/// Whether a change of this field needs a new connection, and so a new look at the cluster.
bool is_connection_field(std::string_view path);

/// Rights of our own principal on one thing, in Kafka's own words ("CREATE", "ALTER_CONFIGS", …).
using Rights = std::set<std::string>;

struct Broker {
  std::int32_t id = -1;
  std::string host;
  std::int32_t port = 0;
  std::string rack;
};

/// What one look at a cluster found.
struct Facts {
  std::string cluster_id;
  std::int32_t controller = -1;
  std::vector<Broker> brokers;
  std::string version;  ///< "3.9", "4.x"; empty: the protocol does not tell
  bool authorizer = true;
  std::optional<Rights> cluster_rights;  ///< absent: the broker did not say
  std::vector<Rights> topic_rights;      ///< of a sample of topics; of a topic that might be, where there is none
  int topics = 0;
  int partitions = 0;
  int under_replicated = 0;
  int offline = 0;
};

/// Facts, or why there are none.
using Look = Result<Facts>;

struct Check {
  std::string name;  ///< "reachable", "cluster-id", "authorizer", "version", "rights", "brokers"
  bool ok = true;
  std::string message;
  std::string next;
};

/// All checks in order; of an unreachable cluster only the first. `expected_id` empty: any cluster will do. `mode` says
/// which rights are needed.
std::vector<Check> judge_health(const Look& look, const std::string& expected_id, Mode mode);
bool healthy(const std::vector<Check>& checks);

/// The rights that edad lacks for a mode: "CREATE on the cluster", "ALTER on 3 of 20 topics".
std::vector<std::string> missing_rights(const Facts& facts, Mode mode);

/// Facts as `observed` of the object shows them.
Value observed_value(const Facts& facts, Mode mode);

/// Conditions: Reachable, Identity when the cluster is another one than expected, and whatever was said of our
/// database: that stands until somebody lets the cluster be managed again.
std::vector<plans::Condition> conditions_of(const Look& look, const std::string& expected_id,
                                            const std::vector<plans::Condition>& before, Instant now);
/// Those of `before`, and that the cluster knows what our database does not.
std::vector<plans::Condition> with_database_fault(std::vector<plans::Condition> before, const Error& why, Instant now);
std::vector<plans::Condition> without_database_fault(std::vector<plans::Condition> before);

namespace errors {
Error unknown(const std::string& name);
/// No name was given, and there is not exactly one.
Error needed(const std::vector<std::string>& known);
Error other_cluster(const std::string& name, const std::string& expected, const std::string& found);
/// To a plan that would write to a cluster that is only observed.
Error only_observed(const std::string& name);
/// One Kafka cluster under two names: two wishes for each of its topics.
Error managed_already(const std::string& name, const std::string& other, const std::string& cluster_id);
/// unhealthy. What the field's reference names cannot be read; the reference is told to those alone who may see the
/// wish.
Error secret_unusable(const std::string& name, std::string_view field, const Error& why);
Error unfit(const std::string& name, const std::vector<Check>& failed);
Error has_streams(const std::string& name, const std::vector<std::string>& some, std::int64_t total);
}  // namespace errors

}  // namespace eda::clusters
