#pragma once
// edad as a whole: every object as a member, in the order of need. Started whole or not at all, stopped in reverse.

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalog/actions.h"
#include "catalog/actions_events.h"
#include "catalog/actions_renames.h"
#include "catalog/actions_services.h"
#include "catalog/actions_tags.h"
#include "catalog/actions_transfers.h"
#include "catalog/worker_transfers.h"
#include "clusters/actions.h"
#include "clusters/worker.h"
#include "controlplane/config.h"
#include "controlplane/meters.h"
#include "controlplane/monitor.h"
#include "controlplane/readiness.h"
#include "events/actions.h"
#include "events/worker.h"
#include "events/worker_key.h"
#include "identity/actions.h"
#include "identity/gate.h"
#include "operations/actions.h"
#include "operations/worker.h"
#include "plans/actions.h"
#include "platform/http/json_gateway.h"
#include "platform/http/server.h"
#include "platform/pg/pool.h"
#include "platform/process/secrets.h"
#include "platform/rpc/server.h"
#include "streams/actions.h"
#include "streams/worker.h"
#include "streams/worker_claims.h"
#include "streams/worker_deletion.h"
#include "topology/actions.h"

namespace eda::controlplane {

class Edad {
 public:
  /// Connects, migrates, listens, and sets the workers to work. Errors say in one sentence why not: unavailable
  /// DATABASE_AWAY, refused DATABASE_NEWER, unavailable PORT_IN_USE, ….
  static Result<std::unique_ptr<Edad>> start(const Settings& settings);
  ~Edad();
  Edad(const Edad&) = delete;
  Edad& operator=(const Edad&) = delete;

  /// Takes no new calls, lets those under way finish for up to 10 s, ends the workers, gives up the leases.
  void stop();

  std::uint16_t grpc_port() const { return grpc_->port(); }
  std::uint16_t metrics_port() const { return metrics_http_->port(); }
  std::uint16_t web_port() const { return web_->port(); }
  const std::unordered_map<std::string, identity::Permission>& permissions() const { return gate_.permissions(); }
  identity::Actions& identity() { return identity_; }

 private:
  explicit Edad(const Settings& settings);
  Result<> listen(const Settings& settings);

  SystemClock clock_;
  std::string holder_;  ///< unique per process: who holds a lease
  pg::Pool pool_;
  Meters meters_;
  Readiness readiness_;
  process::Secrets secrets_;
  events::SealKeyFile seal_key_;
  events::HeadMemory last_head_;

  catalog::TeamBook team_book_;
  catalog::OwnerBook owner_book_;
  catalog::TeamRows team_rows_;
  catalog::TagRows tag_rows_;
  catalog::ServiceRows service_rows_;
  catalog::Readers readers_;
  catalog::PrivateReads private_reads_;
  catalog::NoNewConsumers no_new_consumers_;
  clusters::Connections connections_;
  clusters::ClusterRows cluster_rows_;
  streams::StreamRows stream_rows_;
  plans::Kinds kinds_;
  plans::Engine engine_;

  identity::Actions identity_;
  identity::Gate gate_;
  catalog::Reading reading_;
  catalog::Transfers transfers_;
  catalog::Renames renames_;
  catalog::TransferRunner transfer_runner_;
  events::Verifier verifier_;
  catalog::Trail trail_;
  clusters::Clusters clusters_;
  streams::Streams streams_;
  streams::DeletionRunner deletions_;
  streams::AdoptionRunner adoptions_;
  std::vector<operations::Runner*> runners_;  ///< of all kinds of operations
  operations::Actions operations_;
  topology::Topology topology_{pool_, {}};

  std::vector<std::unique_ptr<grpc::Service>> faces_;
  std::unique_ptr<rpc::Server> grpc_;
  std::unique_ptr<http::JsonGateway> gateway_;
  std::unique_ptr<http::Server> web_;
  std::unique_ptr<http::Server> metrics_http_;

  events::Sealer sealer_;
  clusters::Worker cluster_worker_;
  streams::Worker stream_worker_;
  operations::Worker operation_worker_;
  Monitor monitor_;
  bool stopped_ = false;
};

/// Makes the first admin in the settings' database (migrating it), without listening anywhere.
Result<Secret> bootstrap(const Settings& settings, identity::Actions::IfThereIsOne then);

}  // namespace eda::controlplane
