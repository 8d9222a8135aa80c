// Topics as the broker has them: adoption, claims, drafts of manifests, and the list.

#include <fmt/format.h>

#include <algorithm>

#include "catalog/actions.h"
#include "clusters/store.h"
#include "events/store.h"
#include "operations/store.h"
#include "operations/trail.h"
#include "platform/core/limits.h"
#include "platform/text/distance.h"
#include "streams/actions.h"
#include "streams/claims.h"
#include "streams/store.h"

namespace eda::streams {

namespace {
constexpr std::chrono::seconds look_limit{20};
}

Result<Streams::Reached> Streams::reach(const std::string& cluster) {
  EDA_ASSIGN(auto found, pool_.transact([&](pg::Tx& tx) { return clusters::find_cluster(tx, cluster); }));
  EDA_ASSIGN(auto admin, connections_.to(found.object.ref.name, found.object.wish));
  return Reached{found.object.ref.name, found.object.id, std::move(admin)};
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

Result<> check_named(const std::vector<std::string>& topics, const std::string& team) {
  if (topics.empty() || team.empty()) {
    return fail(Code::invalid, "ADOPTION_EMPTY", "an adoption names at least one topic, and the team that gets it",
                "edactl stream adopt TOPIC --team TEAM");
  }
  if (topics.size() <= limits::staged_documents) return {};
  return fail(Code::invalid, "TOO_MANY_TOPICS",
              fmt::format("{} topics; {} are allowed in one call", topics.size(), limits::staged_documents),
              "adopt them in several calls, or import them as manifests: edactl cluster import");
}

}  // namespace

Result<> Streams::check_topics(const Reached& cluster, const std::vector<std::string>& topics, Topics& there) {
  EDA_ASSIGN(auto holders, pool_.transact([&](pg::Tx& tx) -> Result<std::map<std::string, store::Holder>> {
    return store::holders(tx, cluster.name, topics);
  }));
  EDA_ASSIGN(there, streams::list_topics(*cluster.admin, Deadline::in(look_limit)));
  return check_adoption(cluster.name, topics, there, holders);
}

Result<plans::PlanOutput> Streams::plan_adoption(const identity::Actor& actor, const Adoption& adoption) {
  EDA_TRY(check_named(adoption.topics, adoption.team));
  EDA_ASSIGN(auto cluster, reach(adoption.cluster));
  Topics topics;
  EDA_TRY(check_topics(cluster, adoption.topics, topics));
  EDA_TRY(add_configs(*cluster.admin, topics, adoption.topics, Deadline::in(look_limit)));
  plans::PlanInput input;
  input.request_id = adoption.request_id;
  input.body_hash = fmt::format("stream.adopt {} {} {}", cluster.name, adoption.team, fmt::join(adoption.topics, ","));
  input.cluster = cluster.name;
  input.reason = adoption.reason;
  input.intent = plans::PlanInput::Intent::adopt;
  for (auto& name : adoption.topics) {
    if (auto unknown = topics.unknown.find(name); unknown != topics.unknown.end()) return fail(unknown->second);
    auto topic = topics.found.find(name);
    if (topic == topics.found.end()) return fail(unknown_topic(cluster.name, name, topics));
    input.documents.push_back(document_of(topic->second, cluster.name, adoption.team));
  }
  return engine_.plan(actor, std::move(input));
}

// By name from `page.token` on: what no stream manages, one page of it, and Kafka's own among them by the way.
Result<Drafted> Streams::draft_manifests(const std::string& cluster, const std::string& team, const PageRequest& page) {
  EDA_ASSIGN(auto reached, reach(cluster));
  auto deadline = Deadline::in(look_limit);
  EDA_ASSIGN(auto topics, streams::list_topics(*reached.admin, deadline));
  std::vector<std::string> names;
  for (auto next = topics.found.upper_bound(page.token); next != topics.found.end(); ++next)
    names.push_back(next->first);
  EDA_ASSIGN(auto holders, pool_.transact([&](pg::Tx& tx) -> Result<std::map<std::string, store::Holder>> {
    return store::holders(tx, reached.name, names);
  }));
  Drafted drafted;
  std::vector<std::string> wanted;
  for (auto& name : names) {
    if (holders.contains(name)) continue;
    if (topics.found.at(name).kind == LiveTopic::Kind::internal) {
      drafted.internal.push_back(name);
    } else if (wanted.size() == page.limit()) {
      drafted.next_token = wanted.back();
      break;
    } else {
      wanted.push_back(name);
    }
  }
  if (!drafted.next_token.empty()) {
    // They are told with the page in whose range they are.
    std::erase_if(drafted.internal, [&](const std::string& name) { return name > drafted.next_token; });
  }
  EDA_TRY(add_configs(*reached.admin, topics, wanted, deadline, Configs::overrides));
  for (auto& name : wanted) {
    if (auto unknown = topics.unknown.find(name); unknown != topics.unknown.end()) return fail(unknown->second);
    auto topic = topics.found.find(name);
    if (topic != topics.found.end()) drafted.documents.push_back(document_of(topic->second, reached.name, team));
  }
  return drafted;
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

namespace {

std::string body_of(const Claim& claim) {
  return fmt::format("stream.claim {} {} {} {}", claim.cluster, claim.team, fmt::join(claim.topics, ","), claim.reason);
}

operations::NewOperation operation_of(const identity::Actor& actor, const Claim& claim, const std::string& cluster) {
  operations::NewOperation wish;
  wish.kind = adoption_kind;
  wish.target = claim.topics.size() == 1 ? Ref{"stream", cluster, claim.topics.front()} : Ref{"cluster", "", cluster};
  wish.team = claim.team;
  wish.parameters = Value::Map{
      {"cluster", cluster}, {"team", claim.team}, {"topics", Value::List(claim.topics.begin(), claim.topics.end())}};
  wish.steps = adoption_steps();
  wish.actor = actor.subject;
  wish.reason = claim.reason;
  return wish;
}

Result<> may_claim(pg::Tx& tx, const identity::Actor& actor, const Claim& claim) {
  auto owners = catalog::store::teams(tx, {claim.team});
  if (owners.empty()) {
    return fail(plans::errors::unknown_object(Ref{"team", "", claim.team}, "edactl get teams lists them"));
  }
  auto standing = catalog::standing_of(tx, actor);
  if (standing.admin || standing.in(claim.team) == catalog::TeamRole::lead) return {};
  return fail(catalog::errors::not_yours(Ref{"team", "", claim.team}, "claim topics for", owners.at(claim.team)));
}

}  // namespace

Result<std::optional<Instant>> Streams::restored_at(const std::string& cluster) {
  return pool_.transact([&](pg::Tx& tx) -> Result<std::optional<Instant>> {
    EDA_ASSIGN(auto found, clusters::find_cluster(tx, cluster));
    return found.restored_at;
  });
}

Result<operations::Operation> Streams::request_adoption(const identity::Actor& actor, const Claim& claim) {
  EDA_TRY(check_named(claim.topics, claim.team));
  if (!claim.request_id.empty()) EDA_TRY(events::check_request_id(claim.request_id));
  if (claim.reason.size() > limits::text_bytes) {
    return fail(Code::invalid, "REASON_INVALID", "the reason is a text of at most 4,096 bytes", "shorten it");
  }
  EDA_TRY(pool_.transact([&](pg::Tx& tx) { return may_claim(tx, actor, claim); }));
  EDA_ASSIGN(auto cluster, reach(claim.cluster));
  Topics topics;
  EDA_TRY(check_topics(cluster, claim.topics, topics));
  EDA_ASSIGN(auto begun, pool_.transact([&](pg::Tx& tx) -> Result<operations::Operation> {
    std::string id;
    if (!claim.request_id.empty()) {
      EDA_ASSIGN(auto known, events::recall(tx, actor.subject, claim.request_id, body_of(claim)));
      if (known) id = known->result;
    }
    if (id.empty()) {
      EDA_TRY(may_claim(tx, actor, claim));
      auto wish = operation_of(actor, claim, cluster.name);
      id = operations::store::begin(tx, {wish}).front();
      auto request = claim.request_id.empty() ? actor.request_id : claim.request_id;
      events::append(tx, {operations::begun_event(wish, id, request)});
      if (!claim.request_id.empty()) events::keep_outcome(tx, {claim.request_id, actor.subject, body_of(claim), id});
    }
    auto operation = operations::store::find(tx, id);
    if (!operation) return fail(operations::errors::operation_unknown(id));
    return *operation;
  }));
  pool_.notify("wishes");
  return begun;
}

}  // namespace eda::streams
