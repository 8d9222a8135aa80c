// Planning: what a caller says in, a stored plan out.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>

#include "events/store.h"
#include "plans/actions.h"
#include "plans/drafts.h"
#include "platform/core/limits.h"
#include "platform/text/distance.h"
#include "platform/text/unicode.h"

namespace eda::plans {

namespace {

constexpr std::chrono::seconds look_limit{20};
constexpr std::chrono::days longest_overlay{30};

// Drafts of one kind, for the calls that a kind gets all at once.
std::vector<Draft*> of_kind(std::vector<Draft>& drafts, const KindRules& rules) {
  std::vector<Draft*> some;
  for (auto& draft : drafts) {
    if (draft.rules == &rules) some.push_back(&draft);
  }
  return some;
}

std::string set_name_fault(const std::string& name) {
  if (name.find('/') != std::string::npos) return "a slash stands in it";
  if (text::printable(name) != name) return "an invisible character stands in it";
  return name.size() > limits::key_bytes ? fmt::format("it is longer than {} bytes", limits::key_bytes) : std::string();
}

Result<> check(const PlanInput& input) {
  auto count = input.documents.size() + input.deletions.size() + input.rewrites.size();
  if (count > limits::manifest_documents) return fail(errors::too_many_documents(count));
  if (!input.request_id.empty()) EDA_TRY(events::check_request_id(input.request_id));
  if (auto fault = set_name_fault(input.set.name); !fault.empty()) return fail(errors::set_name(input.set.name, fault));
  if (input.reason.size() > limits::text_bytes) return fail(errors::too_long("reason"));
  if (input.source.size() > limits::text_bytes) return fail(errors::too_long("source"));
  if (input.unnamed == PlanInput::Unnamed::keep) return {};
  if (input.set.name.empty()) return fail(errors::prune_needs_set("the name of a set"));
  if (input.documents.empty() || input.until) return fail(errors::prune_needs_set("the manifests of the set"));
  return {};
}

struct Named {
  Ref ref;
  Position at;
};

std::vector<Violation> duplicates(const std::vector<Named>& named) {
  std::map<Ref, Position> first;
  std::vector<Violation> violations;
  for (auto& one : named) {
    auto [other, fresh] = first.emplace(one.ref, one.at);
    if (fresh) continue;
    auto where = other->second.known() ? " at " + other->second.text() : "";
    violations.push_back(Violation{"metadata.name", "named twice in one call, first" + where, one.at,
                                   "merge the two documents", one.ref.text()});
  }
  return violations;
}

std::optional<Object> take(std::map<Ref, Object>& stored, const Ref& ref) {
  auto node = stored.extract(ref);
  return node ? std::optional(std::move(node.mapped())) : std::nullopt;
}

constexpr const char* team_path = "metadata.team";

// The teams that the input names.
std::vector<std::string> teams_said(const PlanInput& input) {
  std::set<std::string> teams;
  auto take = [&](const auto& fields) {
    auto said = fields.find(team_path);
    if (said == fields.end() || !said->second.value || !said->second.value->as_text()) return;
    teams.insert(*said->second.value->as_text());
  };
  for (auto& document : input.documents) take(document.fields);
  for (auto& rewrite : input.rewrites) take(rewrite.after);
  return {teams.begin(), teams.end()};
}

// Puts the name of now where the fields say one that a team had, and notes it.
template <class Fields>
void say_team_of_now(Fields& fields, std::vector<std::string>& notes, const std::map<std::string, std::string>& now) {
  auto said = fields.find(team_path);
  if (said == fields.end() || !said->second.value || !said->second.value->as_text()) return;
  auto known = now.find(*said->second.value->as_text());
  if (known == now.end()) return;
  said->second.value = Value(known->second);
  notes.push_back(
      fmt::format("team/{} is called team/{} now: write team: {}", known->first, known->second, known->second));
}

std::string applied_text(const store::Applied& applied) {
  auto from = applied.source.empty() ? std::string() : " from " + applied.source;
  return fmt::format("by {}{}, {}", applied.actor, from, to_rfc3339(applied.at));
}

// What neither writes nor stands in the way: it needs no judging, and is only listed.
std::vector<Draft> split_off_idle(std::vector<Draft>& drafts) {
  auto rest = std::stable_partition(drafts.begin(), drafts.end(), [](const Draft& draft) {
    return writes(draft) || draft.refusal || !draft.violations.empty();
  });
  std::vector<Draft> idle(std::make_move_iterator(rest), std::make_move_iterator(drafts.end()));
  drafts.erase(rest, drafts.end());
  return idle;
}

}  // namespace

Engine::Engine(pg::Pool& pool, const Kinds& kinds, std::vector<KindRows*> rows, Authority& authority,
               std::function<void()> wake, std::vector<Audience*> audiences, std::vector<Rule*> rules)
    : pool_(pool),
      kinds_(kinds),
      rows_(std::move(rows)),
      authority_(authority),
      wake_(std::move(wake)),
      audiences_(std::move(audiences)),
      rules_(std::move(rules)) {}

// The same request, asked before: its plan as it was given.
Result<std::optional<PlanOutput>> Engine::recall_plan(pg::Tx& tx, const identity::Actor& actor,
                                                      const PlanInput& input) {
  if (input.request_id.empty()) return std::nullopt;
  EDA_ASSIGN(auto known, events::recall(tx, actor.subject, input.request_id, input.body_hash));
  if (!known) return std::nullopt;
  auto summary = store::find(tx, known->result);
  if (!summary) return fail(errors::plan_unknown(known->result));
  auto drafts = store::list_drafts(tx, kinds_, summary->id, PageRequest{max_page_size, ""});
  return PlanOutput{std::move(*summary), std::move(drafts.rows), std::move(drafts.next_token)};
}

// The cluster of documents and references that name none: the caller's, else the only one there is.
Result<> Engine::resolve_cluster(pg::Tx& tx, PlanInput& input) {
  auto needs = [&](const std::string& kind, const std::string& cluster) {
    auto* rules = kinds_.find(kind);
    return rules && rules->scope == Scope::cluster && cluster.empty();
  };
  std::vector<std::string*> open;
  for (auto& document : input.documents) {
    if (needs(document.kind, document.cluster)) open.push_back(&document.cluster);
  }
  for (auto& ref : input.deletions) {
    if (needs(ref.kind, ref.cluster)) open.push_back(&ref.cluster);
  }
  for (auto& rewrite : input.rewrites) {
    if (needs(rewrite.ref.kind, rewrite.ref.cluster)) open.push_back(&rewrite.ref.cluster);
  }
  bool prunes = input.unnamed == PlanInput::Unnamed::prune;
  if (open.empty() && !prunes) return {};
  if (input.cluster.empty()) {
    auto known = store::names(tx, "cluster", "");
    if (known.size() > 1 || (known.empty() && !open.empty())) return fail(errors::cluster_needed(known));
    if (!known.empty()) input.cluster = known.front();
  }
  for (auto* cluster : open) *cluster = input.cluster;
  return {};
}

Result<> Engine::resolve(pg::Tx& tx, const identity::Actor& actor, PlanInput& input) {
  EDA_TRY(resolve_cluster(tx, input));
  if (auto now = authority_.names_now(tx, teams_said(input)); !now.empty()) {
    for (auto& document : input.documents) say_team_of_now(document.fields, document.notes, now);
    for (auto& rewrite : input.rewrites) say_team_of_now(rewrite.after, rewrite.notes, now);
  }
  if (input.set.name.empty()) input.set.team.clear();
  if (!input.set.name.empty()) {
    EDA_ASSIGN(input.set.team, authority_.set_team(tx, actor, input.set.team));
  }
  bool prunes = input.unnamed == PlanInput::Unnamed::prune;
  if (prunes && input.set.team.empty()) return fail(errors::prune_needs_set("the team whose set it is"));
  if (!input.until) return {};
  auto now = store::now(tx);
  if (*input.until <= now || *input.until > now + longest_overlay) return fail(errors::until_out_of_range());
  return {};
}

// Documents, deletions and rewrites to drafts: fields checked, the stored objects loaded, wishes merged and compared.
Result<> Engine::prepare(pg::Tx& tx, const identity::Actor& actor, const PlanInput& input, std::vector<Draft>& drafts) {
  std::vector<Violation> violations;
  std::vector<Named> named;
  std::vector<const KindRules*> kinds;
  for (auto& document : input.documents) {
    auto* rules = kinds_.find(document.kind);
    if (!rules) {
      violations.push_back(Violation{"kind", fmt::format("there is no kind \"{}\"", document.kind), document.at,
                                     text::did_you_mean(document.kind, kinds_.words()), ""});
      continue;
    }
    auto faults = check_document(*rules, document);
    violations.insert(violations.end(), faults.begin(), faults.end());
    kinds.push_back(rules);
    named.push_back({Ref{rules->singular(), document.cluster, document.name}, document.at});
  }
  for (auto& ref : input.deletions) named.push_back({ref, {}});
  for (auto& rewrite : input.rewrites) named.push_back({rewrite.ref, {}});
  auto twice = duplicates(named);
  violations.insert(violations.end(), twice.begin(), twice.end());
  if (!violations.empty()) return fail(errors::document_invalid(std::move(violations)));

  std::vector<Ref> refs;
  for (auto& one : named) refs.push_back(one.ref);
  auto stored = store::load(tx, refs);
  drafts.reserve(refs.size());
  auto manager = input.set.manager();
  OverlayField terms{std::nullopt, input.until.value_or(Instant{}), actor.subject, input.reason};
  for (std::size_t i = 0; i < input.documents.size(); ++i) {
    auto before = take(stored, refs[i]);
    drafts.push_back(input.until ? said_for_a_while(*kinds[i], input.documents[i], std::move(before), terms)
                                 : said(*kinds[i], input.documents[i], std::move(before), manager, input.conflicts));
    if (input.intent != PlanInput::Intent::adopt || drafts.back().action != Action::create) continue;
    drafts.back().action = Action::adopt;
    drafts.back().raise(Risk::high, "what exists already gets an owner");
  }
  EDA_TRY(prepare_rest(tx, input, stored, drafts));
  if (input.unnamed == PlanInput::Unnamed::prune) prune(tx, input, refs, drafts);
  tell_conflicts(tx, input, drafts);
  return {};
}

Result<> Engine::prepare_rest(pg::Tx& tx, const PlanInput& input, std::map<Ref, Object>& stored,
                              std::vector<Draft>& drafts) {
  for (auto& ref : input.deletions) {
    auto before = take(stored, ref);
    if (!before) return fail(store::unknown(tx, ref));
    drafts.push_back(removal(*kinds_.find(ref.kind), std::move(*before)));
  }
  for (auto& wish : input.rewrites) {
    auto before = take(stored, wish.ref);
    if (!before) return fail(store::unknown(tx, wish.ref));
    drafts.push_back(rewrite(*kinds_.find(wish.ref.kind), std::move(*before), wish.after, wish.notes));
    if (wish.becomes) become(drafts.back(), *wish.becomes);
  }
  return {};
}

// What the set managed before on this cluster, and among what belongs to none.
void Engine::prune(pg::Tx& tx, const PlanInput& input, const std::vector<Ref>& named, std::vector<Draft>& drafts) {
  auto manager = input.set.manager();
  std::set<std::string> clusters{"", input.cluster};
  for (auto& object : store::managed_by(tx, manager, {clusters.begin(), clusters.end()}, named)) {
    if (auto* rules = kinds_.find(object.ref.kind)) drafts.push_back(unnamed(*rules, std::move(object), manager));
  }
}

void Engine::tell_conflicts(pg::Tx& tx, const PlanInput& input, std::vector<Draft>& drafts) {
  std::map<std::string, std::set<std::string>> managers;
  for (auto& draft : drafts) {
    for (auto& conflict : draft.conflicts) managers[draft.ref.cluster].insert(conflict.manager);
  }
  std::map<std::string, std::map<std::string, std::string>> applied;
  for (auto& [cluster, names] : managers) {
    for (auto& [manager, when] : store::applied_sets(tx, cluster, {names.begin(), names.end()})) {
      applied[cluster].emplace(manager, applied_text(when));
    }
  }
  for (auto& draft : drafts) {
    if (!draft.conflicts.empty()) plans::tell_conflicts(draft, input.set, input.conflicts, applied[draft.ref.cluster]);
  }
}

Result<> Engine::observe(std::vector<Draft>& drafts, KindRows::Look look) {
  for (auto* rows : rows_) {
    auto some = of_kind(drafts, rows->rules());
    if (!some.empty()) EDA_TRY(rows->observe(some, look, Deadline::in(look_limit)));
  }
  return {};
}

// Who may do it, and whose it is.
Result<> Engine::ask_authority(pg::Tx& tx, const identity::Actor& actor, std::vector<Draft>& drafts) {
  std::vector<Draft*> asked, handed;
  for (auto& draft : drafts) {
    if (!writes(draft)) continue;
    asked.push_back(&draft);
    if (draft.action == Action::unchanged) handed.push_back(&draft);
  }
  // Who manages a field is decided by those who may change it; to others it stays as it was.
  for (auto* draft : handed) draft->action = Action::change;
  EDA_TRY(authority_.judge(tx, actor, asked));
  for (auto* draft : handed) {
    draft->action = Action::unchanged;
    if (!draft->refusal || draft->refusal->code != Code::denied) continue;
    draft->refusal.reset();
    draft->after = draft->before->wish;
    draft->hands_over = false;
  }
  return {};
}

// What the plan does to other objects, and who hears of it.
Result<> Engine::look_around(pg::Tx& tx, std::vector<Draft>& drafts) {
  std::vector<Draft*> written;
  for (auto& draft : drafts) {
    if (writes(draft)) written.push_back(&draft);
  }
  for (auto* rule : rules_) rule->judge(tx, written);
  for (auto* audience : audiences_) EDA_TRY(audience->affected(tx, written));
  for (auto* draft : written) {
    auto& teams = draft->affected;
    std::sort(teams.begin(), teams.end());
    teams.erase(std::unique(teams.begin(), teams.end()), teams.end());
    std::erase_if(teams, [&](const std::string& team) { return team.empty() || team == draft->owner; });
  }
  return {};
}

// What needs rows beyond the objects themselves: references, the kinds' own tables, owners.
Result<> Engine::judge(pg::Tx& tx, const identity::Actor& actor, PlanInput::Intent intent, std::vector<Draft>& drafts,
                       std::vector<Draft>& idle) {
  EDA_TRY(check_references(tx, drafts, idle));
  for (auto* rows : rows_) {
    auto some = of_kind(drafts, rows->rules());
    if (some.empty()) continue;
    EDA_TRY(rows->plan(tx, some));
    EDA_TRY(rows->may(tx, actor, some));
  }
  EDA_TRY(ask_authority(tx, actor, drafts));
  EDA_TRY(look_around(tx, drafts));
  if (auto refusal = refusal_of(drafts)) return fail(*refusal);
  if (intent == PlanInput::Intent::look) return {};
  for (auto& draft : drafts) {
    if (draft.apply_refusal) return fail(*draft.apply_refusal);
  }
  return {};
}

// Who may not hears it before the world is asked: the look at a cluster that a manifest names takes our credentials
// there.
Result<> Engine::deny(pg::Tx& tx, const identity::Actor& actor, const std::vector<Draft>& drafts) {
  std::vector<Draft> some;
  for (auto& draft : drafts) {
    if (!writes(draft) && draft.conflicts.empty()) continue;
    some.push_back(draft);
    // Who may not change it at all need not hear who manages it.
    if (!writes(draft)) some.back().action = Action::change;
  }
  EDA_TRY(ask_authority(tx, actor, some));
  bool denied = std::any_of(some.begin(), some.end(),
                            [](const Draft& draft) { return draft.refusal && draft.refusal->code == Code::denied; });
  if (denied) return fail(*refusal_of(some));
  return {};
}

// Judges a copy, for the transaction may run again.
Result<PlanOutput> Engine::decide(pg::Tx& tx, const identity::Actor& actor, const PlanInput& input,
                                  std::vector<Draft> drafts, std::vector<Draft>& idle) {
  EDA_TRY(judge(tx, actor, input.intent, drafts, idle));
  order(drafts);
  PlanOutput output;
  auto& summary = output.summary;
  summary.actor = actor.subject;
  summary.set = input.set;
  summary.cluster = input.cluster;
  summary.source = input.source;
  summary.reason = input.reason;
  summary.rules = rules_of(drafts);
  count(summary, drafts);
  count(summary, idle);
  summary = store::keep(tx, std::move(summary), drafts, idle);
  if (!input.request_id.empty()) {
    events::keep_outcome(tx, {input.request_id, actor.subject, input.body_hash, summary.id});
  }
  output.drafts = std::move(drafts);
  return output;
}

Result<PlanOutput> Engine::plan(const identity::Actor& actor, PlanInput input) {
  EDA_TRY(check(input));
  std::vector<Draft> drafts;
  std::optional<PlanOutput> known;
  EDA_TRY(pool_.transact([&](pg::Tx& tx) -> Result<> {
    drafts.clear();
    EDA_ASSIGN(known, recall_plan(tx, actor, input));
    if (known) return {};
    EDA_TRY(resolve(tx, actor, input));
    EDA_TRY(prepare(tx, actor, input, drafts));
    return deny(tx, actor, drafts);
  }));
  if (known) return std::move(*known);
  // The drafts have it all; of 10,000 documents both would be held until the end.
  input.documents = {};
  input.rewrites = {};
  EDA_TRY(observe(drafts, KindRows::Look::first));
  auto idle = split_off_idle(drafts);
  order(idle);
  auto output = pool_.transact([&](pg::Tx& tx) -> Result<PlanOutput> {
    // The same request may have come twice at once.
    EDA_ASSIGN(known, recall_plan(tx, actor, input));
    if (known) return PlanOutput{};
    return decide(tx, actor, input, drafts, idle);
  });
  if (known || !output) return known ? Result<PlanOutput>(std::move(*known)) : std::move(output);
  auto total = output->drafts.size() + idle.size();
  if (total > max_page_size) output->next_token = std::to_string(max_page_size);
  auto shown = std::min<std::size_t>(total, max_page_size);
  if (output->drafts.size() > shown) output->drafts.resize(shown);
  auto rest = idle.begin() + static_cast<std::ptrdiff_t>(shown - output->drafts.size());
  output->drafts.insert(output->drafts.end(), std::make_move_iterator(idle.begin()), std::make_move_iterator(rest));
  return output;
}

}  // namespace eda::plans
