#pragma once
// Rows of clusters: their mode, and the id seen last.

#include <optional>
#include <string>
#include <vector>

#include "clusters/clusters.h"
#include "clusters/mark.h"
#include "plans/store.h"
#include "platform/pg/tx.h"

namespace eda::clusters::store {

struct Cluster {
  plans::Object object;
  Mode mode = Mode::observe;
  std::string cluster_id;  ///< of the cluster that is meant when the wish names none; empty before the first look
  std::optional<Instant> restored_at;  ///< when it last knew an event that this database does not

  /// The id that the cluster must have: the wish's, else that of the first look.
  std::string expected_id() const { return plans::wished_text(object.wish, "spec.clusterId", cluster_id); }
};

std::optional<Cluster> find(pg::Tx& tx, const std::string& name, plans::store::Lock lock = plans::store::Lock::none);
std::vector<std::string> names(pg::Tx& tx);
/// Those that nobody has looked at for so long, or ever since their connection changed.
std::vector<std::string> unseen(pg::Tx& tx, std::chrono::milliseconds since);

/// A row for each, in mode observe; one that is there is marked as not seen.
void expect(pg::Tx& tx, const std::vector<std::int64_t>& object_ids);
/// The mode, in the row and in what the object shows.
void set_mode(pg::Tx& tx, std::int64_t object_id, Mode mode);
/// `cluster_id` as of now the one that is meant.
void pin(pg::Tx& tx, std::int64_t object_id, const std::string& cluster_id);
/// This database is behind what the cluster knows: it was restored.
void restored(pg::Tx& tx, std::int64_t object_id);
/// Other registered clusters that must have this id, in this mode or any, by name.
std::vector<std::string> others_with_id(pg::Tx& tx, const std::string& name, const std::string& cluster_id,
                                        std::optional<Mode> mode = {});
/// Nobody else changes a mode until the transaction ends.
void hold_modes(pg::Tx& tx);
/// Somebody looked; an id is kept where there was none.
void saw(pg::Tx& tx, std::int64_t object_id, const std::string& cluster_id);

/// Conditions of the object; all else stays.
void set_conditions(pg::Tx& tx, const plans::Object& object, std::vector<plans::Condition> conditions);

/// The event that was written last; nullopt in a database without any.
std::optional<Mark> newest_event(pg::Tx& tx);
/// Whether this database has this event. A seal will do: it stays when an old month of the trail is dropped.
bool holds(pg::Tx& tx, const Mark& mark);

/// References of what lives on a cluster, at most `limit`, and how many in all. Waits for whoever is just putting
/// something there.
struct Living {
  std::vector<std::string> some;
  std::int64_t total = 0;
};
Living living_on(pg::Tx& tx, const plans::Object& cluster, int limit);

}  // namespace eda::clusters::store
