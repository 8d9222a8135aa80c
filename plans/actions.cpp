#include "plans/actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "events/store.h"
#include "plans/manifest.h"
#include "plans/wish_json.h"
#include "platform/core/limits.h"
#include "platform/text/distance.h"

namespace eda::plans {

namespace {

constexpr std::chrono::seconds look_limit{20};

// Drafts of one kind, for the calls that a kind gets all at once.
std::vector<Draft*> of_kind(std::vector<Draft>& drafts, const KindRules& rules) {
  std::vector<Draft*> some;
  for (auto& draft : drafts) {
    if (draft.rules == &rules) some.push_back(&draft);
  }
  return some;
}

std::vector<Violation> duplicates(const std::vector<Draft>& drafts) {
  std::map<Ref, Position> first;
  std::vector<Violation> violations;
  for (auto& draft : drafts) {
    auto [other, fresh] = first.emplace(draft.ref, draft.at);
    if (!fresh) {
      auto where = other->second.known() ? " at " + other->second.text() : "";
      violations.push_back(Violation{"metadata.name", "named twice in one call, first" + where, draft.at,
                                     "merge the two documents", draft.ref.text()});
    }
  }
  return violations;
}

Error cluster_needed(const std::vector<std::string>& known) {
  if (known.empty()) {
    return Error(Code::invalid, "CLUSTER_UNKNOWN", "no cluster is registered yet",
                 "an admin registers one: edactl apply -f a Cluster manifest");
  }
  return Error(Code::invalid, "CLUSTER_NEEDED", fmt::format("which cluster? there are {}", fmt::join(known, ", ")),
               "give --cluster NAME, or metadata.cluster in the manifest");
}

}  // namespace

std::string event_verb(const Draft& draft) {
  constexpr std::string_view words[] = {"created", "changed", "adopted", "deleted", "unchanged"};
  return fmt::format("{}.{}", draft.ref.kind, words[static_cast<int>(draft.action)]);
}

Engine::Engine(pg::Pool& pool, const Kinds& kinds, std::vector<KindRows*> rows, Authority& authority,
               std::function<void()> wake, std::vector<Audience*> audiences)
    : pool_(pool),
      kinds_(kinds),
      rows_(std::move(rows)),
      authority_(authority),
      wake_(std::move(wake)),
      audiences_(std::move(audiences)) {}

// The cluster of documents and references that name none: the caller's, else the only one there is.
Result<> Engine::resolve_cluster(pg::Tx& tx, PlanInput& input) {
  auto needs = [&](const std::string& kind, const std::string& cluster) {
    auto* rules = kinds_.find(kind);
    return rules && rules->scope == Scope::cluster && cluster.empty();
  };
  bool needed = std::any_of(input.documents.begin(), input.documents.end(),
                            [&](const Document& d) { return needs(d.kind, d.cluster); }) ||
                std::any_of(input.deletions.begin(), input.deletions.end(),
                            [&](const Ref& ref) { return needs(ref.kind, ref.cluster); });
  if (!needed) return {};
  if (input.cluster.empty()) {
    auto known = store::names(tx, "cluster", "");
    if (known.size() != 1) return fail(cluster_needed(known));
    input.cluster = known.front();
  }
  for (auto& document : input.documents) {
    if (needs(document.kind, document.cluster)) document.cluster = input.cluster;
  }
  for (auto& ref : input.deletions) {
    if (needs(ref.kind, ref.cluster)) ref.cluster = input.cluster;
  }
  return {};
}

// Documents and deletions to drafts: fields checked, the stored objects loaded, wishes merged and compared.
Result<> Engine::prepare(pg::Tx& tx, const PlanInput& input, std::vector<Draft>& drafts) {
  std::vector<Violation> violations;
  std::vector<Ref> refs;
  for (auto& document : input.documents) {
    auto* rules = kinds_.find(document.kind);
    if (!rules) {
      violations.push_back(Violation{"kind", fmt::format("there is no kind \"{}\"", document.kind), document.at,
                                     text::did_you_mean(document.kind, kinds_.words()), ""});
      continue;
    }
    auto faults = check_document(*rules, document);
    violations.insert(violations.end(), faults.begin(), faults.end());
    Draft draft;
    draft.rules = rules;
    draft.ref = Ref{rules->singular(), document.cluster, document.name};
    draft.at = document.at;
    for (auto& [path, said] : document.fields) draft.positions.emplace(path, said.at);
    refs.push_back(draft.ref);
    drafts.push_back(std::move(draft));
  }
  auto twice = duplicates(drafts);
  violations.insert(violations.end(), twice.begin(), twice.end());
  if (!violations.empty()) return fail(errors::document_invalid(std::move(violations)));

  refs.insert(refs.end(), input.deletions.begin(), input.deletions.end());
  auto stored = store::load(tx, refs);
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    Draft& draft = drafts[i];
    if (auto found = stored.find(draft.ref); found != stored.end()) draft.before = found->second;
    auto merged =
        merge(draft.before ? draft.before->wish : Wish(), input.documents[i], input.set.manager(), input.conflicts);
    draft.after = std::move(merged.after);
    for (auto& path : merged.released) {
      draft.notes.push_back(
          fmt::format("{} is no longer in the manifest and keeps its value; write null to reset it", path));
    }
    settle(draft);
    if (input.intent == PlanInput::Intent::adopt && draft.action == Action::create) {
      draft.action = Action::adopt;
      draft.raise(Risk::high, "what exists already gets an owner");
    }
  }
  for (auto& ref : input.deletions) {
    auto found = stored.find(ref);
    if (found == stored.end()) {
      return fail(errors::unknown_object(ref, text::did_you_mean(ref.name, store::names(tx, ref.kind, ref.cluster))));
    }
    Draft draft;
    draft.rules = kinds_.find(ref.kind);
    draft.ref = ref;
    draft.before = found->second;
    settle_deletion(draft);
    drafts.push_back(std::move(draft));
  }
  return {};
}

Result<> Engine::observe(std::vector<Draft>& drafts, KindRows::Look look) {
  for (auto* rows : rows_) {
    auto some = of_kind(drafts, rows->rules());
    if (!some.empty()) EDA_TRY(rows->observe(some, look, Deadline::in(look_limit)));
  }
  return {};
}

// What needs rows beyond the objects themselves: references, the kinds' own tables, owners.
Result<> Engine::judge(pg::Tx& tx, const identity::Actor& actor, const PlanInput& input, std::vector<Draft>& drafts) {
  std::set<Ref> wanted, given, removed;
  for (auto& draft : drafts) {
    (draft.action == Action::remove ? removed : given).insert(draft.ref);
    if (draft.action == Action::remove) continue;
    if (!draft.ref.cluster.empty()) wanted.insert(Ref{"cluster", "", draft.ref.cluster});
    for (auto& reference : references(*draft.rules, draft.after, draft.ref.cluster)) wanted.insert(reference.to);
  }
  auto found = store::existing(tx, std::vector<Ref>(wanted.begin(), wanted.end()));
  std::set<Ref> known(found.begin(), found.end());
  auto check = [&](Draft& draft, const std::string& field, const Ref& to) {
    if (given.contains(to) || (known.contains(to) && !removed.contains(to))) return;
    auto near = removed.contains(to) ? "it is deleted by the same plan"
                                     : text::did_you_mean(to.name, store::names(tx, to.kind, to.cluster));
    draft.violate(field, fmt::format("there is no {}", to.text()), near);
  };
  for (auto& draft : drafts) {
    if (draft.action == Action::remove) continue;
    if (!draft.ref.cluster.empty()) check(draft, "metadata.cluster", Ref{"cluster", "", draft.ref.cluster});
    for (auto& reference : references(*draft.rules, draft.after, draft.ref.cluster)) {
      check(draft, reference.field, reference.to);
    }
  }
  for (auto* rows : rows_) {
    auto some = of_kind(drafts, rows->rules());
    if (!some.empty()) EDA_TRY(rows->plan(tx, some));
  }
  std::vector<Draft*> changing;
  for (auto& draft : drafts) {
    if (draft.action != Action::unchanged) changing.push_back(&draft);
  }
  EDA_TRY(authority_.judge(tx, actor, changing));
  if (auto refusal = refusal_of(drafts)) return fail(*refusal);
  if (input.intent == PlanInput::Intent::look) return {};
  for (auto& draft : drafts) {
    if (draft.apply_refusal) return fail(*draft.apply_refusal);
  }
  return {};
}

// Who may not hears it before the world is asked: the look at a cluster that a manifest names takes our credentials
// there.
Result<> Engine::deny(pg::Tx& tx, const identity::Actor& actor, std::vector<Draft> drafts) {
  std::vector<Draft*> changing;
  for (auto& draft : drafts) {
    if (draft.action != Action::unchanged) changing.push_back(&draft);
  }
  EDA_TRY(authority_.judge(tx, actor, changing));
  bool denied = std::any_of(changing.begin(), changing.end(),
                            [](const Draft* draft) { return draft->refusal && draft->refusal->code == Code::denied; });
  if (denied) return fail(*refusal_of(drafts));
  return {};
}

Result<PlanOutput> Engine::plan(const identity::Actor& actor, PlanInput input) {
  if (input.documents.size() + input.deletions.size() > limits::manifest_documents) {
    return fail(Code::invalid, "TOO_MANY_DOCUMENTS",
                fmt::format("{} documents; {} are allowed in one call", input.documents.size() + input.deletions.size(),
                            limits::manifest_documents),
                "split them");
  }
  std::vector<Draft> drafts;
  EDA_TRY(pool_.transact([&](pg::Tx& tx) -> Result<> {
    drafts.clear();
    EDA_TRY(resolve_cluster(tx, input));
    EDA_TRY(prepare(tx, input, drafts));
    return deny(tx, actor, drafts);
  }));
  EDA_TRY(observe(drafts, KindRows::Look::first));
  return pool_.transact([&](pg::Tx& tx) -> Result<PlanOutput> {
    auto judged = drafts;
    EDA_TRY(judge(tx, actor, input, judged));
    order(judged);
    PlanOutput output;
    output.summary.actor = actor.subject;
    output.summary.set = input.set;
    count(output.summary, judged);
    output.summary = store::keep(tx, std::move(output.summary), judged);
    if (judged.size() > max_page_size) {
      judged.resize(max_page_size);
      output.next_token = std::to_string(max_page_size);
    }
    output.drafts = std::move(judged);
    return output;
  });
}

namespace {

std::vector<events::Event> events_of(const identity::Actor& actor, const ApplyInput& input,
                                     const std::vector<Draft>& drafts, const std::map<Ref, Object>& stored) {
  std::vector<events::Event> trail;
  for (auto& draft : drafts) {
    events::Event event;
    event.actor = actor.subject;
    event.verb = event_verb(draft);
    event.object = draft.ref;
    event.team = draft.owner;
    if (auto found = stored.find(draft.ref); found != stored.end()) event.before = wish_value(found->second.wish);
    if (draft.action != Action::remove) event.after = wish_value(draft.after);
    event.reason = input.reason;
    event.request_id = input.request_id.empty() ? actor.request_id : input.request_id;
    event.plan_id = input.plan_id;
    trail.push_back(std::move(event));
  }
  return trail;
}

// The first thing that moved since the plan, or nothing.
std::optional<Error> moved(const std::vector<Draft>& drafts, const std::vector<Draft>& seen,
                           const std::map<Ref, Object>& stored) {
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    auto found = stored.find(drafts[i].ref);
    std::int64_t planned = drafts[i].before ? drafts[i].before->generation : 0;
    std::int64_t now = found == stored.end() ? 0 : found->second.generation;
    bool same_object = !drafts[i].before || found == stored.end() || found->second.id == drafts[i].before->id;
    if (planned != now || !same_object) {
      auto what = planned == 0 ? "was created meanwhile" : now == 0 ? "was deleted meanwhile" : "was changed meanwhile";
      auto who = now == 0 ? std::string() : fmt::format(" by {}", found->second.updated_by);
      return errors::plan_stale(fmt::format("{} {}{}", drafts[i].ref.text(), what, who));
    }
    if (!drafts[i].fingerprint.empty() && !seen[i].fingerprint.empty() &&
        drafts[i].fingerprint != seen[i].fingerprint) {
      return errors::plan_stale(fmt::format("{} was changed on the cluster meanwhile", drafts[i].ref.text()));
    }
  }
  return std::nullopt;
}

}  // namespace

Result<ApplyOutput> Engine::apply(const identity::Actor& actor, const ApplyInput& input) {
  // First look: is there anything to do, and what does the world say now.
  std::vector<Draft> seen;
  std::optional<ApplyOutput> done;
  EDA_TRY(pool_.transact([&](pg::Tx& tx) -> Result<> {
    auto summary = store::find(tx, input.plan_id);
    if (!summary) return fail(errors::plan_unknown(input.plan_id));
    if (summary->state == "applied" && summary->actor == actor.subject) {
      auto count = store::count_progress(tx, input.plan_id);
      done = ApplyOutput{*summary, count.total - count.at_rest};
      return {};
    }
    if (summary->state == "expired") return fail(errors::plan_expired());
    if (summary->state != "open") return fail(errors::plan_ended(summary->state));
    std::vector<std::string> missing;
    for (auto& name : summary->confirm) {
      if (std::find(input.confirm.begin(), input.confirm.end(), name) == input.confirm.end()) missing.push_back(name);
    }
    if (!missing.empty()) return fail(errors::confirm_missing(missing));
    seen = store::load_drafts(tx, kinds_, input.plan_id);
    return {};
  }));
  if (done) return *done;
  EDA_TRY(observe(seen, KindRows::Look::again));
  auto applied = pool_.transact([&](pg::Tx& tx) { return commit(tx, actor, input, seen); });
  if (applied) {
    if (applied->pending > 0) wake_();
  } else if (applied.error().reason == "PLAN_STALE") {
    EDA_TRY(pool_.transact([&](pg::Tx& tx) -> Result<> {
      store::end(tx, input.plan_id, "stale");
      return {};
    }));
  }
  return applied;
}

Result<ApplyOutput> Engine::commit(pg::Tx& tx, const identity::Actor& actor, const ApplyInput& input,
                                   const std::vector<Draft>& seen) {
  auto summary = store::find(tx, input.plan_id, store::Lock::update);
  if (!summary) return fail(errors::plan_unknown(input.plan_id));
  if (summary->state != "open") return fail(errors::plan_ended(summary->state));
  auto drafts = store::load_drafts(tx, kinds_, input.plan_id);
  std::vector<Ref> refs;
  for (auto& draft : drafts) refs.push_back(draft.ref);
  auto stored = store::load(tx, refs, store::Lock::update);
  if (auto stale = moved(drafts, seen, stored)) return fail(*stale);
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    if (auto found = stored.find(drafts[i].ref); found != stored.end()) drafts[i].before = found->second;
    drafts[i].refusal = seen[i].refusal;
    drafts[i].apply_refusal = seen[i].apply_refusal;
  }
  PlanInput judged;
  judged.intent = PlanInput::Intent::apply;
  EDA_TRY(judge(tx, actor, judged, drafts));

  std::vector<const Draft*> all;
  for (auto& draft : drafts) all.push_back(&draft);
  auto ids = store::write(tx, all, store::Stamp{actor.subject, input.reason, input.plan_id, summary->source});
  ApplyOutput output;
  std::map<const KindRules*, std::vector<Written>> by_kind;
  std::vector<Written> written;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (ids[i] == 0) return fail(errors::plan_stale(all[i]->ref.text() + " was created meanwhile"));
    written.push_back(Written{all[i], ids[i], actor.subject, input.reason, input.plan_id});
    by_kind[all[i]->rules].push_back(written.back());
    if (all[i]->rules->live && all[i]->action != Action::adopt) ++output.pending;
  }
  for (auto* rows : rows_) {
    auto some = by_kind.find(&rows->rules());
    if (some != by_kind.end()) EDA_TRY(rows->write(tx, some->second));
  }
  // Last, for the owners' rows name teams that this very plan may have made.
  EDA_TRY(authority_.write(tx, written));
  events::append(tx, events_of(actor, input, drafts, stored));
  store::link(tx, input.plan_id, all, ids);
  store::end(tx, input.plan_id, "applied");
  output.summary = std::move(*summary);
  output.summary.state = "applied";
  return output;
}

Result<Summary> Engine::find(const std::string& plan_id) {
  return pool_.transact([&](pg::Tx& tx) -> Result<Summary> {
    auto summary = store::find(tx, plan_id);
    if (!summary) return fail(errors::plan_unknown(plan_id));
    return *summary;
  });
}

Result<Page<Draft>> Engine::list(const std::string& plan_id, const PageRequest& page) {
  return pool_.transact([&](pg::Tx& tx) -> Result<Page<Draft>> {
    if (!store::find(tx, plan_id)) return fail(errors::plan_unknown(plan_id));
    return store::list_drafts(tx, kinds_, plan_id, page);
  });
}

Result<Engine::ProgressReport> Engine::progress(const std::string& plan_id, store::Which which,
                                                const PageRequest& page) {
  return pool_.transact([&](pg::Tx& tx) -> Result<ProgressReport> {
    if (!store::find(tx, plan_id)) return fail(errors::plan_unknown(plan_id));
    return ProgressReport{store::count_progress(tx, plan_id), store::progress(tx, plan_id, which, page)};
  });
}

Result<store::Stage> Engine::stage(const identity::Actor& actor, const std::string& stage_id, const std::string& blob,
                                   int documents) {
  if (documents > static_cast<int>(limits::staged_documents)) {
    return fail(Code::invalid, "STAGE_TOO_LARGE",
                fmt::format("{} documents; {} are allowed in one Stage call", documents, limits::staged_documents),
                "send them in several calls");
  }
  return pool_.transact([&](pg::Tx& tx) -> Result<store::Stage> {
    auto stage = store::stage(tx, actor.subject, stage_id, blob, documents);
    if (!stage)
      return fail(Code::not_found, "STAGE_UNKNOWN", fmt::format("there is no stage \"{}\"", stage_id), "stage anew");
    if (stage->documents > static_cast<int>(limits::manifest_documents)) {
      return fail(Code::invalid, "TOO_MANY_DOCUMENTS",
                  fmt::format("{} documents staged; {} are allowed", stage->documents, limits::manifest_documents),
                  "split them into several applies");
    }
    return *stage;
  });
}

Result<std::vector<std::string>> Engine::staged(const identity::Actor& actor, const std::string& stage_id) {
  return pool_.transact([&](pg::Tx& tx) -> Result<std::vector<std::string>> {
    auto blobs = store::staged(tx, actor.subject, stage_id);
    if (blobs.empty())
      return fail(Code::not_found, "STAGE_UNKNOWN", fmt::format("there is no stage \"{}\"", stage_id), "stage anew");
    return blobs;
  });
}

}  // namespace eda::plans
