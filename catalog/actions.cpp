#include "catalog/actions.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/actions_renames.h"
#include "catalog/actions_tags.h"
#include "catalog/store_renames.h"
#include "catalog/store_search.h"
#include "catalog/store_services.h"
#include "plans/store.h"
#include "platform/text/distance.h"

namespace eda::catalog {

using plans::Action;
using plans::Draft;

namespace {

std::map<std::string, std::string> members(const plans::Wish& wish) {
  std::map<std::string, std::string> roles;
  for (auto& [user, role] : plans::wished_map(wish, "spec.members")) {
    if (role.as_text()) roles.emplace(user, *role.as_text());
  }
  return roles;
}

}  // namespace

Result<> TeamRows::plan(pg::Tx& tx, const std::vector<Draft*>& drafts) {
  judge_renames(tx, drafts);
  for (auto* draft : drafts) {
    if (draft->action == Action::remove) {
      auto owned = store::owned_by(tx, draft->before->id, 10);
      if (owned.total > 0) draft->refusal = errors::team_owns(draft->ref.name, owned.some, owned.total);
      continue;
    }
    std::vector<std::string> named;
    for (auto& change : draft->fields) {
      auto path = plans::split_path(change.path);
      if (path.field == "spec.members" && change.to) named.push_back(path.key);
    }
    if (named.empty()) continue;
    for (auto& user : store::unknown_users(tx, named)) {
      draft->notes.push_back(fmt::format("user/{} does not exist yet: edactl user create {}", user, user));
    }
  }
  return {};
}

Result<> TeamRows::write(pg::Tx& tx, const std::vector<plans::Written>& written) {
  std::vector<store::TeamRow> teams;
  for (auto& one : written) {
    if (one.draft->action == Action::remove) continue;
    teams.push_back({one.id, contact_of(one.draft->after), members(one.draft->after)});
  }
  store::write_teams(tx, teams);
  write_renames(tx, written);
  return {};
}

std::string team_now(pg::Tx& tx, const std::string& name) {
  auto now = store::names_now(tx, {name});
  return now.empty() ? name : now.begin()->second;
}

Standing standing_of(pg::Tx& tx, const identity::Actor& actor) {
  Standing standing;
  standing.admin = actor.is_admin();
  if (actor.kind == identity::SubjectKind::user) standing.roles = store::roles_of(tx, actor.name);
  if (actor.kind == identity::SubjectKind::ci) {
    standing.who = Standing::Who::pipeline;
    standing.roles.emplace(actor.team, TeamRole::member);
    if (actor.may(identity::Scope::remove)) standing.deletes = actor.team;
  }
  return standing;
}

namespace {

std::string team_wished(const Draft& draft) {
  return plans::wished_text(draft.after, "metadata.team");
}

// Teams that the drafts name and that are made by the same plan have no row yet.
std::map<std::string, Owner> teams_named(pg::Tx& tx, const std::vector<Draft*>& drafts) {
  std::vector<std::string> names;
  for (auto* draft : drafts) {
    names.push_back(draft->ref.kind == "team" ? draft->ref.name : team_wished(*draft));
  }
  auto known = store::teams(tx, names);
  for (auto* draft : drafts) {
    if (draft->ref.kind == "team" && draft->action == Action::create) {
      known.emplace(draft->ref.name, Owner{draft->ref.name, contact_of(draft->after)});
    }
  }
  return known;
}

Owner owner_in(const std::map<std::string, Owner>& teams, const std::string& name) {
  auto found = teams.find(name);
  return found == teams.end() ? Owner{name, ""} : found->second;
}

}  // namespace

namespace {

// The services whose everything the drafts are, with the teams that they belong to once the drafts are applied.
std::map<std::string, Owner> services_after(pg::Tx& tx, const std::vector<Draft*>& drafts,
                                            const std::map<std::string, Owner>& teams) {
  std::vector<std::string> names;
  for (auto* draft : drafts) {
    if (auto service = owning_service(*draft->rules, draft->after); !service.empty()) names.push_back(service);
  }
  auto after = store::service_owners(tx, names);
  for (auto* draft : drafts) {
    if (draft->ref.kind != "service" || draft->action == Action::remove) continue;
    auto owner = owner_in(teams, team_wished(*draft));
    owner.service = draft->ref.name;
    after.insert_or_assign(draft->ref.name, owner);
  }
  return after;
}

// Whose the draft's object is once it is applied. What the manifest says of the team is checked against it.
Owner owner_after(Draft& draft, const std::map<std::string, Owner>& teams,
                  const std::map<std::string, Owner>& services) {
  auto said = draft.ref.kind == "team" ? draft.ref.name : team_wished(draft);
  auto service = owning_service(*draft.rules, draft.after);
  if (service.empty()) return owner_in(teams, said);
  auto found = services.find(service);
  if (found == services.end()) return Owner{said, "", service};
  if (!said.empty() && said != found->second.team) {
    draft.violate("metadata.team",
                  fmt::format("{} is service/{}'s, which is team/{}'s", draft.ref.text(), service, found->second.team),
                  fmt::format("write team: {}, or leave the line out", found->second.team));
  }
  return found->second;
}

void judge_team(Draft& draft, const Owner& next) {
  if (draft.action == Action::remove) return;
  bool by_service = !owning_service(*draft.rules, draft.after).empty();
  if (draft.rules->owned && next.team.empty() && !by_service) {
    draft.violate("metadata.team", fmt::format("a {} belongs to a team", draft.rules->kind),
                  "name it: metadata: {team: NAME}");
  } else if (!draft.rules->owned && !team_wished(draft).empty()) {
    draft.violate("metadata.team", fmt::format("a {} belongs to no team", draft.rules->kind), "leave it out");
  }
}

// A service that goes to another team takes its streams along: none may go on saying the old one.
void judge_move(pg::Tx& tx, Draft& service, const std::string& to, const std::vector<Draft*>& drafts) {
  std::vector<std::string> behind;
  for (auto& product : store::products_of(tx, {service.before->id})) {
    bool moves = std::any_of(drafts.begin(), drafts.end(), [&](auto* draft) { return draft->ref == product.stream; });
    if (product.says_team && !moves) behind.push_back(product.stream.text());
  }
  if (!behind.empty() && !service.refusal) service.refusal = errors::moves_whole(service.ref.name, to, behind);
}

}  // namespace

Result<> OwnerBook::judge(pg::Tx& tx, const identity::Actor& actor, const std::vector<Draft*>& drafts) {
  if (drafts.empty()) return {};
  auto standing = standing_of(tx, actor);
  auto teams = teams_named(tx, drafts);
  auto services = services_after(tx, drafts, teams);
  std::vector<std::int64_t> ids;
  for (auto* draft : drafts) {
    if (draft->before) ids.push_back(draft->before->id);
  }
  auto owners = store::owners_of(tx, ids);
  for (auto* draft : drafts) {
    Owner next = owner_after(*draft, teams, services);
    Owner now = draft->ref.kind == "team" ? next : Owner{};
    if (draft->before && owners.contains(draft->before->id)) now = owners.at(draft->before->id);
    draft->owner = draft->action == Action::remove ? now.team : next.team;
    judge_team(*draft, next);
    bool moves = draft->action == Action::change && !now.team.empty() && now.team != next.team;
    if (moves && draft->ref.kind == "service") judge_move(tx, *draft, next.team, drafts);
    if (moves && team_wished(*draft).empty()) {
      draft->raise(plans::Risk::high, fmt::format("it passes from team/{} to team/{}", now.team, next.team));
    }
    // Who may not do it at all hears that, whatever else stands against it.
    if (auto refusal = refuse(*draft, standing, now, next)) draft->refusal = refusal;
  }
  judge_tags(tx, standing, drafts);
  return {};
}

Result<> OwnerBook::write(pg::Tx& tx, const std::vector<plans::Written>& written) {
  std::vector<store::OwnerRow> rows;
  for (auto& one : written) {
    if (one.draft->action == Action::remove || !one.draft->rules->owned) continue;
    rows.push_back({one.id, team_wished(*one.draft), owning_service(*one.draft->rules, one.draft->after)});
  }
  // Services first: the rows of what they own name them.
  std::stable_partition(rows.begin(), rows.end(), [](auto& row) { return row.service.empty(); });
  store::write_owners(tx, rows);
  return {};
}

Result<std::string> OwnerBook::set_team(pg::Tx& tx, const identity::Actor& actor, const std::string& wished) {
  auto standing = standing_of(tx, actor);
  if (wished.empty()) return standing.roles.size() == 1 ? standing.roles.begin()->first : std::string();
  auto team = team_now(tx, wished);
  if (standing.admin || standing.in(team) != TeamRole::none) return team;
  return fail(errors::set_of_others(store::team(tx, team)));
}

std::map<std::string, std::string> OwnerBook::names_now(pg::Tx& tx, const std::vector<std::string>& teams) {
  return store::names_now(tx, teams);
}

plans::Sight OwnerBook::sight(pg::Tx& tx, const identity::Actor& actor) {
  plans::Sight sight;
  if (actor.has(identity::Role::operator_) || actor.has(identity::Role::auditor))
    sight.reach = plans::Sight::Reach::all;
  for (auto& [team, role] : standing_of(tx, actor).roles) sight.teams.insert(team);
  return sight;
}

std::vector<std::string> OwnerBook::owners(pg::Tx& tx, const std::vector<const plans::Object*>& objects) {
  std::vector<std::int64_t> ids;
  for (auto* object : objects) ids.push_back(object->id);
  auto found = store::owners_of(tx, ids);
  std::vector<std::string> teams;
  for (auto* object : objects) {
    auto owner = found.find(object->id);
    teams.push_back(object->ref.kind == "team" ? object->ref.name : owner == found.end() ? "" : owner->second.team);
  }
  return teams;
}

Result<> OwnerBook::affected(pg::Tx& tx, const std::vector<Draft*>& drafts) {
  std::vector<const plans::Object*> objects;
  for (auto* draft : drafts) {
    if (draft->before) objects.push_back(&*draft->before);
  }
  auto teams = owners(tx, objects);
  auto team = teams.begin();
  for (auto* draft : drafts) {
    if (draft->before) draft->affected.push_back(std::move(*team++));
  }
  return {};
}

std::vector<identity::Membership> TeamBook::of(pg::Tx& tx, const std::string& user) {
  std::vector<identity::Membership> teams;
  for (auto& [team, role] : store::roles_of(tx, user)) {
    teams.push_back(identity::Membership{team, role == TeamRole::lead ? "lead" : "member"});
  }
  return teams;
}

bool TeamBook::leads(pg::Tx& tx, const identity::Actor& actor, const std::string& team) {
  return standing_of(tx, actor).in(team) == TeamRole::lead;
}

std::string TeamBook::owner_of_service(pg::Tx& tx, const std::string& service) {
  auto entry = store::find(tx, Ref{"service", "", service});
  return entry ? entry->owner.team : std::string();
}

bool TeamBook::exists(pg::Tx& tx, const std::string& team) {
  return store::teams(tx, {team}).contains(team);
}

std::string TeamBook::contact(pg::Tx& tx, const std::string& team) {
  auto found = store::teams(tx, {team});
  return found.contains(team) ? found.at(team).contact : std::string();
}

Result<std::string> Reading::kind_word(const std::string& word) {
  if (word.empty()) return word;
  if (auto* rules = kinds_.find(word)) return rules->singular();
  return fail(Code::invalid, "KIND_UNKNOWN", fmt::format("there is no kind \"{}\"", word),
              text::did_you_mean(word, kinds_.words()));
}

void Reading::veil(const Standing& standing, const identity::Actor& actor, store::Entry& entry) {
  bool sees_all = actor.has(identity::Role::operator_) || actor.has(identity::Role::auditor) ||
                  standing.in(entry.owner.team) != TeamRole::none;
  auto* rules = kinds_.find(entry.object.ref.kind);
  if (sees_all || !rules) return;
  auto hidden = [&](const std::string& path) {
    auto* row = rules->field(path);
    return row && row->confidential;
  };
  std::erase_if(entry.object.wish, [&](const auto& field) { return hidden(field.first); });
  std::erase_if(entry.object.overlay, [&](const auto& field) { return hidden(field.first); });
  std::erase_if(entry.object.drift, [&](const auto& one) { return hidden(one.field); });
  bool any_hidden = std::any_of(rules->fields.begin(), rules->fields.end(), [](auto& row) { return row.confidential; });
  if (!any_hidden) return;
  // Why a hidden field does not do may quote it.
  for (auto& condition : entry.object.conditions) {
    if (condition.status != "True") condition.message = "why is told to operators and auditors";
  }
}

Result<store::Entry> Reading::get(const identity::Actor& actor, Ref ref) {
  EDA_ASSIGN(ref.kind, kind_word(ref.kind));
  auto* rules = kinds_.find(ref.kind);
  return pool_.transact([&](pg::Tx& tx) -> Result<store::Entry> {
    auto wanted = ref;
    if (rules && rules->scope == plans::Scope::cluster && wanted.cluster.empty()) {
      auto clusters = plans::store::names(tx, "cluster", "");
      if (clusters.size() > 1) {
        return fail(Code::invalid, "CLUSTER_NEEDED",
                    fmt::format("which cluster? there are {}", fmt::join(clusters, ", ")), "give --cluster NAME");
      }
      if (!clusters.empty()) wanted.cluster = clusters.front();
    }
    if (wanted.kind == "team") wanted.name = team_now(tx, wanted.name);
    auto entry = store::find(tx, wanted);
    if (!entry) return fail(plans::store::unknown(tx, wanted));
    if (wanted.kind == "service" || wanted.kind == "stream") entry->edges = store::edges_of(tx, entry->object.id);
    veil(standing_of(tx, actor), actor, *entry);
    return *entry;
  });
}

namespace {

// Names that teams had stand for those of now.
Result<> know_teams(pg::Tx& tx, Selection& selection) {
  std::vector<std::string> named;
  for (auto* names : {&selection.teams, &selection.strangers}) {
    for (auto& name : *names) named.push_back(name = team_now(tx, name));
  }
  if (named.empty()) return {};
  auto known = store::teams(tx, named);
  for (auto& name : named) {
    if (!known.contains(name)) return fail(plans::store::unknown(tx, Ref{"team", "", name}));
  }
  return {};
}

}  // namespace

Result<Page<store::Entry>> Reading::list(const identity::Actor& actor, store::Filter filter, const PageRequest& page) {
  EDA_ASSIGN(filter.kind, kind_word(filter.kind));
  return pool_.transact([&](pg::Tx& tx) -> Result<Page<store::Entry>> {
    EDA_TRY(know_teams(tx, filter.selection));
    EDA_TRY(know_tags(tx, filter.selection));
    if (auto clusters = plans::store::names(tx, "cluster", "");
        !filter.cluster.empty() && std::find(clusters.begin(), clusters.end(), filter.cluster) == clusters.end()) {
      return fail(plans::errors::unknown_object(Ref{"cluster", "", filter.cluster},
                                                text::did_you_mean(filter.cluster, clusters)));
    }
    auto entries = store::list(tx, filter, page);
    auto standing = standing_of(tx, actor);
    for (auto& entry : entries.rows) veil(standing, actor, entry);
    return entries;
  });
}

Result<Page<store::OwnerSpan>> Reading::owners_at(store::SpanFilter filter, const PageRequest& page) {
  EDA_ASSIGN(filter.kind, kind_word(filter.kind));
  return pool_.transact([&](pg::Tx& tx) -> Result<Page<store::OwnerSpan>> {
    if (filter.at > plans::store::now(tx)) {
      return fail(Code::invalid, "AT_IN_FUTURE", "nobody knows yet who will own what then",
                  "give a time of the past, or leave it out for now");
    }
    return store::owners_at(tx, filter, page);
  });
}

Result<Page<store::Domain>> Reading::domains(const PageRequest& page) {
  return pool_.transact([&](pg::Tx& tx) -> Result<Page<store::Domain>> { return store::domains(tx, page); });
}

Result<Found> Reading::search(std::string_view query, std::vector<std::string> kinds, const Selection& selection,
                              std::uint32_t limit) {
  EDA_ASSIGN(auto text, check_query(query));
  for (auto& kind : kinds) {
    EDA_ASSIGN(kind, kind_word(kind));
  }
  if (!selection.teams.empty() || !selection.strangers.empty()) {
    return fail(Code::invalid, "SELECTOR", "a search is not narrowed by teams",
                "edactl get all --team NAME lists what a team owns");
  }
  auto hits = limit == 0 ? search_hits : std::min(limit, most_search_hits);
  return pool_.transact([&](pg::Tx& tx) -> Result<Found> {
    EDA_TRY(know_tags(tx, selection));
    return store::search(tx, text, {kinds, selection}, hits);
  });
}

}  // namespace eda::catalog
