#pragma once
// The whole slice on a real cluster: engine, streams, worker. Topics carry a prefix of their own and go at the end.

#include "streams/actions.h"
#include "streams/store.h"
#include "streams/worker.h"
#include "tests/clusters/cluster_world.h"

namespace eda::test {

struct StreamWorld : ClusterWorld {
  /// Registers the cluster "prod" in `mode`, and the team "checkout".
  explicit StreamWorld(kafka::Connection to, clusters::Mode mode = clusters::Mode::manage)
      : ClusterWorld(std::move(to)) {
    broker = *kafka::connect(connection);
    planner.make({document("Team", "", "checkout", {}), cluster_document("prod", connection)});
    cluster_worker.step();
    if (mode == clusters::Mode::manage) REQUIRE(clusters.set_mode(admin, {"", "prod", "manage", ""}));
  }
  ~StreamWorld() {
    auto topics = broker->list_topics(soon());
    std::vector<std::string> ours;
    if (topics) {
      for (auto& topic : *topics) {
        if (topic.name.starts_with(prefix)) ours.push_back(topic.name);
      }
    }
    if (!ours.empty()) (void)broker->delete_topics(ours, soon());
  }

  static Deadline soon() { return Deadline::in(std::chrono::seconds(20)); }

  std::string prefix = unique_name("t") + ".";
  std::unique_ptr<kafka::Admin> broker;  ///< the witness: what the cluster really holds
  plans::Kinds kinds{{&catalog::team_rules(), &clusters::cluster_rules(), &streams::stream_rules()}};
  streams::StreamRows stream_rows{database.pool(), connections, clock};
  plans::Engine engine{database.pool(), kinds, {&team_rows, &cluster_rows, &stream_rows}, owners, [] {}};
  Planner planner{engine};
  streams::Streams streams{database.pool(), connections, engine, clock};
  streams::Worker worker{database.pool(), connections, clock, streams::WorkerOptions{.holder = "replica-1"}};

  std::string named(const std::string& name) const { return prefix + name; }
  plans::Document stream(const std::string& name, Fields fields = {}) const {
    fields.try_emplace("metadata.team", Value("checkout"));
    return document("Stream", "prod", named(name), fields);
  }
  Ref ref(const std::string& name) const { return Ref{"stream", "prod", named(name)}; }
  plans::Object object(const std::string& name) {
    auto found = *database.pool().transact(
        [&](pg::Tx& tx) -> Result<std::map<Ref, plans::Object>> { return plans::store::load(tx, {ref(name)}); });
    if (found.empty()) FAIL("there is no " << ref(name).text());
    return found.begin()->second;
  }
  std::optional<kafka::TopicFact> topic(const std::string& name) {
    auto found = broker->describe_topics({named(name)}, soon());
    REQUIRE(found);
    return found->empty() ? std::nullopt : std::optional(found->front());
  }
  /// What the topic overrides.
  std::map<std::string, std::string> overrides(const std::string& name) {
    std::map<std::string, std::string> found;
    auto configs = broker->describe_configs({named(name)}, soon());
    REQUIRE(configs);
    for (auto& entry : configs->front().entries) {
      if (entry.source == kafka::ConfigSource::topic) found.emplace(entry.name, entry.value.value_or(""));
    }
    return found;
  }
  void create_by_hand(const std::string& name, int partitions, std::map<std::string, std::string> config = {}) {
    std::vector<kafka::NewTopic> topics{{named(name), partitions, 1, std::move(config)}};
    auto outcomes = broker->create_topics(topics, kafka::Mode::apply, soon());
    REQUIRE(outcomes);
    REQUIRE_FALSE(outcomes->front().error);
    until([&] { return topic(name).has_value(); });
  }
  void alter_by_hand(const std::string& name, const std::map<std::string, std::string>& config) {
    std::vector<kafka::ConfigChange> changes{{named(name), config, {}}};
    auto outcomes = broker->alter_configs(changes, kafka::Mode::apply, soon());
    REQUIRE(outcomes);
    REQUIRE_FALSE(outcomes->front().error);
    until([&] {
      auto now = overrides(name);
      return std::all_of(config.begin(), config.end(), [&](auto& entry) { return now[entry.first] == entry.second; });
    });
  }
  void delete_by_hand(const std::string& name) {
    auto outcomes = broker->delete_topics({named(name)}, soon());
    REQUIRE(outcomes);
    REQUIRE_FALSE(outcomes->front().error);
    until([&] { return !topic(name); });
  }
  template <class Condition>
  static void until(Condition condition) {
    for (auto deadline = soon(); !condition();) {
      if (deadline.passed()) FAIL("it did not come about in time");
    }
  }
};

}  // namespace eda::test
