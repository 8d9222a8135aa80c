#pragma once
// The Stream kind's server side, adoption of topics as they are, and the list of a cluster's topics.

#include <map>
#include <string>
#include <vector>

#include "clusters/actions.h"
#include "identity/identity.h"
#include "operations/operations.h"
#include "plans/actions.h"
#include "plans/rows.h"
#include "platform/core/page.h"
#include "platform/core/time.h"
#include "platform/pg/pool.h"
#include "streams/deletion.h"
#include "streams/drafts.h"
#include "streams/drift.h"
#include "streams/kafka.h"
#include "streams/store.h"

namespace eda::streams {

class StreamRows final : public plans::KindRows {
 public:
  StreamRows(pg::Pool& pool, clusters::Connections& connections, const Clock& clock)
      : pool_(pool), connections_(connections), clock_(clock) {}
  const plans::KindRules& rules() const override { return stream_rules(); }
  /// One look a cluster for all drafts; what would be sent is tried out in one batch without effect. A cluster that is
  /// away is a note, and what was last seen stands in for it. What changes nothing rests on facts of the last survey
  /// that are up to 60 s old, and asks nobody.
  Result<> observe(const std::vector<plans::Draft*>& drafts, Look look, Deadline deadline) override;
  /// Whoever makes somebody else's topic the stream's own leads its team: so at plan, and again of who applies it.
  Result<> may(pg::Tx& tx, const identity::Actor& actor, const std::vector<plans::Draft*>& drafts) override;
  /// Of two streams with one topic, or with names that Kafka's metrics cannot tell apart, at most one may be new.
  Result<> plan(pg::Tx& tx, const std::vector<plans::Draft*>& drafts) override;
  /// conflict TOPIC_MANAGED when somebody else took the topic meanwhile. A deletion that may take records begins an
  /// operation.
  Result<> write(pg::Tx& tx, const std::vector<plans::Written>& written) override;

 private:
  struct Seen;
  void say_deleting(pg::Tx& tx, const std::vector<plans::Written>& written,
                    const std::map<std::int64_t, std::string>& operations);
  Result<> observe_cluster(const std::string& name, const std::vector<plans::Draft*>& drafts, Look look,
                           Deadline deadline);
  Result<Seen> rows_of(const std::string& cluster, const std::vector<plans::Draft*>& drafts);
  void look_at_topics(Seen& seen, const std::vector<plans::Draft*>& drafts, Look look, Deadline deadline);
  void judge_departures_again(const Seen& seen, const std::vector<plans::Draft*>& drafts, Deadline deadline);
  void judge_first(Seen& seen, const std::vector<plans::Draft*>& drafts, Deadline deadline);

  pg::Pool& pool_;
  clusters::Connections& connections_;
  const Clock& clock_;
};

struct Adoption {
  std::string request_id;
  std::string reason;
  std::string cluster;  ///< empty: the only one there is
  std::vector<std::string> topics;
  std::string team;
};

/// A team's lead asks for topics that nobody owns.
struct Claim {
  std::string request_id;
  std::string reason;
  std::string cluster;
  std::vector<std::string> topics;
  std::string team;
};

struct ListedTopic {
  LiveTopic topic;
  std::string stream;  ///< empty: no stream manages it
  std::string team;
};

/// Manifests of topics that no stream manages, as they are.
struct Drafted {
  std::vector<plans::Document> documents;
  std::vector<std::string> internal;  ///< Kafka's own and ours, left out
  std::string next_token;
};

/// One finding of a look now.
struct DriftRow {
  Ref stream;  ///< of an undeclared topic, what its stream would be
  plans::Drift drift;
  Handling handling = Handling::report;
};
struct DriftCheck {
  std::string cluster;
  std::vector<std::string> names;  ///< empty: all streams at rest
  enum class Undeclared { leave_out, list } undeclared = Undeclared::leave_out;
  PageRequest page;
};
struct DriftReport {
  std::vector<DriftRow> rows;
  std::string next_token;
  int compared = 0;  ///< streams, by this call
};

struct DriftPlan {
  std::string request_id;
  std::string reason;
  std::string cluster;
  std::vector<std::string> names;
  enum class Direction { accept, repair } direction = Direction::accept;
};

class Streams {
 public:
  Streams(pg::Pool& pool, clusters::Connections& connections, plans::Engine& engine, const Clock& clock)
      : pool_(pool), connections_(connections), engine_(engine), clock_(clock) {}

  /// A plan that takes topics exactly as they are; the plan after it is empty. Errors: not_found TOPIC_UNKNOWN with the
  /// nearest, conflict TOPIC_MANAGED, refused TOPIC_INTERNAL, invalid ADOPTION_EMPTY, and the engine's (denied for all
  /// but admins).
  Result<plans::PlanOutput> plan_adoption(const identity::Actor& actor, const Adoption& adoption);
  /// Begins an operation that waits for an admin. The errors of plan_adoption; denied for who does not lead the team.
  Result<operations::Operation> request_adoption(const identity::Actor& actor, const Claim& claim);
  /// Writes nothing anywhere; by name.
  Result<Drafted> draft_manifests(const std::string& cluster, const std::string& team, const PageRequest& page);

  /// When the cluster was last found to know more than this database, if ever. not_found CLUSTER_UNKNOWN.
  Result<std::optional<Instant>> restored_at(const std::string& cluster);

  enum class Which { all, unmanaged };
  /// Asks the cluster; by name.
  Result<Page<ListedTopic>> list_topics(const std::string& cluster, Which which, const PageRequest& page);

  /// Asks the cluster and compares, by name; what is news is written by the leader's next look, which this brings on.
  /// Streams that a worker has under way are not compared. not_found OBJECT_UNKNOWN.
  Result<DriftReport> check_drift(const DriftCheck& check);
  /// An ordinary plan that makes the facts the wish, or the wish the facts. Errors: invalid DRIFT_EMPTY, not_found
  /// OBJECT_UNKNOWN, those of accept(), impossible for what no repair brings back, denied for taking a topic that was
  /// made anew unless one leads the team, and the engine's.
  Result<plans::PlanOutput> plan_drift(const identity::Actor& actor, const DriftPlan& plan);

 private:
  /// A registered cluster and the way to it.
  struct Reached {
    std::string name;
    std::int64_t id = 0;
    std::shared_ptr<kafka::Admin> admin;
  };
  Result<Reached> reach(const std::string& cluster);
  Result<> check_topics(const Reached& cluster, const std::vector<std::string>& topics, Topics& there);
  Result<std::vector<store::Stream>> load(const Reached& cluster, const std::vector<std::string>& names);
  Result<std::vector<store::Stream>> next_streams(const Reached& cluster, const DriftCheck& check,
                                                  const std::string& after);
  Result<> look_again_soon(const Reached& cluster);
  Result<> list_undeclared(const Reached& cluster, const std::string& after, std::size_t limit, DriftReport& report);

  pg::Pool& pool_;
  clusters::Connections& connections_;
  plans::Engine& engine_;
  const Clock& clock_;
};

}  // namespace eda::streams
