#pragma once
// The Cluster kind's server side, the look at a cluster, and the plain act of letting edad write there.

#include <string>

#include "clusters/actions_witness.h"
#include "clusters/kafka.h"
#include "clusters/store.h"
#include "identity/identity.h"
#include "plans/rows.h"
#include "platform/core/time.h"
#include "platform/pg/pool.h"

namespace eda::clusters {

class ClusterRows final : public plans::KindRows {
 public:
  explicit ClusterRows(Connections& connections) : connections_(connections) {}
  const plans::KindRules& rules() const override { return cluster_rules(); }
  /// Tries to reach a new or moved cluster: what it lacks becomes notes; another cluster than spec.clusterId a refusal.
  Result<> observe(const std::vector<plans::Draft*>& drafts, Look look, Deadline deadline) override;
  /// A cluster on which something lives is not deleted; one that is managed does not become one that another name
  /// manages already. A Kafka cluster that is registered under another name too is a note.
  Result<> plan(pg::Tx& tx, const std::vector<plans::Draft*>& drafts) override;
  Result<> write(pg::Tx& tx, const std::vector<plans::Written>& written) override;

 private:
  Connections& connections_;
};

struct Health {
  std::string cluster;
  Mode mode = Mode::observe;
  std::vector<Check> checks;
  Look look;
  Instant at{};
};

struct ModeChange {
  std::string request_id;
  std::string cluster;
  std::string mode;
  std::string reason;
};

/// By name; the only one there is, when the name is empty. not_found CLUSTER_UNKNOWN with the nearest, invalid
/// CLUSTER_NEEDED.
Result<store::Cluster> find_cluster(pg::Tx& tx, const std::string& name);

class Clusters {
 public:
  Clusters(pg::Pool& pool, Connections& connections, const Clock& clock)
      : pool_(pool), connections_(connections), clock_(clock), witness_(pool, clock) {}

  /// Asks the cluster now, for 5 s at most. An unhealthy one is an answer. not_found CLUSTER_UNKNOWN.
  Result<Health> health(const std::string& cluster);
  /// To manage only what is the expected cluster and gives edad the rights: refused CLUSTER_UNFIT with the checks that
  /// failed, CLUSTER_MANAGED_TWICE; unavailable when it cannot be asked, unhealthy when a secret is missing, denied
  /// when it does not let edad keep its topic __edad: that is told first which database counts, also when the mode is
  /// manage already, for a restore may not have been noticed. To observe always. Admins only (the face's permission).
  Result<Mode> set_mode(const identity::Actor& actor, ModeChange change);

 private:
  Result<store::Cluster> find(const std::string& name);
  Look look(const store::Cluster& cluster);
  Result<std::string> vouch(const store::Cluster& cluster);

  pg::Pool& pool_;
  Connections& connections_;
  const Clock& clock_;
  Witness witness_;
};

}  // namespace eda::clusters
