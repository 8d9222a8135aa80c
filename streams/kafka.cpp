#include "streams/kafka.h"

#include "clusters/topics.h"

namespace eda::streams {

namespace {

bool is_internal(const kafka::TopicFact& fact) {
  using clusters::BrokersWord;
  auto word = fact.internal ? BrokersWord::internal : BrokersWord::ordinary;
  return clusters::origin_of(fact.name, word).kind == clusters::TopicOrigin::Kind::internal;
}

LiveTopic live_of(const kafka::TopicFact& fact) {
  LiveTopic topic;
  topic.name = fact.name;
  topic.id = fact.id;
  topic.partitions = static_cast<int>(fact.partitions.size());
  topic.replication = fact.replication();
  topic.kind = is_internal(fact) ? LiveTopic::Kind::internal : LiveTopic::Kind::ordinary;
  return topic;
}

Topics topics_of(const std::vector<kafka::TopicFact>& facts) {
  Topics topics;
  for (auto& fact : facts) {
    if (fact.error) {
      topics.unknown.emplace(fact.name, *fact.error);
    } else {
      topics.found.emplace(fact.name, live_of(fact));
    }
  }
  return topics;
}

Failures failures_of(const Result<std::vector<kafka::Outcome>>& outcomes, const std::vector<Work>& work) {
  Failures failures;
  if (!outcomes) {
    for (auto& one : work) failures.emplace(one.topic, outcomes.error());
    return failures;
  }
  for (auto& outcome : *outcomes) {
    if (outcome.error) failures.emplace(outcome.topic, *outcome.error);
  }
  return failures;
}

}  // namespace

Result<Topics> list_topics(kafka::Admin& admin, Deadline deadline) {
  EDA_ASSIGN(auto facts, admin.list_topics(deadline));
  return topics_of(facts);
}

Result<Topics> identify(kafka::Admin& admin, const std::vector<std::string>& names, Deadline deadline) {
  if (names.empty()) return Topics();
  EDA_ASSIGN(auto facts, admin.describe_topics(names, deadline));
  return topics_of(facts);
}

Result<Topics> look_up(kafka::Admin& admin, const std::vector<std::string>& names, Deadline deadline, Configs which) {
  EDA_ASSIGN(auto topics, identify(admin, names, deadline));
  EDA_TRY(add_configs(admin, topics, names, deadline, which));
  return topics;
}

Result<> add_configs(kafka::Admin& admin, Topics& topics, const std::vector<std::string>& names, Deadline deadline,
                     Configs which) {
  std::vector<std::string> existing;
  for (auto& name : names) {
    if (topics.found.contains(name)) existing.push_back(name);
  }
  if (existing.empty()) return {};
  EDA_ASSIGN(auto answers, admin.describe_configs(existing, deadline));
  for (auto& answer : answers) {
    auto topic = topics.found.find(answer.topic);
    if (topic == topics.found.end()) continue;
    if (answer.error) {
      // Gone between the two questions is gone; anything else leaves open what it is.
      if (answer.error->code != Code::not_found) topics.unknown.emplace(answer.topic, *answer.error);
      topics.found.erase(topic);
      continue;
    }
    for (auto& entry : answer.entries) {
      auto source =
          entry.source == kafka::ConfigSource::topic ? LiveConfig::Source::topic : LiveConfig::Source::elsewhere;
      if (which == Configs::overrides && source == LiveConfig::Source::elsewhere) continue;
      topic->second.config.insert_or_assign(entry.name, LiveConfig{entry.value.value_or(""), source});
    }
  }
  return {};
}

Result<BrokerDefaults> broker_defaults(kafka::Admin& admin, const kafka::ClusterFact& cluster, Deadline deadline) {
  if (cluster.brokers.empty()) return BrokerDefaults();
  EDA_ASSIGN(auto entries, admin.describe_broker(cluster.brokers.front().id, deadline));
  std::map<std::string, std::string> config;
  for (auto& entry : entries) {
    if (entry.value) config.emplace(entry.name, *entry.value);
  }
  return defaults_in(config);
}

Failures create(kafka::Admin& admin, const std::vector<Work>& work, kafka::Mode mode, Deadline deadline) {
  if (work.empty()) return {};
  std::vector<kafka::NewTopic> topics;
  for (auto& one : work) {
    kafka::NewTopic topic;
    topic.name = one.topic;
    topic.partitions = static_cast<int>(plans::wished_int(one.wish, "spec.partitions").value_or(-1));
    topic.replication = static_cast<int>(plans::wished_int(one.wish, "spec.replication").value_or(-1));
    for (auto& [key, value] : wished_config(one.wish)) {
      if (value) topic.config.emplace(key, *value);
    }
    topics.push_back(std::move(topic));
  }
  return failures_of(admin.create_topics(topics, mode, deadline), work);
}

Failures change(kafka::Admin& admin, const std::vector<Work>& work, kafka::Mode mode, Deadline deadline) {
  std::vector<kafka::MorePartitions> growths;
  std::vector<Work> growing, altering;
  for (auto& one : work) {
    if (!one.decision.grow_to) continue;
    growths.push_back({one.topic, *one.decision.grow_to});
    growing.push_back(one);
  }
  Failures failures;
  if (!growths.empty()) failures = failures_of(admin.create_partitions(growths, mode, deadline), growing);
  std::vector<kafka::ConfigChange> changes;
  for (auto& one : work) {
    if (one.decision.delta.empty() || failures.contains(one.topic)) continue;
    changes.push_back({one.topic, one.decision.delta.set, one.decision.delta.reset});
    altering.push_back(one);
  }
  if (!changes.empty()) failures.merge(failures_of(admin.alter_configs(changes, mode, deadline), altering));
  return failures;
}

Failures remove(kafka::Admin& admin, const std::vector<Work>& work, Deadline deadline) {
  if (work.empty()) return {};
  std::vector<std::string> topics;
  for (auto& one : work) topics.push_back(one.topic);
  return failures_of(admin.delete_topics(topics, deadline), work);
}

bool outcome_is_unknown(const Error& error) {
  return error.reason == "BROKER_OUTCOME_UNKNOWN" || error.code == Code::unknown_outcome;
}

}  // namespace eda::streams
