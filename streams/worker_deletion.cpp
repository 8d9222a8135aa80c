#include "streams/worker_deletion.h"

#include <fmt/format.h>

#include <numeric>

#include "catalog/actions.h"
#include "clusters/actions.h"
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

Outcome judge(const std::string& step, const Operation& operation, const std::vector<kafka::OffsetSpan>& spans,
              Instant now) {
  if (step == "idle") return judge_idle(operation, ends_of(spans), now);
  if (step == "records") return judge_records(records_in(spans));
  return judge_last_look(operation, ends_of(spans), now);
}

}  // namespace

std::vector<Outcome> DeletionRunner::run(const std::string& step, const std::vector<Operation>& operations) {
  if (step == "verify") return verify(operations);
  std::map<std::string, Operations> by_cluster;
  for (auto& operation : operations) by_cluster[operation.target.cluster].push_back(&operation);
  Outcomes outcomes;
  for (auto& [cluster, some] : by_cluster) {
    auto looked = look(cluster, step, some);
    if (looked && step == "delete") {
      if (auto let = let_go(some, *looked); !let) looked = fail(let.error());
    }
    for (auto* operation : some)
      outcomes[operation->id] = looked ? looked->at(operation->id) : ask_again(looked.error());
  }
  std::vector<Outcome> ordered;
  for (auto& operation : operations) ordered.push_back(outcomes.at(operation.id));
  return ordered;
}

// Is it the topic that is meant, and who reads or writes it: one question each for all of a cluster.
Result<DeletionRunner::Outcomes> DeletionRunner::look(const std::string& cluster, const std::string& step,
                                                      const Operations& operations) {
  EDA_ASSIGN(auto found, pool_.transact([&](pg::Tx& tx) { return clusters::find_cluster(tx, cluster); }));
  EDA_ASSIGN(auto admin, connections_.to(cluster, found.object.wish));
  auto deadline = Deadline::in(look_limit);
  EDA_ASSIGN(auto facts, admin->describe_cluster(deadline));
  if (auto expected = found.expected_id(); !expected.empty() && expected != facts.cluster_id) {
    return fail(clusters::errors::other_cluster(cluster, expected, facts.cluster_id));
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

Result<> DeletionRunner::let_go(const Operations& operations, Outcomes& outcomes) {
  std::vector<std::string> uids;
  for (auto* operation : operations) {
    if (outcomes.at(operation->id).how == Outcome::How::done) uids.push_back(leaving_of(*operation).uid);
  }
  if (uids.empty()) return {};
  EDA_TRY(pool_.transact([&](pg::Tx& tx) -> Result<> {
    store::let_go(tx, uids);
    return {};
  }));
  pool_.notify("wishes");
  return {};
}

std::vector<Outcome> DeletionRunner::verify(const std::vector<Operation>& operations) {
  std::vector<std::string> uids;
  for (auto& operation : operations) uids.push_back(leaving_of(operation).uid);
  auto streams = pool_.transact(
      [&](pg::Tx& tx) -> Result<std::map<std::string, store::Departing>> { return store::departing(tx, uids); });
  std::vector<Outcome> outcomes;
  for (auto& operation : operations) {
    if (!streams) {
      outcomes.push_back(ask_again(streams.error()));
      continue;
    }
    Outcome outcome;
    auto found = streams->find(leaving_of(operation).uid);
    if (found == streams->end()) {
      outcome.evidence = Value::Map{{"stream", "gone"}};
    } else {
      auto& object = found->second.object;
      outcome.how = object.state == plans::State::deleting ? Outcome::How::again : Outcome::How::failed;
      outcome.after = verified_every;
      for (auto& condition : object.conditions) {
        if (condition.status == "True") continue;
        outcome.trouble = condition.message;
        outcome.next = condition.next;
      }
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

Result<> DeletionRunner::may(pg::Tx& tx, const identity::Actor& actor, const Operation& operation, Act act) {
  auto standing = catalog::standing_of(tx, actor);
  auto least = act == Act::abort ? catalog::TeamRole::lead : catalog::TeamRole::member;
  if (!standing.admin && standing.in(operation.team) < least) {
    auto owners = catalog::store::teams(tx, {operation.team});
    auto owner = owners.empty() ? catalog::Owner{operation.team, ""} : owners.begin()->second;
    auto what = act == Act::abort ? "keep" : "go on with the deletion of";
    return fail(catalog::errors::not_yours(operation.target, what, owner));
  }
  if (act == Act::resume) return {};
  auto streams = store::departing(tx, {leaving_of(operation).uid});
  if (streams.empty() || !streams.begin()->second.held) return fail(operations::errors::past_return(operation));
  return {};
}

Result<> DeletionRunner::acted(pg::Tx& tx, const std::string& actor, const Operation& operation, Act act) {
  auto uid = leaving_of(operation).uid;
  if (act == Act::resume) {
    if (operation.step == "verify") store::delete_again(tx, uid);
    return {};
  }
  // Locks the row: the step that lets the worker go may be running.
  if (store::let_go(tx, {uid}) == 0) return fail(operations::errors::past_return(operation));
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
