// Applying: a plan in, wishes written.

#include "plans/actions.h"

#include <fmt/format.h>

#include <algorithm>

#include "events/store.h"
#include "plans/drafts.h"
#include "plans/wish_json.h"

namespace eda::plans {

/// What an apply rests on.
struct Engine::Basis {
  std::vector<Draft> drafts;      ///< as they were planned, with what the world now says against them
  std::vector<std::string> seen;  ///< the fingerprint of each, now
};

std::string event_verb(const Draft& draft) {
  constexpr std::string_view words[] = {"created", "changed", "adopted", "deleted", "managed"};
  if (draft.becomes) {
    return draft.ref.kind + (draft.becomes->how == Becomes::How::merged ? ".merged" : ".renamed");
  }
  return fmt::format("{}.{}", draft.ref.kind, words[static_cast<int>(draft.action)]);
}

namespace {

std::string reason_of(const ApplyInput& input, const Summary& plan) {
  return input.reason.empty() ? plan.reason : input.reason;
}

Value::Map overlay_value(const Overlay& overlay) {
  Value::Map fields;
  for (auto& [path, over] : overlay) {
    fields.emplace(path, Value::Map{{"value", over.value.value_or(Value())}, {"until", to_rfc3339(over.until)}});
  }
  return fields;
}

// Who manages the fields that another set than before, or none, manages now.
Value::Map managers_value(const Wish& wish, const Wish& other) {
  Value::Map managers;
  for (auto& [path, field] : wish) {
    auto there = other.find(path);
    if (there != other.end() && there->second.manager == field.manager) continue;
    managers.emplace(path, field.manager);
  }
  return managers;
}

// A wish as the trail tells it: its values, with what holds for a while, and managers where they change.
Value told_value(const Wish& wish, const Overlay& overlay, Value::Map managers) {
  Value value = wish_value(wish);
  if (!overlay.empty()) value.mutable_map()->emplace("overlay", overlay_value(overlay));
  if (!managers.empty()) value.mutable_map()->emplace("managers", std::move(managers));
  return value;
}

// What a change makes of the world beside the wish, as when another topic becomes the stream's, is told too.
void tell_facts(const Draft& draft, events::Event& event) {
  for (auto& change : draft.fields) {
    if (!change.path.starts_with("status.")) continue;
    if (change.from && event.before.as_map()) event.before.mutable_map()->insert_or_assign(change.path, *change.from);
    if (change.to && event.after.as_map()) event.after.mutable_map()->insert_or_assign(change.path, *change.to);
  }
}

events::Event event_of(const identity::Actor& actor, const ApplyInput& input, const Summary& plan, const Draft& draft) {
  events::Event event;
  event.actor = actor.subject;
  event.verb = event_verb(draft);
  event.object = draft.ref;
  event.team = draft.owner;
  bool goes = draft.action == Action::remove;
  bool moves = draft.before && !goes && draft.hands_over;
  if (draft.before) {
    auto managers = moves ? managers_value(draft.before->wish, draft.after) : Value::Map();
    event.before = told_value(draft.before->wish, draft.before->overlay, std::move(managers));
  }
  if (!goes) {
    auto managers = moves ? managers_value(draft.after, draft.before->wish) : Value::Map();
    event.after = told_value(draft.after, draft.overlay, std::move(managers));
  }
  tell_facts(draft, event);
  if (draft.becomes) {
    event.before.mutable_map()->emplace("metadata.name", draft.ref.name);
    event.after.mutable_map()->emplace("metadata.name", draft.becomes->name);
  }
  event.reason = reason_of(input, plan);
  if (event.reason.empty() && draft.because == Draft::Because::pruned) {
    event.reason = fmt::format("the set \"{}\" names it no more", plan.set.manager());
  }
  event.request_id = input.request_id.empty() ? actor.request_id : input.request_id;
  event.plan_id = plan.id;
  return event;
}

ApplyOutput replay(pg::Tx& tx, Summary plan) {
  auto count = store::count_progress(tx, plan.id);
  return ApplyOutput{std::move(plan), count.total - count.at_rest};
}

void keep_outcome(pg::Tx& tx, const identity::Actor& actor, const ApplyInput& input) {
  if (input.request_id.empty()) return;
  events::keep_outcome(tx, {input.request_id, actor.subject, input.body_hash, input.plan_id});
}

// The plan of a request that was done before.
Result<std::optional<Summary>> done_before(pg::Tx& tx, const identity::Actor& actor, const ApplyInput& input) {
  if (input.request_id.empty()) return std::nullopt;
  EDA_ASSIGN(auto known, events::recall(tx, actor.subject, input.request_id, input.body_hash));
  return known ? store::find(tx, known->result) : std::nullopt;
}

Result<> check_open(const Summary& plan, const ApplyInput& input) {
  if (plan.state == "expired") return fail(errors::plan_expired());
  if (plan.state != "open") return fail(errors::plan_ended(plan.state));
  std::vector<std::string> missing;
  for (auto& name : plan.confirm) {
    if (std::find(input.confirm.begin(), input.confirm.end(), name) == input.confirm.end()) missing.push_back(name);
  }
  if (!missing.empty()) return fail(errors::confirm_missing(missing));
  return {};
}

// "was changed meanwhile by user/ada: spec.partitions: 3 -> 6"
std::string changed_text(pg::Tx& tx, const Draft& planned, const Object& now) {
  auto then = store::revision(tx, planned.before->id, planned.before->generation);
  auto fields =
      then ? moved_fields(*planned.rules, effective(then->wish, then->overlay), effective(now.wish, now.overlay))
           : std::vector<std::string>();
  return fmt::format("was changed meanwhile by {}{}{}", now.updated_by, fields.empty() ? "" : ": ", told(fields));
}

std::string moved_text(pg::Tx& tx, const Draft& planned, const Object* now) {
  std::int64_t was = planned.before ? planned.before->generation : 0;
  if (!now) return was == 0 ? std::string() : "was deleted meanwhile";
  if (was == 0 || now->id != planned.before->id) {
    return fmt::format("was {} meanwhile by {}", was == 0 ? "created" : "deleted and created anew", now->updated_by);
  }
  if (was != now->generation) return changed_text(tx, planned, *now);
  return {};
}

// What the cluster shows now, and was not planned upon. What edad itself was still doing then is no surprise from
// outside.
std::string facts_text(const Draft& planned, const std::string& seen, const Object* now) {
  if (planned.fingerprint.empty() || seen.empty() || planned.fingerprint == seen) return {};
  bool ours = now && now->state == State::applied && now->drift.empty() && now->fingerprint == seen;
  return fmt::format("was changed on the cluster meanwhile, {}: {}", ours ? "by edad" : "outside edad",
                     told(moved_facts(planned.fingerprint, seen)));
}

}  // namespace

// Whether there is anything to do at all; a plan that is applied answers its own subject again.
Result<std::optional<ApplyOutput>> Engine::begin_apply(pg::Tx& tx, const identity::Actor& actor,
                                                       const ApplyInput& input, Basis& basis) {
  EDA_ASSIGN(auto done, done_before(tx, actor, input));
  if (done) return replay(tx, std::move(*done));
  auto plan = store::find(tx, input.plan_id);
  if (!plan) return fail(errors::plan_unknown(input.plan_id));
  if (plan->state == "applied" && plan->actor == actor.subject) return replay(tx, std::move(*plan));
  EDA_TRY(check_open(*plan, input));
  basis.drafts = store::load_drafts(tx, kinds_, input.plan_id);
  if (rules_of(basis.drafts) != plan->rules) return fail(errors::rules_moved());
  return std::nullopt;
}

Result<ApplyOutput> Engine::apply(const identity::Actor& actor, const ApplyInput& input) {
  if (!input.request_id.empty()) EDA_TRY(events::check_request_id(input.request_id));
  Basis basis;
  auto applied = try_apply(actor, input, basis);
  if (!applied && applied.error().reason == "PLAN_STALE") {
    EDA_TRY(pool_.transact([&](pg::Tx& tx) -> Result<> {
      store::end(tx, input.plan_id, "stale");
      return {};
    }));
  }
  return applied;
}

Result<ApplyOutput> Engine::try_apply(const identity::Actor& actor, const ApplyInput& input, Basis& basis) {
  EDA_ASSIGN(auto done, pool_.transact([&](pg::Tx& tx) { return begin_apply(tx, actor, input, basis); }));
  if (done) return std::move(*done);
  std::vector<std::string> planned;
  for (auto& draft : basis.drafts) planned.push_back(draft.fingerprint);
  EDA_TRY(observe(basis.drafts, KindRows::Look::again));
  for (std::size_t i = 0; i < planned.size(); ++i) {
    basis.seen.push_back(std::exchange(basis.drafts[i].fingerprint, std::move(planned[i])));
  }
  auto applied = pool_.transact([&](pg::Tx& tx) { return commit(tx, actor, input, basis); });
  if (applied && applied->pending > 0) wake_();
  return applied;
}

// What moved since the plan, or nothing.
std::optional<Error> Engine::moved(pg::Tx& tx, const Basis& basis, const std::map<Ref, Object>& stored) {
  constexpr std::size_t most = 20;
  std::vector<Violation> found;
  for (std::size_t i = 0; i < basis.drafts.size() && found.size() < most; ++i) {
    auto& planned = basis.drafts[i];
    auto there = stored.find(planned.ref);
    auto* now = there == stored.end() ? nullptr : &there->second;
    auto text = moved_text(tx, planned, now);
    if (text.empty()) text = facts_text(planned, basis.seen[i], now);
    if (!text.empty()) found.push_back(Violation{"", std::move(text), planned.at, "", planned.ref.text()});
  }
  if (found.empty()) return std::nullopt;
  auto more = found.size() == 1 ? std::string() : fmt::format("; {} objects moved", found.size());
  auto error = errors::plan_stale(fmt::format("{} {}{}", found.front().object, found.front().message, more));
  if (found.size() > 1) error.violations = std::move(found);
  return error;
}

Result<ApplyOutput> Engine::commit(pg::Tx& tx, const identity::Actor& actor, const ApplyInput& input,
                                   const Basis& basis) {
  EDA_ASSIGN(auto done, done_before(tx, actor, input));
  if (done) return replay(tx, std::move(*done));
  auto plan = store::find(tx, input.plan_id, store::Lock::update);
  if (!plan) return fail(errors::plan_unknown(input.plan_id));
  if (plan->state == "applied" && plan->actor == actor.subject) return replay(tx, std::move(*plan));
  EDA_TRY(check_open(*plan, input));
  auto drafts = basis.drafts;
  std::vector<Ref> refs;
  for (auto& draft : drafts) refs.push_back(draft.ref);
  auto stored = store::load(tx, refs, store::Lock::update);
  if (auto stale = moved(tx, basis, stored)) return fail(*stale);
  for (auto& draft : drafts) {
    if (auto found = stored.find(draft.ref); found != stored.end()) draft.before = std::move(found->second);
    draft.hands_over = draft.hands_over || (draft.before && draft.after != draft.before->wish);
  }
  std::vector<Draft> idle;
  EDA_TRY(judge(tx, actor, PlanInput::Intent::apply, drafts, idle));
  std::erase_if(drafts, [](const Draft& draft) { return !writes(draft); });
  ApplyOutput output{std::move(*plan), 0};
  EDA_ASSIGN(output.pending, write(tx, actor, input, output.summary, drafts));
  output.summary.state = "applied";
  output.summary.applied_at = store::now(tx);
  return output;
}

namespace {

// What is adopted and is not as wished yet: the plan says from what it changes.
bool differs(const Draft& adopted) {
  return std::any_of(adopted.fields.begin(), adopted.fields.end(), [](const FieldChange& field) { return field.from; });
}

}  // namespace

Result<int> Engine::write(pg::Tx& tx, const identity::Actor& actor, const ApplyInput& input, const Summary& plan,
                          const std::vector<Draft>& drafts) {
  std::vector<const Draft*> all;
  for (auto& draft : drafts) all.push_back(&draft);
  auto reason = reason_of(input, plan);
  auto ids = store::write(tx, all, store::Stamp{actor.subject, reason, plan.id, plan.source});
  int pending = 0;
  std::map<const KindRules*, std::vector<Written>> by_kind;
  std::vector<Written> written;
  std::vector<events::Event> trail;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (ids[i] == 0) return fail(errors::plan_stale(all[i]->ref.text() + " was created meanwhile"));
    trail.push_back(event_of(actor, input, plan, *all[i]));
    if (all[i]->action == Action::unchanged) continue;
    written.push_back(Written{all[i], ids[i], actor.subject, reason, plan.id});
    by_kind[all[i]->rules].push_back(written.back());
    pending += all[i]->rules->live && (all[i]->action != Action::adopt || differs(*all[i]));
  }
  for (auto* rows : rows_) {
    auto some = by_kind.find(&rows->rules());
    if (some != by_kind.end()) EDA_TRY(rows->write(tx, some->second));
  }
  // After the kinds, for the owners' rows name teams that this very plan may have made.
  EDA_TRY(authority_.write(tx, written));
  events::append(tx, trail);
  store::link(tx, plan.id, all, ids);
  store::end(tx, plan.id, "applied");
  keep_outcome(tx, actor, input);
  if (auto manager = plan.set.manager(); !manager.empty()) {
    store::note_applied(tx, manager, store::clusters_of(tx, plan.id),
                        {plan.source, actor.subject, store::now(tx), plan.id});
  }
  return pending;
}

namespace {

// An object that is touched though nothing new is said of it.
Draft touched(const KindRules& rules, const Object& object) {
  Draft draft;
  draft.rules = &rules;
  draft.ref = object.ref;
  draft.before = object;
  draft.after = object.wish;
  draft.overlay = object.overlay;
  draft.action = Action::change;
  return draft;
}

std::vector<std::int64_t> ids_of(const std::vector<Object>& objects) {
  std::vector<std::int64_t> ids;
  for (auto& object : objects) ids.push_back(object.id);
  return ids;
}

}  // namespace

Result<ApplyOutput> Engine::resume(const identity::Actor& actor, const ApplyInput& input) {
  if (!input.request_id.empty()) EDA_TRY(events::check_request_id(input.request_id));
  auto resumed = pool_.transact([&](pg::Tx& tx) -> Result<ApplyOutput> {
    EDA_ASSIGN(auto done, done_before(tx, actor, input));
    if (done) return replay(tx, std::move(*done));
    auto plan = store::find(tx, input.plan_id, store::Lock::update);
    if (!plan) return fail(errors::plan_unknown(input.plan_id));
    if (plan->state != "applied") return fail(errors::plan_not_applied(plan->id, plan->state));
    auto objects = store::refused_of(tx, plan->id);
    std::vector<Draft> drafts;
    for (auto& object : objects) drafts.push_back(touched(*kinds_.find(object.ref.kind), object));
    EDA_TRY(ask_authority(tx, actor, drafts));
    if (auto refusal = refusal_of(drafts)) return fail(*refusal);
    store::retry(tx, ids_of(objects));
    std::vector<events::Event> trail;
    for (auto& draft : drafts) {
      trail.push_back(event_of(actor, input, *plan, draft));
      trail.back().verb = draft.ref.kind + ".retried";
    }
    events::append(tx, trail);
    keep_outcome(tx, actor, input);
    return replay(tx, std::move(*plan));
  });
  if (resumed && resumed->pending > 0) wake_();
  return resumed;
}

Result<int> Engine::end_overlays(int limit) {
  auto ended = pool_.transact([&](pg::Tx& tx) -> Result<int> {
    auto objects = store::ended_overlays(tx, limit);
    if (objects.empty()) return 0;
    auto now = store::now(tx);
    std::vector<const Object*> all;
    std::vector<Draft> drafts;
    for (auto& object : objects) {
      all.push_back(&object);
      drafts.push_back(touched(*kinds_.find(object.ref.kind), object));
      std::erase_if(drafts.back().overlay, [&](auto& over) { return over.second.until <= now; });
    }
    auto owners = authority_.owners(tx, all);
    store::Stamp stamp{"edad", "its time was over", "", ""};
    std::vector<const Draft*> touched;
    std::vector<events::Event> trail;
    for (std::size_t i = 0; i < drafts.size(); ++i) {
      touched.push_back(&drafts[i]);
      events::Event event;
      event.actor = stamp.actor;
      event.verb = drafts[i].ref.kind + ".overlay-ended";
      event.object = drafts[i].ref;
      event.team = owners[i];
      event.before = told_value(objects[i].wish, objects[i].overlay, {});
      event.after = told_value(drafts[i].after, drafts[i].overlay, {});
      event.reason = stamp.reason;
      trail.push_back(std::move(event));
    }
    store::write(tx, touched, stamp);
    events::append(tx, trail);
    return static_cast<int>(objects.size());
  });
  if (ended && *ended > 0) wake_();
  return ended;
}

}  // namespace eda::plans
