#include "streams/actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "clusters/store.h"
#include "streams/store.h"

namespace eda::streams {

using plans::Action;
using plans::Draft;
using plans::Risk;

namespace {

// Who cannot be reached in this time is away for a plan, which people wait for.
constexpr std::chrono::seconds reach_limit{8};

Deadline soon(Deadline deadline) {
  return Deadline::in(std::min<std::chrono::milliseconds>(deadline.left(), reach_limit));
}

std::string metric_name(std::string topic) {
  std::replace(topic.begin(), topic.end(), '.', '_');
  return topic;
}

std::string topic_of(const Draft& draft) {
  return streams::topic_of(draft.ref.name, draft.after);
}

}  // namespace

/// What one look at a cluster and its rows gave.
struct StreamRows::Seen {
  std::optional<clusters::store::Cluster> cluster;
  std::map<std::int64_t, Memory> memories;
  std::shared_ptr<kafka::Admin> admin;  ///< null: away, or not registered yet
  std::optional<Error> away;
  kafka::ClusterFact facts;
  Topics topics;
  std::map<std::string, std::string> by_metric_name;
  std::set<std::string> keys;

  Surroundings around(const Draft& draft) const;
};

Surroundings StreamRows::Seen::around(const Draft& draft) const {
  Surroundings around;
  if (cluster) around.mode = cluster->mode;
  auto topic = topic_of(draft);
  if (draft.before) {
    if (auto memory = memories.find(draft.before->id); memory != memories.end()) around.memory = memory->second;
    if (around.memory) topic = around.memory->topic;
  }
  auto unknown = topics.unknown.find(topic);
  if (admin && unknown == topics.unknown.end()) {
    around.brokers = static_cast<int>(facts.brokers.size());
    if (auto live = topics.found.find(topic); live != topics.found.end()) around.live = live->second;
    auto near = by_metric_name.find(metric_name(topic));
    if (near != by_metric_name.end() && near->second != topic) around.collides = near->second;
  } else {
    around.source = Surroundings::Source::last_seen;
    if (draft.before) around.live = observed_topic(topic, draft.before->observed);
  }
  return around;
}

Result<> StreamRows::observe(const std::vector<Draft*>& drafts, Look look, Deadline deadline) {
  std::map<std::string, std::vector<Draft*>> by_cluster;
  for (auto* draft : drafts) by_cluster[draft->ref.cluster].push_back(draft);
  for (auto& [cluster, some] : by_cluster) EDA_TRY(observe_cluster(cluster, some, look, deadline));
  return {};
}

Result<StreamRows::Seen> StreamRows::rows_of(const std::string& cluster, const std::vector<Draft*>& drafts) {
  std::vector<std::int64_t> ids;
  for (auto* draft : drafts) {
    if (draft->before) ids.push_back(draft->before->id);
  }
  return pool_.transact([&](pg::Tx& tx) -> Result<Seen> {
    Seen seen;
    seen.cluster = clusters::store::find(tx, cluster);
    seen.memories = store::memories(tx, ids);
    return seen;
  });
}

// One Metadata request for all topics (names that collide may be anybody's), one for the configs of those concerned.
void StreamRows::look_at_topics(Seen& seen, const std::vector<Draft*>& drafts, Look look, Deadline deadline) {
  auto away = [&](Error error) {
    seen.admin.reset();
    seen.away = std::move(error);
  };
  auto admin = connections_.to(seen.cluster->object.ref.name, seen.cluster->object.wish);
  if (!admin) return away(admin.error());
  auto facts = (*admin)->describe_cluster(soon(deadline));
  if (!facts) return away(facts.error());
  auto topics = list_topics(**admin, deadline);
  if (!topics) return away(topics.error());
  std::set<std::string> concerned;
  for (auto* draft : drafts) {
    auto memory = draft->before ? seen.memories.find(draft->before->id) : seen.memories.end();
    concerned.insert(memory == seen.memories.end() ? topic_of(*draft) : memory->second.topic);
  }
  // Which keys there are is told by any topic.
  if (look == Look::first && !topics->found.empty()) concerned.insert(topics->found.begin()->first);
  if (auto added = add_configs(**admin, *topics, {concerned.begin(), concerned.end()}, deadline); !added) {
    return away(added.error());
  }
  seen.admin = std::move(*admin);
  seen.facts = std::move(*facts);
  seen.topics = std::move(*topics);
  for (auto& [name, topic] : seen.topics.found) {
    seen.by_metric_name.emplace(metric_name(name), name);
    for (auto& [key, config] : topic.config) seen.keys.insert(key);
  }
}

Result<> StreamRows::observe_cluster(const std::string& name, const std::vector<Draft*>& drafts, Look look,
                                     Deadline deadline) {
  EDA_ASSIGN(auto seen, rows_of(name, drafts));
  if (!seen.cluster) {
    // Made by the same plan, or unknown, which the engine tells.
    for (auto* draft : drafts) draft->apply_refusal = clusters::errors::only_observed(name);
    return {};
  }
  look_at_topics(seen, drafts, look, deadline);
  auto expected = seen.cluster->expected_id();
  if (seen.admin && !expected.empty() && seen.facts.cluster_id != expected) {
    for (auto* draft : drafts) draft->refusal = clusters::errors::other_cluster(name, expected, seen.facts.cluster_id);
    return {};
  }
  if (look == Look::again) {
    for (auto* draft : drafts) judge_again(*draft, seen.around(*draft));
  } else {
    judge_first(seen, drafts, deadline);
  }
  return {};
}

namespace {

std::string records_note(std::int64_t records) {
  if (records == 0) return "the topic holds no records now";
  return fmt::format("the topic holds up to {} {} now", records, records == 1 ? "record" : "records");
}

// Retention cuts and deletions show how much would go.
void tell_records(kafka::Admin& admin, const std::vector<std::pair<Draft*, std::string>>& critical, Deadline deadline) {
  std::vector<std::string> topics;
  for (auto& [draft, topic] : critical) topics.push_back(topic);
  if (topics.empty()) return;
  auto counts = admin.record_counts(topics, deadline);
  if (!counts) return;
  for (auto& [draft, topic] : critical) {
    if (auto count = counts->find(topic); count != counts->end()) draft->notes.push_back(records_note(count->second));
  }
}

}  // namespace

void StreamRows::judge_first(Seen& seen, const std::vector<Draft*>& drafts, Deadline deadline) {
  std::vector<Work> creations, changes;
  std::map<std::string, Draft*> by_topic;
  std::vector<std::pair<Draft*, std::string>> critical;
  for (auto* draft : drafts) {
    auto around = seen.around(*draft);
    auto decision = judge_live(*draft, around);
    if (around.source == Surroundings::Source::last_seen) continue;
    judge_keys(*draft, seen.keys);
    if (around.live && draft->risk == Risk::critical) critical.emplace_back(draft, around.live->name);
    if (draft->action == Action::unchanged || draft->refusal || !draft->violations.empty()) continue;
    auto topic = around.memory ? around.memory->topic : topic_of(*draft);
    if (decision.act == Act::create || decision.act == Act::vanished)
      creations.push_back({topic, decision, draft->after});
    if (decision.act == Act::change && draft->action != Action::remove)
      changes.push_back({topic, decision, draft->after});
    by_topic.emplace(topic, draft);
  }
  if (!seen.admin) return;
  auto failures = create(*seen.admin, creations, kafka::Mode::validate_only, deadline);
  failures.merge(change(*seen.admin, changes, kafka::Mode::validate_only, deadline));
  for (auto& [topic, error] : failures) {
    if (auto draft = by_topic.find(topic); draft != by_topic.end())
      judge_refusal(*draft->second, error, seen.cluster->mode);
  }
  tell_records(*seen.admin, critical, deadline);
}

Result<> StreamRows::plan(pg::Tx& tx, const std::vector<Draft*>& drafts) {
  std::map<std::string, std::vector<Draft*>> fresh;
  for (auto* draft : drafts) {
    if (draft->action == Action::create || draft->action == Action::adopt) fresh[draft->ref.cluster].push_back(draft);
  }
  for (auto& [cluster, some] : fresh) {
    std::vector<std::string> topics;
    for (auto* draft : some) topics.push_back(topic_of(*draft));
    auto holders = store::holders(tx, cluster, topics);
    std::map<std::string, Draft*> in_plan;
    for (auto* draft : some) {
      auto topic = topic_of(*draft);
      auto [other, first] = in_plan.emplace(metric_name(topic), draft);
      if (auto holder = holders.find(topic); holder != holders.end()) {
        auto by = Ref{"stream", cluster, holder->second.stream};
        if (by != draft->ref) draft->refusal = errors::topic_managed(draft->ref, topic, by.text());
      } else if (!first && topic_of(*other->second) == topic) {
        draft->refusal = errors::topic_managed(draft->ref, topic, other->second->ref.text() + " of the same plan");
      } else if (!first) {
        draft->refusal = errors::collision(draft->ref, topic, topic_of(*other->second));
      }
    }
  }
  return {};
}

Result<> StreamRows::write(pg::Tx& tx, const std::vector<plans::Written>& written) {
  std::map<std::string, std::vector<store::NewStream>> fresh;
  std::vector<std::int64_t> anew;
  std::vector<plans::store::Seen> adopted;
  for (auto& one : written) {
    const Draft& draft = *one.draft;
    if (makes_anew(draft)) anew.push_back(one.id);
    if (draft.action != Action::create && draft.action != Action::adopt) continue;
    fresh[draft.ref.cluster].push_back({one.id, topic_of(draft), adopted_topic_id(draft)});
    if (draft.action == Action::adopt) {
      adopted.push_back({one.id, 1, plans::State::applied, {}, observed_in(draft.fingerprint), draft.fingerprint});
    }
  }
  for (auto& [cluster, streams] : fresh) {
    auto taken = store::create(tx, cluster, streams);
    if (taken.empty()) continue;
    auto holder = store::holders(tx, cluster, taken)[taken.front()];
    return fail(errors::topic_managed(Ref{"stream", cluster, taken.front()}, taken.front(),
                                      Ref{"stream", cluster, holder.stream}.text()));
  }
  store::forget_topics(tx, anew);
  plans::store::write_back(tx, adopted);
  return {};
}

}  // namespace eda::streams
