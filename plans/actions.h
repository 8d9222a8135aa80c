#pragma once
// The plan engine: documents in, a stored plan out; a plan in, wishes written. It knows kinds and owners only through
// plans/rows.h.
//
// Applying first looks at the world again, outside any transaction; the transaction then locks the objects, compares
// generations and fingerprints with the plan's basis, writes wishes, revisions and events, and commits. Workers act
// later.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "identity/identity.h"
#include "plans/plan.h"
#include "plans/rows.h"
#include "plans/store.h"
#include "platform/core/page.h"
#include "platform/pg/pool.h"

namespace eda::plans {

/// What a plan is asked for.
struct PlanInput {
  std::string request_id;
  std::string body_hash;  ///< of the request, to know a replay
  std::string cluster;    ///< of documents and references that name none
  ApplySet set;           ///< by hand unless named
  std::string source;     ///< where the manifests came from
  std::string reason;
  std::vector<Document> documents;
  std::vector<Ref> deletions;
  /// Wishes as they are to be, whatever the managers: a rollback, a drift that is accepted (or, with the wish as it is,
  /// repaired). Managers of fields that were there stay.
  struct Rewrite {
    Ref ref;
    Wish after;
    std::vector<std::string> notes;
    std::optional<Becomes> becomes = {};
  };
  std::vector<Rewrite> rewrites;
  /// prune: what the set managed on the cluster before, and no document names now, is deleted.
  enum class Unnamed { keep, prune } unnamed = Unnamed::keep;
  Conflicts conflicts = Conflicts::report;
  std::optional<Instant> until;  ///< the documents are an overlay that ends then
  /// adopt: the documents describe live things exactly as they are; applying them writes nothing to the world.
  enum class Intent { look, apply, adopt } intent = Intent::look;
};

struct PlanOutput {
  Summary summary;
  std::vector<Draft> drafts;  ///< in order, at most 1,000; the rest by Engine::list
  std::string next_token;
};

struct ApplyInput {
  std::string request_id;
  std::string body_hash;
  std::string plan_id;
  std::string reason;
  std::vector<std::string> confirm;
};

struct ApplyOutput {
  Summary summary;
  int pending = 0;  ///< objects that a worker now makes true
};

class Engine {
 public:
  /// `rows` lists the server's side of each kind; `wake` is called after each commit that left work for workers.
  Engine(pg::Pool& pool, const Kinds& kinds, std::vector<KindRows*> rows, Authority& authority,
         std::function<void()> wake, std::vector<Audience*> audiences = {}, std::vector<Rule*> rules = {});

  const Kinds& kinds() const { return kinds_; }

  /// Errors: invalid MANIFEST_INVALID (all faults of all documents), PRUNE_NEEDS_SET, UNTIL_RANGE, SET_NAME; conflict
  /// FIELD_MANAGED; denied (SET_OF_OTHERS too), refused, impossible, not_found. The same request id gives the same
  /// plan.
  Result<PlanOutput> plan(const identity::Actor& actor, PlanInput input);
  /// Errors: stale PLAN_STALE/PLAN_EXPIRED/PLAN_ENDED, invalid CONFIRM_MISSING, and what plan() may refuse. A replay of
  /// an applied plan by its own subject answers as the first time.
  Result<ApplyOutput> apply(const identity::Actor& actor, const ApplyInput& input);

  Result<Summary> find(const std::string& plan_id);
  /// Confidential fields are left out for those who may not read them.
  Result<Page<Draft>> list(const identity::Actor& actor, const std::string& plan_id, const PageRequest& page);

  /// Newest first.
  Result<Page<Summary>> plans(const std::string& state, const std::string& actor, const PageRequest& page);
  /// Sets an applied plan's refused objects to work again. Errors: not_found PLAN_UNKNOWN, conflict PLAN_NOT_APPLIED,
  /// denied for others than those who may change the objects.
  Result<ApplyOutput> resume(const identity::Actor& actor, const ApplyInput& input);
  /// Takes out overlays whose time is over, each with its revision and its event (stream.overlay-ended, by "edad"), and
  /// wakes the workers. Returns how many objects it were; fewer than `limit`: no more are left.
  Result<int> end_overlays(int limit);

  /// Newest first; confidential fields are left out for those who may not read them. not_found OBJECT_UNKNOWN.
  Result<Page<store::Revision>> history(const identity::Actor& actor, const Ref& ref, const PageRequest& page);
  /// A plan of the way back to an earlier generation, with what cannot come back among its notes. not_found
  /// GENERATION_UNKNOWN.
  Result<PlanOutput> plan_rollback(const identity::Actor& actor, PlanInput input, const Ref& ref,
                                   std::int64_t generation);

  struct ProgressReport {
    store::ProgressCount count;
    Page<store::Progress> page;
  };
  Result<ProgressReport> progress(const std::string& plan_id, store::Which which, const PageRequest& page);
  /// The counts alone, for those who wait.
  Result<store::ProgressCount> count_progress(const std::string& plan_id);

  Result<store::Stage> stage(const identity::Actor& actor, const std::string& stage_id, const std::string& blob,
                             int documents);
  Result<std::vector<std::string>> staged(const identity::Actor& actor, const std::string& stage_id);

 private:
  struct Basis;

  Result<std::optional<PlanOutput>> recall_plan(pg::Tx& tx, const identity::Actor& actor, const PlanInput& input);
  Result<> resolve(pg::Tx& tx, const identity::Actor& actor, PlanInput& input);
  Result<> resolve_cluster(pg::Tx& tx, PlanInput& input);
  Result<> prepare(pg::Tx& tx, const identity::Actor& actor, const PlanInput& input, std::vector<Draft>& drafts);
  Result<> prepare_rest(pg::Tx& tx, const PlanInput& input, std::map<Ref, Object>& stored, std::vector<Draft>& drafts);
  void prune(pg::Tx& tx, const PlanInput& input, const std::vector<Ref>& named, std::vector<Draft>& drafts);
  void tell_conflicts(pg::Tx& tx, const PlanInput& input, std::vector<Draft>& drafts);
  Result<> deny(pg::Tx& tx, const identity::Actor& actor, const std::vector<Draft>& drafts);
  Result<> observe(std::vector<Draft>& drafts, KindRows::Look look);
  Result<> check_references(pg::Tx& tx, std::vector<Draft>& drafts, std::vector<Draft>& idle);
  Result<> ask_authority(pg::Tx& tx, const identity::Actor& actor, std::vector<Draft>& drafts);
  Result<> look_around(pg::Tx& tx, std::vector<Draft>& drafts);
  Result<> judge(pg::Tx& tx, const identity::Actor& actor, PlanInput::Intent intent, std::vector<Draft>& drafts,
                 std::vector<Draft>& idle);
  Result<PlanOutput> decide(pg::Tx& tx, const identity::Actor& actor, const PlanInput& input, std::vector<Draft> drafts,
                            std::vector<Draft>& idle);

  Result<std::optional<ApplyOutput>> begin_apply(pg::Tx& tx, const identity::Actor& actor, const ApplyInput& input,
                                                 Basis& basis);
  Result<ApplyOutput> try_apply(const identity::Actor& actor, const ApplyInput& input, Basis& basis);
  std::optional<Error> moved(pg::Tx& tx, const Basis& basis, const std::map<Ref, Object>& stored);
  Result<ApplyOutput> commit(pg::Tx& tx, const identity::Actor& actor, const ApplyInput& input, const Basis& basis);
  Result<int> write(pg::Tx& tx, const identity::Actor& actor, const ApplyInput& input, const Summary& plan,
                    const std::vector<Draft>& drafts);

  Result<Ref> resolve_ref(pg::Tx& tx, Ref ref);

  pg::Pool& pool_;
  const Kinds& kinds_;
  std::vector<KindRows*> rows_;
  Authority& authority_;
  std::function<void()> wake_;
  std::vector<Audience*> audiences_;
  std::vector<Rule*> rules_;
};

/// What happened to an object, as the trail words it: "stream.created".
std::string event_verb(const Draft& draft);

}  // namespace eda::plans
