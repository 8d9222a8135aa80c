// What is read of plans and histories, and stages.

#include "plans/actions.h"
#include "plans/drafts.h"
#include "platform/core/limits.h"
#include "platform/text/distance.h"

namespace eda::plans {

Result<Summary> Engine::find(const std::string& plan_id) {
  return pool_.transact([&](pg::Tx& tx) -> Result<Summary> {
    auto summary = store::find(tx, plan_id);
    if (!summary) return fail(errors::plan_unknown(plan_id));
    return *summary;
  });
}

namespace {

bool is_open(const KindRules* rules, const std::string& path) {
  auto* row = rules ? rules->field(path) : nullptr;
  return !row || !row->confidential;
}

void veil(const KindRules* rules, std::vector<FieldChange>& fields) {
  std::erase_if(fields, [&](const FieldChange& change) { return !is_open(rules, change.path); });
}

}  // namespace

Result<Page<Draft>> Engine::list(const identity::Actor& actor, const std::string& plan_id, const PageRequest& page) {
  return pool_.transact([&](pg::Tx& tx) -> Result<Page<Draft>> {
    auto summary = store::find(tx, plan_id);
    if (!summary) return fail(errors::plan_unknown(plan_id));
    auto drafts = store::list_drafts(tx, kinds_, plan_id, page);
    if (summary->actor == actor.subject) return drafts;
    auto sight = authority_.sight(tx, actor);
    for (auto& draft : drafts.rows) {
      if (!sight.covers(draft.owner)) veil(draft.rules, draft.fields);
    }
    return drafts;
  });
}

Result<Page<Summary>> Engine::plans(const std::string& state, const std::string& actor, const PageRequest& page) {
  return pool_.transact([&](pg::Tx& tx) -> Result<Page<Summary>> { return store::list(tx, state, actor, page); });
}

// A reference as the caller wrote it, with the only cluster there is where it needs one and names none.
Result<Ref> Engine::resolve_ref(pg::Tx& tx, Ref ref) {
  auto* rules = kinds_.find(ref.kind);
  if (!rules) return fail(errors::unknown_object(ref, text::did_you_mean(ref.kind, kinds_.words())));
  ref.kind = rules->singular();
  if (rules->scope == Scope::cluster && ref.cluster.empty()) {
    auto known = store::names(tx, "cluster", "");
    if (known.size() != 1) return fail(errors::cluster_needed(known));
    ref.cluster = known.front();
  }
  return ref;
}

namespace {

Result<Object> object_at(pg::Tx& tx, const Ref& ref) {
  auto stored = store::load(tx, {ref});
  if (stored.empty()) return fail(store::unknown(tx, ref));
  return std::move(stored.begin()->second);
}

}  // namespace

Result<Page<store::Revision>> Engine::history(const identity::Actor& actor, const Ref& wanted,
                                              const PageRequest& page) {
  return pool_.transact([&](pg::Tx& tx) -> Result<Page<store::Revision>> {
    EDA_ASSIGN(auto ref, resolve_ref(tx, wanted));
    EDA_ASSIGN(auto object, object_at(tx, ref));
    auto revisions = store::revisions(tx, object.id, page);
    if (authority_.sight(tx, actor).covers(authority_.owners(tx, {&object}).front())) return revisions;
    auto* rules = kinds_.find(ref.kind);
    for (auto& revision : revisions.rows) {
      veil(rules, revision.fields);
      std::erase_if(revision.wish, [&](auto& field) { return !is_open(rules, field.first); });
      std::erase_if(revision.overlay, [&](auto& field) { return !is_open(rules, field.first); });
    }
    return revisions;
  });
}

Result<PlanOutput> Engine::plan_rollback(const identity::Actor& actor, PlanInput input, const Ref& wanted,
                                         std::int64_t generation) {
  EDA_TRY(pool_.transact([&](pg::Tx& tx) -> Result<> {
    EDA_ASSIGN(auto ref, resolve_ref(tx, wanted));
    EDA_ASSIGN(auto object, object_at(tx, ref));
    auto then = store::revision(tx, object.id, generation);
    if (!then) return fail(errors::generation_unknown(ref, generation, object.generation));
    auto back = roll_back(*kinds_.find(ref.kind), object.wish, then->wish);
    input.rewrites = {PlanInput::Rewrite{ref, std::move(back.after), std::move(back.notes)}};
    return {};
  }));
  return plan(actor, std::move(input));
}

Result<Engine::ProgressReport> Engine::progress(const std::string& plan_id, store::Which which,
                                                const PageRequest& page) {
  return pool_.transact([&](pg::Tx& tx) -> Result<ProgressReport> {
    if (!store::find(tx, plan_id)) return fail(errors::plan_unknown(plan_id));
    return ProgressReport{store::count_progress(tx, plan_id), store::progress(tx, plan_id, which, page)};
  });
}

Result<store::ProgressCount> Engine::count_progress(const std::string& plan_id) {
  return pool_.transact([&](pg::Tx& tx) -> Result<store::ProgressCount> {
    if (!store::find(tx, plan_id)) return fail(errors::plan_unknown(plan_id));
    return store::count_progress(tx, plan_id);
  });
}

Result<store::Stage> Engine::stage(const identity::Actor& actor, const std::string& stage_id, const std::string& blob,
                                   int documents) {
  if (documents > static_cast<int>(limits::staged_documents)) {
    return fail(errors::stage_too_large(documents));
  }
  return pool_.transact([&](pg::Tx& tx) -> Result<store::Stage> {
    auto stage = store::stage(tx, actor.subject, stage_id, blob, documents);
    if (!stage) return fail(errors::stage_unknown(stage_id));
    if (stage->documents > static_cast<int>(limits::manifest_documents)) {
      return fail(errors::too_many_documents(static_cast<std::size_t>(stage->documents)));
    }
    return *stage;
  });
}

Result<std::vector<std::string>> Engine::staged(const identity::Actor& actor, const std::string& stage_id) {
  return pool_.transact([&](pg::Tx& tx) -> Result<std::vector<std::string>> {
    auto blobs = store::staged(tx, actor.subject, stage_id);
    if (blobs.empty()) return fail(errors::stage_unknown(stage_id));
    return blobs;
  });
}

}  // namespace eda::plans
