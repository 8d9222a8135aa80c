// Whether a cluster is fit for edad: pure judgements of one look at it.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "clusters/clusters.h"

namespace eda::clusters {

namespace {

// Topic ids, by which a topic made anew is told from the one before, are told by every broker since 3.0.
constexpr int oldest_major = 3;
constexpr int oldest_minor = 0;

bool too_old(const std::string& version) {
  int major = 0, minor = oldest_minor;
  auto* end = version.data() + version.size();
  auto [dot, fault] = std::from_chars(version.data(), end, major);
  if (fault != std::errc()) return false;
  if (dot != end && *dot == '.') std::from_chars(dot + 1, end, minor);
  return major < oldest_major || (major == oldest_major && minor < oldest_minor);
}

struct Needed {
  std::vector<std::string_view> cluster;
  std::vector<std::string_view> topics;
};

// What this stage of edad does; more kinds will need more (ACLs and users ALTER on the cluster, quotas ALTER_CONFIGS).
Needed needed_for(Mode mode) {
  if (mode == Mode::observe) return {{"DESCRIBE", "DESCRIBE_CONFIGS"}, {"DESCRIBE", "DESCRIBE_CONFIGS"}};
  return {{"DESCRIBE", "DESCRIBE_CONFIGS", "CREATE"},
          {"DESCRIBE", "DESCRIBE_CONFIGS", "ALTER", "ALTER_CONFIGS", "DELETE"}};
}

std::size_t without(const std::vector<Rights>& topics, std::string_view right) {
  return static_cast<std::size_t>(std::count_if(
      topics.begin(), topics.end(), [&](const Rights& rights) { return !rights.contains(std::string(right)); }));
}

Check identity(const Facts& facts, const std::string& expected) {
  if (expected.empty())
    return {"cluster-id", true, fmt::format("{} (any is accepted: spec.clusterId is not set)", facts.cluster_id), ""};
  if (expected == facts.cluster_id) return {"cluster-id", true, fmt::format("{}, as expected", expected), ""};
  return {"cluster-id", false, fmt::format("it has the id {}; expected is {}", facts.cluster_id, expected),
          "correct spec.bootstrap or spec.clusterId; edad writes nothing to it"};
}

Check authorizer(const Facts& facts) {
  if (facts.authorizer) return {"authorizer", true, "brokers check who may do what", ""};
  return {"authorizer", false, "the brokers have no authorizer: whoever reaches them may do anything",
          "set authorizer.class.name on brokers and controllers"};
}

Check version(const Facts& facts) {
  if (facts.version.empty()) return {"version", true, "not told by the brokers", ""};
  if (!too_old(facts.version)) return {"version", true, fmt::format("Kafka {}", facts.version), ""};
  return {"version", false, fmt::format("Kafka {} is too old; edad needs 3.0 or later", facts.version),
          "upgrade the brokers"};
}

Check rights(const Facts& facts, Mode mode) {
  auto missing = missing_rights(facts, mode);
  if (missing.empty()) {
    return {"rights", true, fmt::format("edad has what {} needs", mode == Mode::manage ? "managing" : "observing"), ""};
  }
  return {"rights", false, fmt::format("edad lacks {}", fmt::join(missing, ", ")),
          "grant them to edad's principal on brokers with kafka-acls, or log in as one that has them"};
}

Check brokers(const Facts& facts) {
  auto text = fmt::format("{} {}", facts.brokers.size(), facts.brokers.size() == 1 ? "broker" : "brokers");
  if (facts.offline > 0) {
    return {"brokers", false,
            fmt::format("{}; {} of {} partitions have no leader", text, facts.offline, facts.partitions),
            "look for brokers that are down"};
  }
  if (facts.under_replicated > 0) {
    return {
        "brokers", false,
        fmt::format("{}; {} of {} partitions lack replicas in sync", text, facts.under_replicated, facts.partitions),
        "look for brokers that are down or slow"};
  }
  return {"brokers", true, text, ""};
}

// Keeps the time since when a condition has said the same.
plans::Condition since(plans::Condition condition, const std::vector<plans::Condition>& before, Instant now) {
  condition.since = now;
  for (auto& old : before) {
    if (old.type == condition.type && old.status == condition.status && old.reason == condition.reason)
      condition.since = old.since;
  }
  return condition;
}

constexpr const char* database = "Database";

bool is_database_fault(const plans::Condition& condition) {
  return condition.type == database;
}

}  // namespace

std::vector<std::string> missing_rights(const Facts& facts, Mode mode) {
  std::vector<std::string> missing;
  auto needed = needed_for(mode);
  for (auto right : needed.cluster) {
    if (!facts.cluster_rights || facts.cluster_rights->contains(std::string(right))) continue;
    // CREATE on topics serves as well as CREATE on the cluster.
    bool elsewhere = right == "CREATE" && !facts.topic_rights.empty() && without(facts.topic_rights, right) == 0;
    if (!elsewhere) missing.push_back(fmt::format("{} on the cluster", right));
  }
  for (auto right : needed.topics) {
    auto lacking = without(facts.topic_rights, right);
    if (lacking == 0) continue;
    missing.push_back(lacking == facts.topic_rights.size()
                          ? fmt::format("{} on topics", right)
                          : fmt::format("{} on {} of {} topics looked at", right, lacking, facts.topic_rights.size()));
  }
  return missing;
}

std::vector<Check> judge_health(const Look& look, const std::string& expected_id, Mode mode) {
  if (!look) return {{"reachable", false, look.error().message, look.error().next}};
  return {{"reachable", true, "it answers", ""},
          identity(*look, expected_id),
          authorizer(*look),
          version(*look),
          rights(*look, mode),
          brokers(*look)};
}

bool healthy(const std::vector<Check>& checks) {
  return std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.ok; });
}

Value observed_value(const Facts& facts, Mode mode) {
  Value::List brokers;
  for (auto& broker : facts.brokers) {
    Value::Map entry{{"id", std::int64_t{broker.id}}, {"host", broker.host}, {"port", std::int64_t{broker.port}}};
    if (!broker.rack.empty()) entry.emplace("rack", broker.rack);
    brokers.emplace_back(std::move(entry));
  }
  Value::Map observed{{"mode", std::string(mode_name(mode))},
                      {"clusterId", facts.cluster_id},
                      {"brokers", std::move(brokers)},
                      {"topics", facts.topics},
                      {"partitions", facts.partitions}};
  if (!facts.version.empty()) observed.emplace("version", facts.version);
  return observed;
}

std::vector<plans::Condition> conditions_of(const Look& look, const std::string& expected_id,
                                            const std::vector<plans::Condition>& before, Instant now) {
  std::vector<plans::Condition> conditions;
  std::copy_if(before.begin(), before.end(), std::back_inserter(conditions), is_database_fault);
  if (!look) {
    auto& error = look.error();
    conditions.insert(conditions.begin(),
                      since({"Reachable", "False", error.reason, error.message, error.next, {}}, before, now));
    return conditions;
  }
  conditions.insert(conditions.begin(), since({"Reachable", "True", "REACHED", "it answers", "", {}}, before, now));
  if (auto check = identity(*look, expected_id); !check.ok) {
    conditions.push_back(since({"Identity", "False", "CLUSTER_OTHER", check.message, check.next, {}}, before, now));
  }
  return conditions;
}

std::vector<plans::Condition> with_database_fault(std::vector<plans::Condition> before, const Error& why, Instant now) {
  auto fault = since({database, "False", why.reason, why.message, why.next, {}}, before, now);
  before = without_database_fault(std::move(before));
  before.push_back(std::move(fault));
  return before;
}

std::vector<plans::Condition> without_database_fault(std::vector<plans::Condition> before) {
  std::erase_if(before, is_database_fault);
  return before;
}

}  // namespace eda::clusters
