#include "streams/worker_deletion.h"

#include <fmt/format.h>

#include <numeric>

#include "catalog/actions.h"
#include "clusters/actions.h"
#include "clusters/store.h"
#include "events/store.h"
#include "plans/wish_json.h"
#include "streams/kafka.h"
#include "streams/store.h"

namespace eda::streams {

using operations::Operation;
using operations::Outcome;

namespace {

constexpr std::chrono::seconds look_limit{15};
constexpr Duration verified_every = std::chrono::milliseconds(250);

std::map<std::string, std::vector<Reader>> readers_of(const std::vector<kafka::GroupFact>& groups) {
  std::map<std::string, std::vector<Reader>> by_topic;
  for (auto& group : groups) {
    std::map<std::string, std::vector<std::string>> members;
    for (auto& member : group.members) {
      for (auto& topic : member.topics) members[topic].push_back(fmt::format("{} {}", member.client_id, member.host));
    }
    for (auto& [topic, names] : members) by_topic[topic].push_back(Reader{group.group, names});
  }
  return by_topic;
}

Ends ends_of(const std::vector<kafka::OffsetSpan>& spans) {
  Ends ends;
  for (auto& span : spans) ends.push_back(span.end);
  return ends;
}

std::int64_t records_in(const std::vector<kafka::OffsetSpan>& spans) {
  return std::accumulate(spans.begin(), spans.end(), std::int64_t{0},
                         [](std::int64_t sum, const kafka::OffsetSpan& span) { return sum + span.end - span.first; });
}

Error no_offsets(const std::string& topic) {
  return Error(Code::unavailable, "OFFSETS_UNKNOWN",
               fmt::format("not every partition of the topic {} tells its offsets", topic), "it is asked again");
}

// Began or was resumed before the database was found to be restored.
bool outlived(const Operation& operation, const clusters::store::Cluster& cluster) {
  return cluster.restored_at && operation.answered_at <= *cluster.restored_at;
}

Outcome judge(const std::string& step, const Operation& operation, const std::vector<kafka::OffsetSpan>& spans,
              Instant now) {
  if (step == "idle") return judge_idle(operation, ends_of(spans), now);
  if (step == "records") return judge_records(records_in(spans));
  return judge_last_look(operation, ends_of(spans), now);
}

}  // namespace

std::vector<Outcome> DeletionRunner::run(const std::string& step, const std::vector<Operation>& operations) {
  std::map<std::string, Operations> by_cluster;
  for (auto& operation : operations) by_cluster[operation.target.cluster].push_back(&operation);
  Outcomes outcomes;
  for (auto& [name, some] : by_cluster) {
    auto cluster = pool_.transact([&](pg::Tx& tx) { return clusters::find_cluster(tx, name); });
    if (!cluster) {
      for (auto* operation : some) outcomes[operation->id] = ask_again(cluster.error());
    } else {
      run_on(*cluster, step, some, outcomes);
    }
  }
  std::vector<Outcome> ordered;
  for (auto& operation : operations) ordered.push_back(outcomes.at(operation.id));
  return ordered;
}

void DeletionRunner::run_on(const clusters::store::Cluster& cluster, const std::string& step,
                            const Operations& operations, Outcomes& outcomes) {
  Operations going;
  for (auto* operation : operations) {
    if (outlived(*operation, cluster)) {
      outcomes[operation->id] = judge_restored(*operation, *cluster.restored_at);
    } else {
      going.push_back(operation);
    }
  }
  if (going.empty()) return;
  auto looked = step == "verify" ? verify(cluster, going) : look(cluster, step, going);
  if (looked && step == "delete") {
    if (auto let = let_go(cluster.object.ref.name, going, *looked); !let) looked = fail(let.error());
  }
  for (auto* operation : going)
    outcomes[operation->id] = looked ? looked->at(operation->id) : ask_again(looked.error());
}

// Is it the topic that is meant, and who reads or writes it: one question each for all of a cluster.
Result<DeletionRunner::Outcomes> DeletionRunner::look(const clusters::store::Cluster& cluster, const std::string& step,
                                                      const Operations& operations) {
  auto& name = cluster.object.ref.name;
  EDA_ASSIGN(auto admin, connections_.to(name, cluster.object.wish));
  auto deadline = Deadline::in(look_limit);
  EDA_ASSIGN(auto facts, admin->describe_cluster(deadline));
  if (auto expected = cluster.expected_id(); !expected.empty() && expected != facts.cluster_id) {
    return fail(clusters::errors::other_cluster(name, expected, facts.cluster_id));
  }
  std::vector<std::string> topics;
  for (auto* operation : operations) topics.push_back(leaving_of(*operation).topic);
  EDA_ASSIGN(auto there, identify(*admin, topics, deadline));
  std::map<std::string, std::vector<Reader>> readers;
  std::map<std::string, std::vector<kafka::OffsetSpan>> offsets;
  if (step == "members") {
    EDA_ASSIGN(auto groups, admin->groups_on({topics.begin(), topics.end()}, deadline));
    readers = readers_of(groups);
  } else {
    EDA_ASSIGN(offsets, admin->offsets(topics, deadline));
  }
  auto now = clock_.now();
  Outcomes outcomes;
  for (auto* operation : operations) {
    auto leaving = leaving_of(*operation);
    auto live = there.found.find(leaving.topic);
    auto spans = offsets.find(leaving.topic);
    Outcome outcome;
    if (auto unknown = there.unknown.find(leaving.topic); unknown != there.unknown.end()) {
      outcome = ask_again(unknown->second);
    } else if (live == there.found.end() || (!leaving.topic_id.empty() && live->second.id != leaving.topic_id)) {
      outcome = judge_gone();
    } else if (step == "members") {
      outcome = judge_readers(*operation, readers[leaving.topic], now);
    } else {
      outcome =
          spans == offsets.end() ? ask_again(no_offsets(leaving.topic)) : judge(step, *operation, spans->second, now);
    }
    outcomes.emplace(operation->id, std::move(outcome));
  }
  return outcomes;
}

// The mode and the restore are looked at once more with the cluster's row locked: whoever changes them comes before,
// and is heard, or after, and finds the deletion let go.
Result<> DeletionRunner::let_go(const std::string& name, const Operations& operations, Outcomes& outcomes) {
  auto looked = outcomes;
  EDA_ASSIGN(bool any, pool_.transact([&](pg::Tx& tx) -> Result<bool> {
    outcomes = looked;
    auto cluster = clusters::store::find(tx, name, plans::store::Lock::update);
    std::vector<std::string> uids;
    for (auto* operation : operations) {
      auto& outcome = outcomes.at(operation->id);
      if (outcome.how != Outcome::How::done) continue;
      if (cluster && outlived(*operation, *cluster)) {
        outcome = judge_restored(*operation, *cluster->restored_at);
      } else if (!cluster || cluster->mode != clusters::Mode::manage) {
        outcome = judge_observed(*operation);
      } else {
        uids.push_back(leaving_of(*operation).uid);
      }
    }
    if (!uids.empty()) store::let_go(tx, uids);
    return !uids.empty();
  }));
  if (any) pool_.notify("wishes");
  return {};
}

Result<DeletionRunner::Outcomes> DeletionRunner::verify(const clusters::store::Cluster& cluster,
                                                        const Operations& operations) {
  std::vector<std::string> uids;
  for (auto* operation : operations) uids.push_back(leaving_of(*operation).uid);
  EDA_ASSIGN(auto streams, pool_.transact([&](pg::Tx& tx) -> Result<std::map<std::string, store::Departing>> {
    return store::departing(tx, uids);
  }));
  Outcomes outcomes;
  for (auto* operation : operations) {
    Outcome outcome;
    auto found = streams.find(leaving_of(*operation).uid);
    if (found == streams.end()) {
      outcome.evidence = Value::Map{{"stream", "gone"}};
    } else if (found->second.object.state == plans::State::deleting && cluster.mode != clusters::Mode::manage) {
      outcome = judge_observed(*operation);
    } else {
      auto& object = found->second.object;
      outcome.how = object.state == plans::State::deleting ? Outcome::How::again : Outcome::How::failed;
      outcome.after = verified_every;
      for (auto& condition : object.conditions) {
        if (condition.status == "True" || condition.reason == deleting_reason) continue;
        outcome.trouble = condition.message;
        outcome.next = condition.next;
      }
    }
    outcomes.emplace(operation->id, std::move(outcome));
  }
  return outcomes;
}

Result<> DeletionRunner::may(pg::Tx& tx, const identity::Actor& actor, const Operation& operation, Act act) {
  auto standing = catalog::standing_of(tx, actor);
  auto least = act == Act::abort ? catalog::TeamRole::lead : catalog::TeamRole::member;
  if (!standing.admin && standing.in(operation.team) < least) {
    auto what = act == Act::abort ? "keep" : "go on with the deletion of";
    return fail(catalog::errors::not_yours(operation.target, what, catalog::store::team(tx, operation.team)));
  }
  if (act == Act::resume) return {};
  auto streams = store::departing(tx, {leaving_of(operation).uid});
  bool sent = streams.empty() || streams.begin()->second.memory.removal == Memory::Removal::sent;
  if (sent) return fail(operations::errors::past_return(operation));
  return {};
}

Result<> DeletionRunner::acted(pg::Tx& tx, const std::string& actor, const Operation& operation, Act act) {
  auto uid = leaving_of(operation).uid;
  if (act == Act::resume) {
    if (operation.step != "verify") return {};
    store::delete_again(tx, uid);
    store::let_go(tx, {uid});
    return {};
  }
  // The worker may be sending it just now.
  if (!store::keep(tx, uid)) return fail(operations::errors::past_return(operation));
  auto object = store::departing(tx, {uid}).at(uid).object;
  plans::Draft kept;
  kept.rules = &stream_rules();
  kept.ref = object.ref;
  kept.action = plans::Action::change;
  kept.after = object.wish;
  kept.overlay = object.overlay;
  kept.before = object;
  plans::store::write(tx, {&kept}, plans::store::Stamp{actor, "the deletion was aborted", "", ""});
  events::Event event;
  event.actor = actor;
  event.verb = "stream.deletion-aborted";
  event.object = object.ref;
  event.team = operation.team;
  event.after = plans::wish_value(object.wish);
  event.reason = operation.trouble;
  events::append(tx, {std::move(event)});
  return {};
}

}  // namespace eda::streams
