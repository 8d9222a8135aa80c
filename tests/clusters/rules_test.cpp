// The Cluster kind's own judgements, and what makes a cluster fit.

#include <catch2/catch.hpp>

#include "clusters/clusters.h"

using namespace eda;
using namespace eda::clusters;

namespace {

plans::Wish wish(std::map<std::string, Value> fields) {
  plans::Wish wish;
  for (auto& [path, value] : fields) wish.emplace(path, plans::WishField{value, "default"});
  return wish;
}

std::map<std::string, Value> secured() {
  return {{"spec.bootstrap", Value::List{"b1:9093"}},
          {"spec.security", "SASL_SSL"},
          {"spec.mechanism", "SCRAM-SHA-512"},
          {"spec.username", "edad"},
          {"spec.password", "file:kafka"}};
}

std::vector<std::string> faults(std::map<std::string, Value> fields) {
  std::vector<std::string> paths;
  for (auto& violation : cluster_rules().judge("prod", wish(std::move(fields)))) paths.push_back(violation.field);
  return paths;
}

Facts fit() {
  Facts facts;
  facts.cluster_id = "abc";
  facts.version = "4.x";
  facts.brokers = {{1, "b1", 9093, ""}};
  facts.cluster_rights = Rights{"DESCRIBE", "DESCRIBE_CONFIGS", "CREATE"};
  facts.topic_rights = {Rights{"DESCRIBE", "DESCRIBE_CONFIGS", "ALTER", "ALTER_CONFIGS", "DELETE"}};
  return facts;
}

const Check& check(const std::vector<Check>& checks, const std::string& name) {
  for (auto& one : checks) {
    if (one.name == name) return one;
  }
  throw std::runtime_error("no check " + name);
}

}  // namespace

TEST_CASE("bootstrap servers are host:port") {
  for (auto* good : {"b1:9092", "kafka-1.shop.example:1", "10.0.0.1:65535", "[::1]:9092", "under_score:9092"}) {
    CHECK_FALSE(bootstrap_fault(good));
  }
  for (auto* bad :
       {"", "b1", "b1:", ":9092", "b1:0", "b1:65536", "b1:9092x", "b 1:9092", "sasl://b1:9092", "a,b:9092", "b1:-1"}) {
    INFO(bad);
    CHECK(bootstrap_fault(bad));
  }
}

TEST_CASE("a secret is a reference to a file below secrets.dir or to a variable of edad's") {
  for (auto* good : {"file:kafka", "file:prod/kafka-password", "env:EDA_SECRET_KAFKA"})
    CHECK_FALSE(secret_reference_fault(good));
  for (auto* bad : {"hunter2", "", "file:", "file:/etc/shadow", "file:../x", "env:HOME", "env:EDA_SECRET_", "env:"}) {
    INFO(bad);
    CHECK(secret_reference_fault(bad));
  }
}

TEST_CASE("a password in clear is refused without repeating it") {
  auto fields = secured();
  fields["spec.password"] = "hunter2";
  auto violations = cluster_rules().judge("prod", wish(fields));
  REQUIRE(violations.size() == 1);
  CHECK(violations[0].field == "spec.password");
  CHECK(violations[0].message.find("hunter2") == std::string::npos);
  CHECK(violations[0].hint.find("file:NAME") != std::string::npos);
}

TEST_CASE("SASL needs mechanism, name and password, and nothing else takes them") {
  CHECK(faults(secured()).empty());
  auto fields = secured();
  fields.erase("spec.mechanism");
  fields.erase("spec.username");
  fields.erase("spec.password");
  CHECK(faults(fields) == std::vector<std::string>{"spec.mechanism", "spec.username", "spec.password"});
  CHECK(faults({{"spec.bootstrap", Value::List{"b1:9092"}}, {"spec.username", "edad"}}) ==
        std::vector<std::string>{"spec.username"});
}

TEST_CASE("certificates need TLS, and a key its certificate") {
  std::map<std::string, Value> fields{
      {"spec.bootstrap", Value::List{"b1:9092"}}, {"spec.security", "SSL"}, {"spec.key", "file:k"}};
  CHECK(faults(fields) == std::vector<std::string>{"spec.certificate"});
  fields["spec.certificate"] = "file:c";
  CHECK(faults(fields).empty());
  fields["spec.security"] = "PLAINTEXT";
  CHECK(faults(fields).size() == 2);
}

TEST_CASE("connection fields are confidential, and their changes high risk") {
  for (auto* path : {"spec.username", "spec.password", "spec.ca", "spec.certificate", "spec.key"}) {
    CHECK(cluster_rules().field(path)->confidential);
    CHECK(is_connection_field(path));
  }
  for (auto* path : {"spec.bootstrap", "spec.clusterId", "spec.security"}) {
    CHECK(cluster_rules().risk({path, Value("a"), Value("b")}) == plans::Risk::high);
  }
  CHECK(cluster_rules().risk({"spec.description", Value("a"), Value("b")}) == plans::Risk::moderate);
}

TEST_CASE("a fit cluster is healthy for both modes") {
  CHECK(healthy(judge_health(fit(), "abc", Mode::manage)));
  CHECK(healthy(judge_health(fit(), "", Mode::observe)));
}

TEST_CASE("what cannot be reached has one check, with the reason") {
  auto checks = judge_health(fail(Code::unavailable, "BROKER_AWAY", "no broker answers", "look"), "abc", Mode::manage);
  REQUIRE(checks.size() == 1);
  CHECK(checks[0].name == "reachable");
  CHECK_FALSE(checks[0].ok);
  CHECK(checks[0].message == "no broker answers");
}

TEST_CASE("another cluster, no authorizer, an old broker and a partition without leader are each told") {
  auto facts = fit();
  CHECK_FALSE(check(judge_health(facts, "other", Mode::observe), "cluster-id").ok);
  facts.authorizer = false;
  CHECK_FALSE(check(judge_health(facts, "", Mode::observe), "authorizer").ok);
  for (auto& [version, ok] :
       std::map<std::string, bool>{{"2.8", false}, {"3.0", true}, {"3.9", true}, {"4.x", true}, {"", true}}) {
    facts.version = version;
    INFO(version);
    CHECK(check(judge_health(facts, "", Mode::observe), "version").ok == ok);
  }
  facts.partitions = 5;
  facts.offline = 2;
  CHECK(check(judge_health(facts, "", Mode::observe), "brokers").message.find("2 of 5") != std::string::npos);
}

TEST_CASE("missing rights are told by name, and by mode") {
  auto facts = fit();
  facts.cluster_rights = Rights{"DESCRIBE", "DESCRIBE_CONFIGS"};
  facts.topic_rights = {Rights{"DESCRIBE", "DESCRIBE_CONFIGS"},
                        Rights{"DESCRIBE", "DESCRIBE_CONFIGS", "ALTER", "ALTER_CONFIGS", "DELETE"}};
  CHECK(missing_rights(facts, Mode::observe).empty());
  CHECK(missing_rights(facts, Mode::manage) ==
        std::vector<std::string>{"CREATE on the cluster", "ALTER on 1 of 2 topics looked at",
                                 "ALTER_CONFIGS on 1 of 2 topics looked at", "DELETE on 1 of 2 topics looked at"});
  facts.topic_rights = {Rights{"DESCRIBE", "DESCRIBE_CONFIGS", "ALTER", "ALTER_CONFIGS", "DELETE", "CREATE"}};
  CHECK(missing_rights(facts, Mode::manage).empty());  // CREATE on topics serves as well
}

TEST_CASE("a condition keeps the time since when it has said the same") {
  Instant then{std::chrono::seconds(100)}, now{std::chrono::seconds(200)};
  auto first = conditions_of(fit(), "", {}, then);
  auto second = conditions_of(fit(), "", first, now);
  CHECK(second[0].since == then);
  auto other = conditions_of(fit(), "xyz", second, now);
  REQUIRE(other.size() == 2);
  CHECK(other[1].type == "Identity");
  CHECK(other[1].since == now);
}
