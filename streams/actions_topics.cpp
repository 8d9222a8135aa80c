// Topics as the broker has them: adoption, and the list.

#include <fmt/format.h>

#include <algorithm>

#include "catalog/store.h"
#include "clusters/store.h"
#include "platform/core/limits.h"
#include "platform/text/distance.h"
#include "streams/actions.h"
#include "streams/store.h"

namespace eda::streams {

namespace {
constexpr std::chrono::seconds look_limit{20};
}

/// A registered cluster and the way to it.
struct Streams::Reached {
  std::string name;
  std::shared_ptr<kafka::Admin> admin;
};

Result<Streams::Reached> Streams::reach(const std::string& cluster) {
  EDA_ASSIGN(auto found, pool_.transact([&](pg::Tx& tx) { return clusters::find_cluster(tx, cluster); }));
  EDA_ASSIGN(auto admin, connections_.to(found.object.ref.name, found.object.wish));
  return Reached{found.object.ref.name, std::move(admin)};
}

namespace {

Error unknown_topic(const std::string& cluster, const std::string& topic, const Topics& topics) {
  std::vector<std::string> names;
  for (auto& [name, live] : topics.found) names.push_back(name);
  return errors::topic_unknown(cluster, topic, text::did_you_mean(topic, names));
}

Result<> check_adoption(const std::string& cluster, const std::vector<std::string>& topics, const Topics& there,
                        const std::map<std::string, store::Holder>& holders) {
  for (auto& topic : topics) {
    if (auto unknown = there.unknown.find(topic); unknown != there.unknown.end()) return fail(unknown->second);
    auto live = there.found.find(topic);
    if (live == there.found.end()) return fail(unknown_topic(cluster, topic, there));
    if (live->second.kind == LiveTopic::Kind::internal) return fail(errors::topic_internal(topic));
    if (auto holder = holders.find(topic); holder != holders.end()) {
      auto by = Ref{"stream", cluster, holder->second.stream};
      return fail(errors::topic_managed(Ref{"stream", cluster, topic}, topic, by.text()));
    }
  }
  return {};
}

}  // namespace

Result<plans::PlanOutput> Streams::plan_adoption(const identity::Actor& actor, const Adoption& adoption) {
  if (adoption.topics.empty() || adoption.team.empty()) {
    return fail(Code::invalid, "ADOPTION_EMPTY", "an adoption names at least one topic, and the team that gets it",
                "edactl stream adopt TOPIC --team TEAM");
  }
  if (adoption.topics.size() > limits::staged_documents) {
    return fail(Code::invalid, "TOO_MANY_TOPICS",
                fmt::format("{} topics; {} are allowed in one call", adoption.topics.size(), limits::staged_documents),
                "adopt them in several calls");
  }
  EDA_ASSIGN(auto cluster, reach(adoption.cluster));
  auto deadline = Deadline::in(look_limit);
  EDA_ASSIGN(auto topics, streams::list_topics(*cluster.admin, deadline));
  EDA_TRY(add_configs(*cluster.admin, topics, adoption.topics, deadline));
  EDA_ASSIGN(auto holders, pool_.transact([&](pg::Tx& tx) -> Result<std::map<std::string, store::Holder>> {
    return store::holders(tx, cluster.name, adoption.topics);
  }));
  EDA_TRY(check_adoption(cluster.name, adoption.topics, topics, holders));
  plans::PlanInput input;
  input.request_id = adoption.request_id;
  input.cluster = cluster.name;
  input.intent = plans::PlanInput::Intent::adopt;
  for (auto& topic : adoption.topics) {
    input.documents.push_back(document_of(topics.found.at(topic), cluster.name, adoption.team));
  }
  return engine_.plan(actor, std::move(input));
}

Result<Page<ListedTopic>> Streams::list_topics(const std::string& cluster, Which which, const PageRequest& page) {
  EDA_ASSIGN(auto reached, reach(cluster));
  EDA_ASSIGN(auto topics, streams::list_topics(*reached.admin, Deadline::in(look_limit)));
  return pool_.transact([&](pg::Tx& tx) -> Result<Page<ListedTopic>> {
    std::vector<std::string> names;
    for (auto next = topics.found.upper_bound(page.token); next != topics.found.end(); ++next)
      names.push_back(next->first);
    auto holders = store::holders(tx, reached.name, names);
    if (which == Which::unmanaged) std::erase_if(names, [&](auto& name) { return holders.contains(name); });
    Page<ListedTopic> result;
    if (names.size() > page.limit()) {
      names.resize(page.limit());
      result.next_token = names.back();
    }
    std::vector<std::int64_t> ids;
    for (auto& name : names) {
      if (auto holder = holders.find(name); holder != holders.end()) ids.push_back(holder->second.object_id);
    }
    auto owners = catalog::store::owners_of(tx, ids);
    for (auto& name : names) {
      ListedTopic listed{topics.found.at(name), "", ""};
      if (auto holder = holders.find(name); holder != holders.end()) {
        listed.stream = holder->second.stream;
        if (auto owner = owners.find(holder->second.object_id); owner != owners.end()) listed.team = owner->second.team;
      }
      result.rows.push_back(std::move(listed));
    }
    return result;
  });
}

}  // namespace eda::streams
