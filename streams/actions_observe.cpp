// The Stream kind's look at the world, at plan and again at apply.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "clusters/store.h"
#include "streams/actions.h"
#include "streams/store.h"

namespace eda::streams {

using plans::Action;
using plans::Draft;
using plans::Risk;

namespace {

// Who cannot be reached in this time is away for a plan, which people wait for.
constexpr std::chrono::seconds reach_limit{8};
// How old stored facts may be that a plan rests on.
constexpr std::chrono::seconds young{60};

Deadline soon(Deadline deadline) {
  return Deadline::in(std::min<std::chrono::milliseconds>(deadline.left(), reach_limit));
}

std::string topic_of(const Draft& draft) {
  return streams::topic_of(draft.ref.name, draft.after);
}

}  // namespace

/// What one look at a cluster and its rows gave.
struct StreamRows::Seen {
  std::optional<clusters::store::Cluster> cluster;
  enum class Facts { old, young } stored = Facts::old;
  std::map<std::int64_t, Memory> memories;
  std::shared_ptr<kafka::Admin> admin;  ///< null: away, or not registered yet
  std::optional<Error> away;
  kafka::ClusterFact facts;
  Topics topics;
  std::map<std::string, std::string> by_metric_name;
  std::set<std::string> keys;
  BrokerDefaults defaults;

  const Memory* memory(const Draft& draft) const {
    auto found = draft.before ? memories.find(draft.before->id) : memories.end();
    return found == memories.end() ? nullptr : &found->second;
  }
  std::string topic(const Draft& draft) const {
    auto* known = memory(draft);
    return known ? known->topic : topic_of(draft);
  }
  Surroundings around(const Draft& draft) const;
};

Surroundings StreamRows::Seen::around(const Draft& draft) const {
  Surroundings around;
  if (cluster) around.mode = cluster->mode;
  if (auto* known = memory(draft)) around.memory = *known;
  auto name = topic(draft);
  if (admin && !topics.unknown.contains(name)) {
    around.brokers = static_cast<int>(facts.brokers.size());
    if (auto live = topics.found.find(name); live != topics.found.end()) around.live = live->second;
    around.defaults = defaults;
    auto near = by_metric_name.find(metric_name(name));
    if (near != by_metric_name.end() && near->second != name) around.collides = near->second;
  } else {
    around.source = Surroundings::Source::last_seen;
    if (draft.before) around.live = observed_topic(name, draft.before->observed);
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
    if (!seen.cluster) return seen;
    seen.memories = store::memories(tx, ids);
    if (store::surveyed(tx, seen.cluster->object.id, young)) seen.stored = Seen::Facts::young;
    return seen;
  });
}

// Topics by name with their configs; for new ones all names, for those that collide may be anybody's.
void StreamRows::look_at_topics(Seen& seen, const std::vector<Draft*>& drafts, Look look, Deadline deadline) {
  auto away = [&](Error error) {
    seen.admin.reset();
    seen.away = std::move(error);
  };
  auto admin = connections_.to(seen.cluster->object.ref.name, seen.cluster->object.wish);
  if (!admin) return away(admin.error());
  auto facts = (*admin)->describe_cluster(soon(deadline));
  if (!facts) return away(facts.error());
  std::set<std::string> concerned;
  bool all = false;
  for (auto* draft : drafts) {
    concerned.insert(seen.topic(*draft));
    all = all || (look == Look::first && !draft->before);
  }
  std::vector<std::string> names(concerned.begin(), concerned.end());
  auto topics = all ? list_topics(**admin, deadline) : look_up(**admin, names, deadline);
  if (!topics) return away(topics.error());
  if (all) {
    // Which keys there are is told by any topic.
    if (!topics->found.empty()) names.push_back(topics->found.begin()->first);
    if (auto added = add_configs(**admin, *topics, names, deadline); !added) return away(added.error());
  }
  seen.admin = std::move(*admin);
  seen.facts = std::move(*facts);
  if (std::any_of(drafts.begin(), drafts.end(), [](auto* draft) { return needs_defaults(*draft); })) {
    // Who may not read them is told that they are not known.
    seen.defaults = broker_defaults(*seen.admin, seen.facts, soon(deadline)).value_or(BrokerDefaults());
  }
  seen.topics = std::move(*topics);
  for (auto& [name, topic] : seen.topics.found) {
    seen.by_metric_name.emplace(metric_name(name), name);
    if (!seen.keys.empty()) continue;
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
  std::vector<Draft*> asking;
  std::copy_if(drafts.begin(), drafts.end(), std::back_inserter(asking), [&](const Draft* draft) {
    auto* memory = seen.memory(*draft);
    return seen.stored == Seen::Facts::old || !memory || !rests(*draft, *memory);
  });
  if (asking.empty()) return {};
  look_at_topics(seen, asking, look, deadline);
  auto expected = seen.cluster->expected_id();
  if (seen.admin && !expected.empty() && seen.facts.cluster_id != expected) {
    for (auto* draft : asking) draft->refusal = clusters::errors::other_cluster(name, expected, seen.facts.cluster_id);
    return {};
  }
  if (look == Look::again) {
    for (auto* draft : asking) judge_again(*draft, seen.around(*draft));
    judge_departures_again(seen, asking, deadline);
  } else {
    judge_first(seen, asking, deadline);
  }
  return {};
}

void StreamRows::judge_departures_again(const Seen& seen, const std::vector<Draft*>& drafts, Deadline deadline) {
  std::vector<std::string> topics;
  std::vector<Draft*> leaving;
  for (auto* draft : drafts) {
    auto around = seen.around(*draft);
    if (draft->action != Action::remove || !around.live || may_hold_data(*draft)) continue;
    topics.push_back(around.live->name);
    leaving.push_back(draft);
  }
  if (leaving.empty()) return;
  auto counts = seen.admin ? seen.admin->record_counts(topics, deadline)
                           : Result<std::map<std::string, std::int64_t>>(fail(*seen.away));
  for (std::size_t i = 0; i < leaving.size(); ++i) {
    bool told = counts && counts->contains(topics[i]);
    judge_departure_again(*leaving[i], told ? std::optional(counts->at(topics[i])) : std::nullopt);
  }
}

namespace {

/// A draft that was judged, and what the worker would have to do.
struct Judged {
  Draft* draft = nullptr;
  Decision decision;
  std::optional<LiveTopic> live;
  BrokerDefaults defaults;
};

// Retention cuts and deletions show how much would go.
void tell_records(kafka::Admin& admin, const std::vector<Judged>& judged, Instant now, Deadline deadline) {
  std::vector<std::string> topics;
  std::map<std::string, Instant> cuts;
  for (auto& one : judged) {
    if (!one.live || one.draft->risk != Risk::critical) continue;
    topics.push_back(one.live->name);
    auto kept = retention_cut(one.decision, *one.live, one.defaults);
    if (kept && one.draft->action != Action::remove)
      cuts.emplace(one.live->name, now - std::chrono::milliseconds(*kept));
  }
  if (topics.empty()) return;
  auto counts = admin.record_counts(topics, deadline).value_or(std::map<std::string, std::int64_t>());
  auto older = cuts.empty() ? Result<std::map<std::string, std::int64_t>>() : admin.records_before(cuts, deadline);
  for (auto& one : judged) {
    if (!one.live || one.draft->risk != Risk::critical) continue;
    auto count = counts.find(one.live->name);
    auto records = count == counts.end() ? std::nullopt : std::optional(count->second);
    if (one.draft->action == Action::remove) {
      if (one.decision.act == Act::remove) judge_departure(*one.draft, records);
      continue;
    }
    if (records) one.draft->notes.push_back(records_note(*records));
    if (older && older->contains(one.live->name)) judge_cut(*one.draft, older->at(one.live->name));
  }
}

}  // namespace

void StreamRows::judge_first(Seen& seen, const std::vector<Draft*>& drafts, Deadline deadline) {
  std::vector<Work> creations, changes;
  std::map<std::string, Draft*> by_topic;
  std::vector<Judged> judged;
  for (auto* draft : drafts) {
    auto around = seen.around(*draft);
    auto decision = judge_live(*draft, around);
    if (around.source == Surroundings::Source::last_seen) {
      if (decision.act == Act::remove || (draft->action == Action::remove && !around.live)) judge_departure(*draft, {});
      continue;
    }
    judge_keys(*draft, seen.keys);
    judged.push_back({draft, decision, around.live, around.defaults});
    if (draft->action == Action::unchanged || draft->refusal || !draft->violations.empty()) continue;
    Work work{seen.topic(*draft), decision, plans::effective(draft->after, draft->overlay)};
    by_topic.emplace(work.topic, draft);
    if (decision.act == Act::create || decision.act == Act::vanished) creations.push_back(std::move(work));
    if (decision.act == Act::change && draft->action != Action::remove) changes.push_back(std::move(work));
  }
  if (!seen.admin) return;
  auto failures = create(*seen.admin, creations, kafka::Mode::validate_only, deadline);
  failures.merge(change(*seen.admin, changes, kafka::Mode::validate_only, deadline));
  for (auto& [topic, error] : failures) {
    if (auto draft = by_topic.find(topic); draft != by_topic.end())
      judge_refusal(*draft->second, error, seen.cluster->mode);
  }
  tell_records(*seen.admin, judged, clock_.now(), deadline);
}

}  // namespace eda::streams
