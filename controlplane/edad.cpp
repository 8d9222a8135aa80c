#include "controlplane/edad.h"

#include "catalog/rpc.h"
#include "catalog/rpc_events.h"
#include "catalog/rpc_ownership.h"
#include "clusters/rpc.h"
#include "identity/rpc.h"
#include "operations/rpc.h"
#include "plans/rpc.h"
#include "platform/http/router.h"
#include "platform/pg/migrate.h"
#include "platform/process/log.h"
#include "platform/process/request_id.h"
#include "streams/rpc.h"
#include "topology/rpc.h"

namespace eda::controlplane {

namespace {

// Workers of all replicas wake up on it; they poll anyway.
constexpr const char* wishes_channel = "wishes";

pg::PoolOptions pool_options(const Settings& settings) {
  pg::PoolOptions options;
  options.url = settings.database_url;
  options.size = settings.database_pool;
  options.report = [](const std::string& text) { process::log_error("database fault", {{"fault", text}}); };
  return options;
}

http::Response plain(int status, std::string text) {
  return http::reply(status, "text/plain; charset=utf-8", std::move(text));
}

}  // namespace

Edad::Edad(const Settings& settings)
    : holder_("edad-" + process::draw_request_id()),
      pool_(pool_options(settings)),
      meters_(pool_),
      secrets_(settings.secrets_dir),
      seal_key_(settings.secrets_dir),
      connections_(secrets_, [this](const std::string&, std::string_view call, Duration took,
                                    std::string_view outcome) { meters_.broker_call(call, took, outcome); }),
      cluster_rows_(connections_),
      stream_rows_(pool_, connections_, clock_),
      kinds_({&catalog::team_rules(), &catalog::tag_rules(), &catalog::service_rules(), &clusters::cluster_rules(),
              &streams::stream_rules()}),
      engine_(pool_, kinds_, {&team_rows_, &tag_rows_, &service_rows_, &cluster_rows_, &stream_rows_}, owner_book_,
              [this] { pool_.notify(wishes_channel); }, {&owner_book_, &readers_},
              {&private_reads_, &no_new_consumers_}),
      identity_(pool_, clock_, team_book_),
      gate_(pool_, clock_, [this](const rpc::Finished& call) { meters_.call(call); }),
      reading_(pool_, kinds_),
      transfers_(pool_, engine_, clock_),
      renames_(pool_, engine_),
      transfer_runner_(transfers_, engine_),
      verifier_(
          pool_, [this] { return seal_key_.read(); }, last_head_),
      trail_(pool_, verifier_),
      clusters_(pool_, connections_, clock_),
      streams_(pool_, connections_, engine_, clock_),
      deletions_(pool_, connections_, clock_),
      adoptions_(streams_, engine_),
      runners_({&deletions_, &adoptions_, &transfer_runner_}),
      operations_(pool_, clock_, team_book_, runners_),
      sealer_(pool_, seal_key_, last_head_, clock_, holder_,
              {.round = [this](const events::Round& round) { meters_.sealing(round); },
               .cut = [this] { meters_.trail_cut(); }}),
      cluster_worker_(pool_, connections_, clock_, holder_,
                      [this](const clusters::Round& round) { meters_.round("clusters", round.outcome, round.took); }),
      stream_worker_(pool_, connections_, clock_,
                     streams::WorkerOptions{.holder = holder_, .sweep = settings.drift_interval},
                     [this](const streams::Round& round) {
                       meters_.round(round.survey ? "drift" : "streams", round.outcome, round.took);
                       if (round.survey) meters_.drift(round.cluster, *round.survey);
                     }),
      operation_worker_(
          pool_, clock_, runners_, operations::WorkerOptions{.holder = holder_},
          [this](const operations::Round& round) { meters_.round("operations", round.outcome, round.took); }),
      monitor_(pool_, engine_, readiness_, meters_, holder_, [this](bool ready) {
        grpc_->set_readiness(ready ? rpc::Readiness::ready : rpc::Readiness::not_ready);
      }) {}

Result<std::unique_ptr<Edad>> Edad::start(const Settings& settings) {
  std::unique_ptr<Edad> edad(new Edad(settings));
  EDA_TRY(edad->pool_.ping());
  EDA_TRY(pg::migrate(edad->pool_, pg::embedded_migrations()));
  EDA_TRY(edad->listen(settings));
  edad->monitor_.start();
  edad->sealer_.start();
  edad->cluster_worker_.start();
  edad->stream_worker_.start();
  edad->operation_worker_.start();
  process::log_info("listening",
                    {{"grpc", edad->grpc_port()}, {"metrics", edad->metrics_port()}, {"web", edad->web_port()}});
  return edad;
}

Result<> Edad::listen(const Settings& settings) {
  gate_.permit(identity::identity_methods());
  gate_.permit(plans::plan_methods());
  gate_.permit(catalog::catalog_methods());
  gate_.permit(catalog::event_methods());
  gate_.permit(catalog::ownership_methods());
  gate_.permit(clusters::cluster_methods());
  gate_.permit(streams::stream_methods());
  gate_.permit(topology::topology_methods());
  gate_.permit(operations::operation_methods());
  bool tls = settings.tls.has_value();
  faces_.push_back(identity::make_identity_face(identity_, gate_,
                                                {EDA_VERSION,
                                                 {{"grpc", settings.grpc.text(), tls},
                                                  {"web", settings.web.text(), tls},
                                                  {"metrics", settings.metrics.text(), tls}}}));
  faces_.push_back(plans::make_plan_face(engine_, gate_));
  faces_.push_back(catalog::make_catalog_face(reading_, kinds_, gate_));
  faces_.push_back(catalog::make_event_face(trail_, gate_));
  faces_.push_back(
      catalog::make_ownership_face(transfers_, renames_, reading_, gate_, {plans::to_proto, operations::to_proto}));
  faces_.push_back(clusters::make_cluster_face(clusters_, gate_));
  faces_.push_back(streams::make_stream_face(streams_, gate_, {plans::to_proto, operations::to_proto}));
  faces_.push_back(topology::make_topology_face(topology_, gate_));
  faces_.push_back(operations::make_operation_face(operations_, gate_));
  std::vector<grpc::Service*> services;
  for (auto& face : faces_) services.push_back(face.get());
  EDA_ASSIGN(grpc_,
             rpc::Server::start({.listen = settings.grpc, .tls = settings.tls, .threads = settings.threads}, services));

  gateway_ = std::make_unique<http::JsonGateway>(grpc_->in_process());
  EDA_ASSIGN(web_, http::Server::start({.listen = settings.web, .tls = settings.tls},
                                       [this](const http::Request& request) { return gateway_->handle(request); }));

  auto router = std::make_shared<http::Router>();
  router->on("GET", "/healthz", [](const http::Request&) { return plain(200, "ok\n"); });
  router->on("GET", "/readyz",
             [this](const http::Request&) { return plain(readiness_.ready() ? 200 : 503, readiness_.text()); });
  router->on("GET", "/metrics", [this](const http::Request&) {
    return http::reply(200, "text/plain; version=0.0.4; charset=utf-8", meters_.render());
  });
  EDA_ASSIGN(metrics_http_,
             http::Server::start({.listen = settings.metrics, .tls = settings.tls},
                                 [router](const http::Request& request) { return router->route(request); }));
  return {};
}

void Edad::stop() {
  if (std::exchange(stopped_, true)) return;
  trail_.stop_waiting();
  if (grpc_) grpc_->drain(std::chrono::seconds(5));
  if (web_) web_->drain(std::chrono::seconds(1));
  operation_worker_.stop();
  stream_worker_.stop();
  cluster_worker_.stop();
  sealer_.stop();
  monitor_.stop();
  if (metrics_http_) metrics_http_->drain(std::chrono::seconds(1));
}

Edad::~Edad() {
  stop();
}

Result<Secret> bootstrap(const Settings& settings, identity::Actions::IfThereIsOne then) {
  pg::Pool pool(pool_options(settings));
  EDA_TRY(pool.ping());
  EDA_TRY(pg::migrate(pool, pg::embedded_migrations()));
  SystemClock clock;
  catalog::TeamBook teams;
  identity::Actions actions(pool, clock, teams);
  EDA_ASSIGN(auto token, actions.bootstrap_admin(then));
  return token.secret;
}

}  // namespace eda::controlplane
