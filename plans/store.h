#pragma once
// Rows of objects, revisions, plans and stages.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plans/plan.h"
#include "platform/core/page.h"
#include "platform/pg/tx.h"

namespace eda::plans::store {

// --- objects
/// Columns of an Object for `… FROM objects o`, and the reading of a row that begins with them.
#define EDA_OBJECT_COLUMNS                                                                                     \
  "o.id, o.uid, o.kind, o.cluster, o.name, o.generation, o.observed_generation, o.state, o.wish, o.observed, " \
  "o.fingerprint, o.conditions, (extract(epoch from o.created_at) * 1000000)::bigint, "                        \
  "(extract(epoch from o.updated_at) * 1000000)::bigint, o.updated_by, o.overlay, o.drift"
inline constexpr int object_columns = 17;
Object object_of(const pqxx::row& row);

/// Those of the references that exist. With `Lock::update`, locked in id order until the transaction ends.
enum class Lock { none, update };
std::map<Ref, Object> load(pg::Tx& tx, const std::vector<Ref>& refs, Lock lock = Lock::none);
/// Which of the references exist (and are not being deleted); on every cluster where one without it could be meant.
std::vector<Ref> existing(pg::Tx& tx, const std::vector<Ref>& refs);
/// Names of a kind, for did-you-mean; at most 1,000; of any cluster where none is given.
std::vector<std::string> names(pg::Tx& tx, const std::string& kind, const std::string& cluster);
/// not_found OBJECT_UNKNOWN with the nearest name that there is.
Error unknown(pg::Tx& tx, const Ref& ref);

/// Writes the drafts' wishes: inserts, updates with the next generation and a revision each, deletions (of kinds
/// without a live side the row goes, of live ones the state becomes deleting). Returns the surrogate keys in the
/// drafts' order; 0 where the name was taken meanwhile and nothing was written.
struct Stamp {
  std::string actor;
  std::string reason;
  std::string plan_id;
  std::string source;
};
std::vector<std::int64_t> write(pg::Tx& tx, const std::vector<const Draft*>& drafts, const Stamp& stamp);
/// Ties an applied plan's changes to the objects and generations that they wrote, for progress.
void link(pg::Tx& tx, const std::string& plan_id, const std::vector<const Draft*>& drafts,
          const std::vector<std::int64_t>& ids);

// --- history
/// One generation of an object. The object's end is the end of its history.
struct Revision {
  std::int64_t generation = 0;
  Instant at{};
  std::string actor;
  std::string reason;
  std::string plan_id;
  std::string source;
  std::string file;  ///< "streams/orders.yaml:12"; empty where no manifest stood behind it
  Wish wish;
  Overlay overlay;
  std::vector<FieldChange> fields;  ///< against the generation before
};
/// Newest first. A confidential field is the caller's to leave out.
Page<Revision> revisions(pg::Tx& tx, std::int64_t object_id, const PageRequest& page);
std::optional<Revision> revision(pg::Tx& tx, std::int64_t object_id, std::int64_t generation);

// --- apply-sets
/// Where a set was last applied from.
struct Applied {
  std::string source;
  std::string actor;
  Instant at{};
  std::string plan_id;
};
/// By manager, for objects of that cluster ('' for global ones).
std::map<std::string, Applied> applied_sets(pg::Tx& tx, const std::string& cluster,
                                            const std::vector<std::string>& managers);
/// Of two that are noted at once, one is.
void note_applied(pg::Tx& tx, const std::string& manager, const std::vector<std::string>& clusters,
                  const Applied& applied);
/// Objects of these clusters of which the manager manages a field, but for those named. Whole, for a plan.
std::vector<Object> managed_by(pg::Tx& tx, const std::string& manager, const std::vector<std::string>& clusters,
                               const std::vector<Ref>& named);

// --- overlays
/// The database's time, by which overlays end.
Instant now(pg::Tx& tx);
/// Objects with an overlay that has ended, but for those that are being deleted; locked, without waiting for anybody.
std::vector<Object> ended_overlays(pg::Tx& tx, int limit);

// --- what workers need
/// Objects of a kind on a cluster that want a worker: pending, unknown or deleting; oldest change first.
std::vector<Object> due(pg::Tx& tx, const std::string& kind, const std::string& cluster, int limit);
/// What a worker saw. Written only while the generation still is the one it acted on for `observed_generation` to
/// follow; facts are written in any case.
struct Seen {
  std::int64_t id = 0;
  std::int64_t generation = 0;  ///< that was acted on
  State state = State::applied;
  std::vector<Condition> conditions;
  Value observed;
  std::string fingerprint;
  std::vector<Drift> drift = {};
};
void write_back(pg::Tx& tx, const std::vector<Seen>& seen);
/// Objects whose end a worker has seen; their rows go. Returns the references that went.
std::vector<Ref> remove(pg::Tx& tx, const std::vector<std::int64_t>& ids);
/// Number of objects by kind and state, for metrics.
std::map<std::pair<std::string, std::string>, std::int64_t> count_by_state(pg::Tx& tx);

// --- plans
/// Keeps a plan and its drafts; gives it an id and the hash of canonical(). Of the idle ones, which write nothing, only
/// names and notes are kept.
Summary keep(pg::Tx& tx, Summary summary, const std::vector<Draft>& drafts, const std::vector<Draft>& idle);
std::optional<Summary> find(pg::Tx& tx, const std::string& plan_id, Lock lock = Lock::none);
/// The drafts that write something, as they were planned; `before` holds only id, generation and fingerprint.
std::vector<Draft> load_drafts(pg::Tx& tx, const Kinds& kinds, const std::string& plan_id);
/// All drafts by page, changes first.
Page<Draft> list_drafts(pg::Tx& tx, const Kinds& kinds, const std::string& plan_id, const PageRequest& page);
void end(pg::Tx& tx, const std::string& plan_id, const std::string& state);
/// Clusters of what the plan names.
std::vector<std::string> clusters_of(pg::Tx& tx, const std::string& plan_id);
/// Newest first; `state` and `actor` empty: any.
Page<Summary> list(pg::Tx& tx, const std::string& state, const std::string& actor, const PageRequest& page);
/// What an applied plan wrote and was refused, where nothing newer is wished; locked.
std::vector<Object> refused_of(pg::Tx& tx, const std::string& plan_id);
/// Refused objects wait for a worker again.
void retry(pg::Tx& tx, const std::vector<std::int64_t>& object_ids);
/// Forgets plans and stages that ended or expired long ago.
void sweep(pg::Tx& tx);

// --- progress
struct Progress {
  Ref object;
  std::string state;  ///< State's name, or "gone"
  std::int64_t generation = 0;
  std::int64_t observed_generation = 0;
  std::string message;
  std::string next;
};
struct ProgressCount {
  int total = 0;
  int at_rest = 0;
  int refused = 0;
};
ProgressCount count_progress(pg::Tx& tx, const std::string& plan_id);
enum class Which { all, unfinished };
Page<Progress> progress(pg::Tx& tx, const std::string& plan_id, Which which, const PageRequest& page);

// --- stages
struct Stage {
  std::string id;
  int documents = 0;
};
/// Appends a blob (opaque, as the face wrote it) of so many documents to a stage of this subject; an empty id begins
/// one. nullopt: the subject has no such stage.
std::optional<Stage> stage(pg::Tx& tx, const std::string& subject, const std::string& stage_id, const std::string& blob,
                           int documents);
/// The stage's blobs in order; empty when the subject has no such stage.
std::vector<std::string> staged(pg::Tx& tx, const std::string& subject, const std::string& stage_id);

}  // namespace eda::plans::store
