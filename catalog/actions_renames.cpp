#include "catalog/actions_renames.h"

#include <fmt/format.h>

#include "catalog/store.h"
#include "catalog/store_renames.h"
#include "events/store.h"
#include "plans/store.h"
#include "platform/text/unicode.h"

namespace eda::catalog {

using plans::Becomes;
using plans::Draft;

namespace {

constexpr int most_owned = 20;

Ref team_ref(const std::string& name) {
  return Ref{"team", "", name};
}

Result<plans::Object> load_team(pg::Tx& tx, const std::string& name) {
  auto found = plans::store::load(tx, {team_ref(name)});
  if (!found.empty()) return std::move(found.begin()->second);
  auto now = store::names_now(tx, {name});
  if (now.empty()) return fail(plans::store::unknown(tx, team_ref(name)));
  return fail(errors::team_name_reserved(name, now.begin()->second));
}

std::optional<Error> refuse_name(pg::Tx& tx, const Draft& draft, const std::string& name) {
  if (auto fault = text::name_fault(name)) return errors::team_name_invalid(name, *fault);
  if (store::teams(tx, {name}).contains(name)) return errors::team_name_taken(name);
  auto now = store::names_now(tx, {name});
  bool once_its_own = !now.empty() && now.begin()->second == draft.ref.name;
  if (!now.empty() && !once_its_own) return errors::team_name_reserved(name, now.begin()->second);
  return std::nullopt;
}

std::optional<Error> refuse_heir(pg::Tx& tx, const Draft& draft, const std::string& name) {
  if (name == draft.ref.name) return errors::merges_into_itself(name);
  if (auto heir = load_team(tx, name); !heir) return heir.error();
  return std::nullopt;
}

plans::PlanInput input_of(const RenameWish& wish, std::string_view verb) {
  plans::PlanInput input;
  input.request_id = wish.request_id;
  input.reason = wish.reason;
  input.body_hash = fmt::format("{} {} {}", verb, wish.team, wish.to);
  input.intent = plans::PlanInput::Intent::apply;
  return input;
}

}  // namespace

Result<plans::PlanOutput> Renames::plan_rename(const identity::Actor& actor, const RenameWish& wish) {
  auto input = input_of(wish, "team.rename");
  EDA_TRY(pool_.transact([&](pg::Tx& tx) -> Result<> {
    EDA_ASSIGN(auto team, load_team(tx, wish.team));
    auto has = store::belongings_of(tx, team.id, wish.team, most_owned);
    input.rewrites = {{team.ref, with_sets_renamed(team.wish, wish.team, wish.to),
                       rename_notes(has, wish.team, wish.to), Becomes{Becomes::How::renamed, wish.to}}};
    return {};
  }));
  return engine_.plan(actor, std::move(input));
}

Result<plans::PlanOutput> Renames::plan_merge(const identity::Actor& actor, const RenameWish& wish) {
  auto input = input_of(wish, "team.merge");
  EDA_TRY(pool_.transact([&](pg::Tx& tx) -> Result<> {
    EDA_ASSIGN(auto team, load_team(tx, wish.team));
    EDA_ASSIGN(auto heir, load_team(tx, wish.to));
    if (team.id == heir.id) return fail(errors::merges_into_itself(wish.team));
    auto joined = join_members(heir.wish, team.wish);
    auto notes = merge_notes(store::belongings_of(tx, team.id, wish.team, most_owned), joined,
                             store::edges_between(tx, team.id, heir.id), wish.team, wish.to);
    input.rewrites = {{team.ref, team.wish, std::move(notes), Becomes{Becomes::How::merged, wish.to}}};
    if (!joined.came.empty()) input.rewrites.push_back({heir.ref, std::move(joined.after), {}, {}});
    return {};
  }));
  return engine_.plan(actor, std::move(input));
}

void judge_renames(pg::Tx& tx, const std::vector<Draft*>& drafts) {
  for (auto* draft : drafts) {
    if (draft->action == plans::Action::create) {
      auto now = store::names_now(tx, {draft->ref.name});
      if (!now.empty()) draft->refusal = errors::team_name_reserved(draft->ref.name, now.begin()->second);
    }
    if (!draft->becomes) continue;
    bool merged = draft->becomes->how == Becomes::How::merged;
    auto refusal = (merged ? refuse_heir : refuse_name)(tx, *draft, draft->becomes->name);
    auto busy = store::unfinished_of(tx, draft->ref.name);
    if (!refusal && !busy.empty()) refusal = errors::team_is_busy(draft->ref.name, busy);
    if (refusal) draft->refusal = std::move(refusal);
  }
}

void write_renames(pg::Tx& tx, const std::vector<plans::Written>& written) {
  std::vector<events::Event> trail;
  for (auto& one : written) {
    auto& becomes = one.draft->becomes;
    if (!becomes) continue;
    store::TeamChange change{one.id, one.draft->ref.name, becomes->name};
    plans::store::Stamp stamp{std::string(one.actor), std::string(one.reason), std::string(one.plan_id), ""};
    auto carried = becomes->how == Becomes::How::renamed
                       ? store::rename_team(tx, change, stamp)
                       : store::merge_team(tx, change, load_team(tx, becomes->name)->id, stamp);
    for (auto& object : carried) {
      events::Event event;
      event.actor = stamp.actor;
      event.verb = object.object.kind + ".changed";
      event.object = object.object;
      event.team = object.owner;
      event.before = Value::Map{{"metadata.team", change.from}};
      event.after = Value::Map{{"metadata.team", change.to}};
      event.reason = stamp.reason;
      event.plan_id = stamp.plan_id;
      trail.push_back(std::move(event));
    }
  }
  events::append(tx, trail);
}

}  // namespace eda::catalog
