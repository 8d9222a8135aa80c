#pragma once
// Objects, and plans as values: what a set of documents would change, how risky that is, and why it may be refused.
// Pure; the engine in plans/actions feeds it rows and facts.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plans/kind.h"
#include "platform/core/error.h"
#include "platform/core/name.h"
#include "platform/core/time.h"
#include "platform/core/value.h"

namespace eda::plans {

/// Where an object stands between wish and world.
enum class State {
  pending,   ///< the wish is newer than what was observed; a worker will act
  applied,   ///< the world was seen to equal the wish
  refused,   ///< the broker said no; waits for another wish
  unknown,   ///< sent, and the outcome could not be learnt; re-read before anything else
  drifted,   ///< was applied, and the world has moved
  deleting,  ///< on its way out
};
std::string_view state_name(State state);
State parse_state(std::string_view name);

/// Something observed about an object, with the reason and the next step.
struct Condition {
  std::string type;    ///< "Applied"
  std::string status;  ///< "True", "False", "Unknown"
  std::string reason;  ///< UPPER_SNAKE
  std::string message;
  std::string next;
  Instant since{};
  friend bool operator==(const Condition&, const Condition&) = default;
};

/// The manifests that are applied together: a name, the team that applies them, and on which cluster, which is each
/// object's own.
struct ApplySet {
  std::string name;  ///< empty: a change by hand, which manages nothing
  std::string team;  ///< empty: of no team in particular
  /// What fields carry: "checkout/shop", "shop" without a team, "" by hand.
  std::string manager() const;
};

/// A value of a field for a while: it leaves the wish and its manager alone and ends by itself.
struct OverlayField {
  std::optional<Value> value;  ///< nothing: the default
  Instant until{};
  std::string by;
  std::string reason;
  friend bool operator==(const OverlayField&, const OverlayField&) = default;
};
using Overlay = std::map<std::string, OverlayField>;

/// A field that is not as it is wished.
struct Drift {
  std::string field;  ///< "spec.retention", "spec.partitions", "status.topicId", …
  std::optional<Value> wish;
  std::optional<Value> fact;
  Instant since{};
  /// What is out of step, in the kind's words: "config", "partitions", "replication", "vanished", "recreated".
  std::string what;
  friend bool operator==(const Drift&, const Drift&) = default;
};

/// One object as it is stored: identity, wish, and what was seen of it.
struct Object {
  std::int64_t id = 0;  ///< surrogate; never leaves the server
  std::string uid;
  Ref ref;
  std::int64_t generation = 0;
  std::int64_t observed_generation = 0;
  State state = State::pending;
  Wish wish;                ///< without the overlay
  Overlay overlay;          ///< may hold what has just ended; a worker takes it out
  Value observed;           ///< live facts as the kind writes them; null before the first look
  std::string fingerprint;  ///< of the live facts; empty before the first look
  std::vector<Condition> conditions;
  Instant created_at{};
  Instant updated_at{};
  std::string updated_by;
  std::vector<Drift> drift;
};

/// The wish as the world is to be: with what the overlay says in its place. Managers stay.
Wish effective(const Wish& wish, const Overlay& overlay);

/// The value that the wish gives a path; nullptr when unmanaged or reset.
const Value* wished(const Wish& wish, std::string_view path);
/// As text, or `otherwise`.
std::string wished_text(const Wish& wish, std::string_view path, std::string otherwise = {});
std::optional<std::int64_t> wished_int(const Wish& wish, std::string_view path);
/// Entries of a map field by key, resets left out.
std::map<std::string, Value> wished_map(const Wish& wish, std::string_view field);

/// A field that a document wants otherwise than the set that manages it.
struct Conflict {
  std::string path;
  std::string manager;  ///< the other one
};
enum class Conflicts { report, force };

/// Another name for an object from now on, or another object of its kind in its place, which gets all that it had.
struct Becomes {
  enum class How { renamed, merged } how = How::renamed;
  std::string name;
};

/// One object's part of a plan while it is being computed.
struct Draft {
  const KindRules* rules = nullptr;
  Ref ref;
  std::optional<Object> before;
  Wish after;       ///< without the overlay
  Overlay overlay;  ///< after the change
  Action action = Action::unchanged;
  enum class Because { said, pruned } because = Because::said;  ///< pruned: its set names it no more
  std::optional<Becomes> becomes;                               ///< of a change alone
  /// The wish is said otherwise than before: its fields get or lose their managers. Of an unchanged one it is all that
  /// an apply writes.
  bool hands_over = false;
  std::vector<Conflict> conflicts;  ///< with other sets; forced ones are taken over
  std::vector<FieldChange> fields;  ///< of the effective wishes
  Risk risk = Risk::low;
  std::vector<std::string> risk_reasons;
  std::string owner;                  ///< owning team after the change
  std::vector<std::string> affected;  ///< other teams that are told
  std::vector<std::string> notes;
  std::string fingerprint;  ///< of the live facts this draft rests on; empty: none seen, not compared
  Position at;
  std::map<std::string, Position> positions;  ///< of the fields that the document says
  std::vector<Violation> violations;
  std::optional<Error> refusal;        ///< well-formed, but may not be: denied, refused, impossible, conflict
  std::optional<Error> apply_refusal;  ///< may be planned, but not applied now (a cluster that is only observed)

  void violate(std::string field, std::string message, std::string hint = {});
  /// Raises the risk; a sentence says why. Never lowers.
  void raise(Risk to, std::string why);
};

/// Whether applying the draft writes its object.
bool writes(const Draft& draft);

/// What a document makes of a wish.
struct Merged {
  Wish after;
  std::vector<std::string> released;  ///< paths that the set managed and says no more: they keep their values
  std::vector<Conflict> conflicts;    ///< forced ones are taken over and listed all the same
};
/// The wish after a document by the set: what it says is set and managed by the set; what the set managed and the
/// document no longer says is released; everything else stays. A field that another set manages is a conflict when its
/// value differs; the same value said twice stays with its first manager. A change by hand manages nothing. A set of no
/// team gives way to a team's of the same name: they are the same manifests.
Merged merge(const Wish& before, const Document& document, const std::string& manager, Conflicts how);

/// Paths whose value differs. A reset equals absence here; a kind with a live side refines that by what it sees.
std::vector<FieldChange> diff(const Wish& before, const Wish& after);

/// Checks a document against its kind's table: unknown paths, types, ranges, number of fields.
std::vector<Violation> check_document(const KindRules& rules, const Document& document);

/// Fills action, fields and risk from before and after; judges the merged wish (required, immutable, KindRules::judge)
/// unless nothing changes. What an overlay covers is noted.
void settle(Draft& draft);
/// A deletion: refused while protection is on.
void settle_deletion(Draft& draft);

/// Whether deletion protection is on, with the kind's default.
bool is_protected(const KindRules& rules, const Wish& wish);

/// Drafts in the order in which they are made: by kind's rank and name, deletions last and in reverse rank; then what
/// is unchanged, and of that first what has something to say.
void order(std::vector<Draft>& drafts);

/// One error for all violations and refusals of the drafts, or nothing: violations win (invalid), then the worst
/// refusal.
std::optional<Error> refusal_of(const std::vector<Draft>& drafts);

/// Text that two plans share only when they would do the same to the same basis by the same rules; its hash is the
/// plan's. What writes nothing is left out.
std::string canonical(const std::vector<Draft>& drafts);
/// The versions of the rules that judged what writes: "stream:1 team:1".
std::string rules_of(const std::vector<Draft>& drafts);

/// What the plan looks like from outside.
struct Summary {
  std::string id;
  std::string state;  ///< open, applied, stale, expired
  std::string hash;
  std::string actor;
  ApplySet set;
  std::string cluster;  ///< of what named none; empty where nothing needed one
  std::string source;   ///< where the manifests came from: "github.com/acme/shop@4f2a9c1", a folder, or empty
  std::string reason;
  std::string rules;  ///< rules_of() its changes
  Instant created_at{};
  Instant expires_at{};
  std::optional<Instant> applied_at;
  Risk risk = Risk::low;
  int creates = 0, changes = 0, adopts = 0, deletes = 0, unchanged = 0;
  int prunes = 0;                    ///< of the deletes
  int hand_overs = 0;                ///< of the unchanged: applying them writes who manages their fields
  std::vector<std::string> confirm;  ///< names that have to be typed; the set's for all that it prunes
};
void count(Summary& summary, const std::vector<Draft>& drafts);

namespace errors {
Error document_invalid(std::vector<Violation> violations);
Error unknown_object(const Ref& ref, const std::string& hint);
Error plan_unknown(const std::string& id);
Error plan_stale(const std::string& what_moved);
Error rules_moved();
Error plan_expired();
Error plan_ended(const std::string& state);
Error confirm_missing(const std::vector<std::string>& names);
Error protected_from_deletion(const Ref& ref);
Error being_deleted(const Ref& ref);
/// Fields of one object that another set manages; `applied` tells where that set was applied from.
struct Managed {
  std::string path;
  std::string manager;
  std::string applied;  ///< "by user/ada from github.com/acme/shop@4f2a9c1, 2026-11-21T08:00:00Z"; empty: not known
};
Error fields_managed(const Ref& ref, const std::string& by, const std::vector<Managed>& fields);
Error prune_needs_set(const std::string& what_lacks);
Error until_out_of_range();
Error nothing_lives(const Ref& ref);
Error plan_not_applied(const std::string& id, const std::string& state);
Error generation_unknown(const Ref& ref, std::int64_t generation, std::int64_t newest);
Error cluster_needed(const std::vector<std::string>& known);
Error too_many_documents(std::size_t count);
Error stage_unknown(const std::string& id);
Error stage_too_large(int documents);
Error too_long(const std::string& what);
Error set_name(const std::string& name, const std::string& fault);
}  // namespace errors

}  // namespace eda::plans
