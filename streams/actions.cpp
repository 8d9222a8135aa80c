#include "streams/actions.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/actions.h"
#include "events/store.h"
#include "operations/store.h"
#include "operations/trail.h"
#include "streams/actions_deprecation.h"
#include "streams/deprecation.h"
#include "streams/store.h"

namespace eda::streams {

using plans::Action;
using plans::Draft;

namespace {

std::string topic_of(const Draft& draft) {
  return streams::topic_of(draft.ref.name, draft.after);
}

// What may take records with it goes step by step, and the worker waits for it. Returns the operations by object.
std::map<std::int64_t, std::string> begin_deletions(pg::Tx& tx, const std::vector<plans::Written>& written) {
  std::vector<std::int64_t> held;
  std::vector<operations::NewOperation> begun;
  std::vector<const plans::Written*> leaving;
  for (auto& one : written) {
    if (!may_hold_data(*one.draft)) continue;
    held.push_back(one.id);
    leaving.push_back(&one);
  }
  if (held.empty()) return {};
  auto memories = store::memories(tx, held);
  for (auto* one : leaving) {
    auto& memory = memories[one->id];
    Value::Map parameters{{"topic", memory.topic}, {"topicId", memory.topic_id}, {"uid", one->draft->before->uid}};
    begun.push_back({std::string(deletion_kind), one->draft->ref, one->draft->owner, std::move(parameters),
                     deletion_steps(), std::string(one->actor), std::string(one->reason), std::string(one->plan_id)});
  }
  auto ids = operations::store::begin(tx, begun);
  std::vector<events::Event> trail;
  std::map<std::int64_t, std::string> by_object;
  for (std::size_t i = 0; i < begun.size(); ++i) {
    trail.push_back(operations::begun_event(begun[i], ids[i], ""));
    by_object.emplace(held[i], ids[i]);
  }
  events::append(tx, trail);
  store::hold(tx, held);
  return by_object;
}

}  // namespace

Result<> StreamRows::plan(pg::Tx& tx, const std::vector<Draft*>& drafts) {
  name_readers(tx, drafts);
  std::map<std::string, std::vector<Draft*>> fresh;
  for (auto* draft : drafts) {
    if (auto refusal = against_tags(*draft); refusal && !draft->refusal) draft->refusal = refusal;
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
  std::vector<std::int64_t> differing;
  std::map<std::int64_t, std::string> taken_over;
  for (auto& one : written) {
    const Draft& draft = *one.draft;
    auto taken = adopted_topic_id(draft);
    if (makes_anew(draft)) anew.push_back(one.id);
    if (draft.action == Action::change && !taken.empty()) taken_over.emplace(one.id, taken);
    if (changes_adopted(draft)) differing.push_back(one.id);
    if (draft.action != Action::create && draft.action != Action::adopt) continue;
    fresh[draft.ref.cluster].push_back({one.id, topic_of(draft), taken});
    if (draft.action == Action::adopt) {
      adopted.push_back({one.id, 1, plans::State::applied, {}, observed_in(draft.fingerprint), draft.fingerprint, {}});
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
  store::remember(tx, taken_over);
  plans::store::write_back(tx, adopted);
  store::await_worker(tx, differing);
  say_deleting(tx, written, begin_deletions(tx, written));
  tell_readers(tx, written);
  return {};
}

// That it is as wished is over from here on.
void StreamRows::say_deleting(pg::Tx& tx, const std::vector<plans::Written>& written,
                              const std::map<std::int64_t, std::string>& operations) {
  std::vector<plans::store::Seen> rows;
  for (auto& one : written) {
    if (one.draft->action != Action::remove) continue;
    plans::Condition condition{"Applied", "False",     std::string(deleting_reason), "it is being deleted",
                               "",        clock_.now()};
    if (auto step_by_step = operations.find(one.id); step_by_step != operations.end()) {
      condition.message = fmt::format("it is being deleted, step by step: {}", step_by_step->second);
      condition.next = fmt::format("edactl operation show {} tells how far it is", step_by_step->second);
    }
    auto& before = *one.draft->before;
    rows.push_back({one.id,
                    before.generation,
                    plans::State::deleting,
                    {std::move(condition)},
                    before.observed,
                    before.fingerprint,
                    before.drift});
  }
  plans::store::write_back(tx, rows);
}

Result<> StreamRows::may(pg::Tx& tx, const identity::Actor& actor, const std::vector<Draft*>& drafts) {
  std::vector<Draft*> taking;
  std::vector<std::int64_t> ids;
  for (auto* draft : drafts) {
    if (draft->action != Action::change || !draft->before || adopted_topic_id(*draft).empty()) continue;
    taking.push_back(draft);
    ids.push_back(draft->before->id);
  }
  if (taking.empty()) return {};
  auto standing = catalog::standing_of(tx, actor);
  auto owners = catalog::store::owners_of(tx, ids);
  for (auto* draft : taking) {
    auto& owner = owners[draft->before->id];
    if (standing.admin || standing.in(owner.team) == catalog::TeamRole::lead) continue;
    draft->refusal = catalog::errors::not_yours(draft->ref, "take another topic for", owner);
  }
  return {};
}

}  // namespace eda::streams
