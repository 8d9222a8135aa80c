#include "clusters/actions.h"

#include <fmt/format.h>

#include <algorithm>

#include "events/store.h"
#include "platform/text/distance.h"

namespace eda::clusters {

using plans::Action;
using plans::Draft;

namespace {

constexpr std::chrono::seconds look_limit{5};
constexpr std::chrono::seconds vouch_limit{15};  // a topic may have to be made

Deadline soon(Deadline deadline) {
  return Deadline::in(std::min<std::chrono::milliseconds>(deadline.left(), look_limit));
}

bool moves(const Draft& draft) {
  return std::any_of(draft.fields.begin(), draft.fields.end(),
                     [](const plans::FieldChange& change) { return is_connection_field(change.path); });
}

// What a first look says, each fault as a note of its own.
void tell(Draft& draft, const Look& look) {
  auto expected = plans::wished_text(draft.after, "spec.clusterId");
  if (look) draft.fingerprint = look->cluster_id;
  if (look && !expected.empty() && look->cluster_id != expected) {
    draft.refusal = errors::other_cluster(draft.ref.name, expected, look->cluster_id);
    return;
  }
  for (auto& check : judge_health(look, expected, Mode::manage)) {
    if (!check.ok)
      draft.notes.push_back(check.next.empty() ? check.message : fmt::format("{}: {}", check.message, check.next));
  }
  if (draft.action == Action::create) {
    draft.notes.push_back(
        fmt::format("edad only observes it until an admin says: edactl cluster manage {}", draft.ref.name));
  }
}

}  // namespace

Result<> ClusterRows::observe(const std::vector<Draft*>& drafts, Look stage, Deadline deadline) {
  if (stage == Look::again) return {};
  for (auto* draft : drafts) {
    bool asks = draft->action == Action::create || (draft->action == Action::change && moves(*draft));
    if (!asks || !draft->violations.empty() || draft->refusal) continue;
    auto admin = connections_.try_out(draft->ref.name, draft->after);
    tell(*draft, admin ? look_at(**admin, soon(deadline)) : clusters::Look(fail(admin.error())));
  }
  return {};
}

namespace {

// The first look is kept as what the draft rests on; without one the manifest may say which cluster it is.
void judge_twins(pg::Tx& tx, Draft& draft) {
  auto id = plans::wished_text(draft.after, "spec.clusterId", draft.fingerprint);
  if (draft.action != Action::create && !(draft.action == Action::change && moves(draft))) return;
  auto now = draft.before ? store::find(tx, draft.ref.name) : std::nullopt;
  if (now && now->mode == Mode::manage) {
    store::hold_modes(tx);
    auto managed = store::others_with_id(tx, draft.ref.name, id, Mode::manage);
    if (!managed.empty()) draft.refusal = errors::managed_already(draft.ref.name, managed.front(), id);
  }
  for (auto& other : store::others_with_id(tx, draft.ref.name, id)) {
    draft.notes.push_back(
        fmt::format("it is the Kafka cluster {}, as cluster/{} is; only one of the two can be managed", id, other));
  }
}

}  // namespace

Result<> ClusterRows::plan(pg::Tx& tx, const std::vector<Draft*>& drafts) {
  for (auto* draft : drafts) {
    judge_twins(tx, *draft);
    if (draft->action != Action::remove) continue;
    auto living = store::living_on(tx, *draft->before, 10);
    if (living.total > 0) draft->refusal = errors::has_streams(draft->ref.name, living.some, living.total);
  }
  return {};
}

Result<> ClusterRows::write(pg::Tx& tx, const std::vector<plans::Written>& written) {
  std::vector<std::int64_t> fresh, unseen;
  for (auto& one : written) {
    if (one.draft->action == Action::create) fresh.push_back(one.id);
    if (one.draft->action == Action::change && moves(*one.draft)) unseen.push_back(one.id);
  }
  store::expect(tx, fresh);
  store::expect(tx, unseen);
  for (auto id : fresh) store::set_mode(tx, id, Mode::observe);
  return {};
}

Result<store::Cluster> find_cluster(pg::Tx& tx, const std::string& name) {
  auto known = store::names(tx);
  if (name.empty() && known.size() != 1) return fail(errors::needed(known));
  if (auto cluster = store::find(tx, name.empty() ? known.front() : name)) return std::move(*cluster);
  auto unknown = errors::unknown(name);
  if (auto near = text::did_you_mean(name, known); !near.empty()) unknown.next = near;
  return fail(std::move(unknown));
}

Result<store::Cluster> Clusters::find(const std::string& name) {
  return pool_.transact([&](pg::Tx& tx) { return find_cluster(tx, name); });
}

Look Clusters::look(const store::Cluster& cluster) {
  EDA_ASSIGN(auto admin, connections_.to(cluster.object.ref.name, cluster.object.wish));
  return look_at(*admin, Deadline::in(look_limit));
}

Result<Health> Clusters::health(const std::string& name) {
  EDA_ASSIGN(auto cluster, find(name));
  Health health{cluster.object.ref.name, cluster.mode, {}, look(cluster), clock_.now()};
  health.checks = judge_health(health.look, cluster.expected_id(), cluster.mode);
  return health;
}

namespace {

// Of a cluster that is to be managed: only what would do harm or be refused later stands in the way.
std::vector<Check> obstacles(const std::vector<Check>& checks) {
  std::vector<Check> failed;
  for (auto& check : checks) {
    bool weighs = check.name == "cluster-id" || check.name == "rights" || check.name == "version";
    if (weighs && !check.ok) failed.push_back(check);
  }
  return failed;
}

// Also when it is managed already: that this database counts is then all that is new.
events::Event mode_changed(const identity::Actor& actor, const ModeChange& change, Mode before, Mode after) {
  events::Event event;
  event.actor = actor.subject;
  event.verb = before == after ? "cluster.vouched" : "cluster.mode-changed";
  event.object = Ref{"cluster", "", change.cluster};
  event.before = Value::Map{{"mode", std::string(mode_name(before))}};
  event.after = Value::Map{{"mode", std::string(mode_name(after))}};
  event.reason = change.reason;
  event.request_id = change.request_id.empty() ? actor.request_id : change.request_id;
  return event;
}

Result<> check_alone(pg::Tx& tx, const std::string& name, const std::string& cluster_id) {
  auto managed = store::others_with_id(tx, name, cluster_id, Mode::manage);
  if (managed.empty()) return {};
  return fail(errors::managed_already(name, managed.front(), cluster_id));
}

}  // namespace

// What the cluster remembers is asked before it is overwritten: a restore that nobody has noticed yet holds what was
// under way, and only then does the database count. Returns the id of the cluster that answers.
Result<std::string> Clusters::vouch(const store::Cluster& cluster) {
  auto& name = cluster.object.ref.name;
  EDA_ASSIGN(auto facts, look(cluster));
  // Without spec.clusterId the cluster that answers now is the one that is meant from here on, unless it is managed.
  auto meant =
      cluster.mode == Mode::manage ? cluster.expected_id() : plans::wished_text(cluster.object.wish, "spec.clusterId");
  auto failed = obstacles(judge_health(facts, meant, Mode::manage));
  if (!failed.empty()) return fail(errors::unfit(name, failed));
  EDA_TRY(pool_.transact([&](pg::Tx& tx) { return check_alone(tx, name, facts.cluster_id); }));
  EDA_ASSIGN(auto admin, connections_.to(name, cluster.object.wish));
  auto held = witness_.check(name, *admin, Deadline::in(vouch_limit));
  if (!held && held.error().reason != "DATABASE_RESTORED") return fail(held.error());
  EDA_TRY(witness_.vouch(name, *admin, Deadline::in(vouch_limit)));
  return facts.cluster_id;
}

Result<Mode> Clusters::set_mode(const identity::Actor& actor, ModeChange change) {
  EDA_ASSIGN(Mode wanted, parse_mode(change.mode));
  if (!change.request_id.empty()) EDA_TRY(events::check_request_id(change.request_id));
  EDA_ASSIGN(auto cluster, find(change.cluster));
  change.cluster = cluster.object.ref.name;
  std::string cluster_id;
  if (wanted == Mode::manage) {
    EDA_ASSIGN(cluster_id, vouch(cluster));
  }
  auto body = fmt::format("cluster.mode {} {}", change.cluster, change.mode);
  return pool_.transact([&](pg::Tx& tx) -> Result<Mode> {
    if (!change.request_id.empty()) {
      EDA_ASSIGN(auto known, events::recall(tx, actor.subject, change.request_id, body));
      if (known) return parse_mode(known->result);
    }
    store::hold_modes(tx);
    auto now = store::find(tx, change.cluster, plans::store::Lock::update);
    if (!now) return fail(errors::unknown(change.cluster));
    if (now->object.generation != cluster.object.generation) {
      return fail(plans::errors::plan_stale(fmt::format("cluster/{} was changed meanwhile", change.cluster)));
    }
    if (wanted == Mode::manage) {
      EDA_TRY(check_alone(tx, change.cluster, cluster_id));
      store::set_conditions(tx, now->object, without_database_fault(now->object.conditions));
      store::pin(tx, now->object.id, cluster_id);
    }
    if (now->mode != wanted) store::set_mode(tx, now->object.id, wanted);
    if (now->mode != wanted || wanted == Mode::manage) {
      events::append(tx, {mode_changed(actor, change, now->mode, wanted)});
    }
    if (!change.request_id.empty()) events::keep_outcome(tx, {change.request_id, actor.subject, body, change.mode});
    return wanted;
  });
}

}  // namespace eda::clusters
