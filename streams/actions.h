#pragma once
// The Stream kind's server side, adoption of topics as they are, and the list of a cluster's topics.

#include <string>
#include <vector>

#include "clusters/actions.h"
#include "identity/identity.h"
#include "plans/actions.h"
#include "plans/rows.h"
#include "platform/core/page.h"
#include "platform/pg/pool.h"
#include "streams/drafts.h"
#include "streams/kafka.h"

namespace eda::streams {

class StreamRows final : public plans::KindRows {
 public:
  StreamRows(pg::Pool& pool, clusters::Connections& connections) : pool_(pool), connections_(connections) {}
  const plans::KindRules& rules() const override { return stream_rules(); }
  /// One look a cluster for all drafts; what would be sent is tried out in one batch without effect. A cluster that is
  /// away is a note, and what was last seen stands in for it.
  Result<> observe(const std::vector<plans::Draft*>& drafts, Look look, Deadline deadline) override;
  /// Of two streams with one topic, or with names that Kafka's metrics cannot tell apart, at most one may be new.
  Result<> plan(pg::Tx& tx, const std::vector<plans::Draft*>& drafts) override;
  /// conflict TOPIC_MANAGED when somebody else took the topic meanwhile.
  Result<> write(pg::Tx& tx, const std::vector<plans::Written>& written) override;

 private:
  struct Seen;
  Result<> observe_cluster(const std::string& name, const std::vector<plans::Draft*>& drafts, Look look,
                           Deadline deadline);
  Result<Seen> rows_of(const std::string& cluster, const std::vector<plans::Draft*>& drafts);
  void look_at_topics(Seen& seen, const std::vector<plans::Draft*>& drafts, Look look, Deadline deadline);
  void judge_first(Seen& seen, const std::vector<plans::Draft*>& drafts, Deadline deadline);

  pg::Pool& pool_;
  clusters::Connections& connections_;
};

struct Adoption {
  std::string request_id;
  std::string cluster;  ///< empty: the only one there is
  std::vector<std::string> topics;
  std::string team;
};

struct ListedTopic {
  LiveTopic topic;
  std::string stream;  ///< empty: no stream manages it
  std::string team;
};

class Streams {
 public:
  Streams(pg::Pool& pool, clusters::Connections& connections, plans::Engine& engine)
      : pool_(pool), connections_(connections), engine_(engine) {}

  /// A plan that takes topics exactly as they are; the plan after it is empty. Errors: not_found TOPIC_UNKNOWN with the
  /// nearest, conflict TOPIC_MANAGED, refused TOPIC_INTERNAL, invalid ADOPTION_EMPTY, and the engine's (denied for all
  /// but admins).
  Result<plans::PlanOutput> plan_adoption(const identity::Actor& actor, const Adoption& adoption);

  enum class Which { all, unmanaged };
  /// Asks the cluster; by name.
  Result<Page<ListedTopic>> list_topics(const std::string& cluster, Which which, const PageRequest& page);

 private:
  struct Reached;
  Result<Reached> reach(const std::string& cluster);

  pg::Pool& pool_;
  clusters::Connections& connections_;
  plans::Engine& engine_;
};

}  // namespace eda::streams
