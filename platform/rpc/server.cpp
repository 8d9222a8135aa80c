#include "platform/rpc/server.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include "platform/process/log.h"
#include "platform/rpc/grpc_log.h"
#include "platform/rpc/status.h"

namespace eda::rpc {

namespace {

// A renewed certificate is served within 10 s: it is looked for, and then gRPC looks.
constexpr std::chrono::seconds certificate_check{4};
constexpr unsigned grpc_check_seconds = 2;

/// Both are plug-ins of the whole process and have to be there before the first builder.
void register_plugins() {
  static const bool once = [] {
    route_grpc_log(Side::server);
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    return true;
  }();
  static_cast<void>(once);
}

void set_limits(grpc::ServerBuilder& builder, const ServerOptions& options) {
  grpc::ResourceQuota quota("eda");
  quota.SetMaxThreads(options.threads);
  builder.SetResourceQuota(quota);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 4);
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.message_bytes));
  builder.SetMaxSendMessageSize(static_cast<int>(options.message_bytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, max_metadata_bytes);
  // Two servers on one port would share its calls without a word.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Whoever connects and says nothing is cut; whoever is gone without a word is noticed.
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 200);
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, std::span<grpc::Service* const> services) {
  EDA_TRY(process::may_listen(options.listen, options.tls));
  EDA_TRY(process::can_bind(options.listen));
  register_plugins();
  std::unique_ptr<Server> server(new Server);
  auto credentials = grpc::InsecureServerCredentials();
  if (options.tls) {
    EDA_ASSIGN(credentials, server->credentials(*options.tls));
  }
  grpc::ServerBuilder builder;
  set_limits(builder, options);
  int port = 0;
  builder.AddListeningPort(options.listen.text(), credentials, &port);
  for (auto* service : services) builder.RegisterService(service);
  server->server_ = builder.BuildAndStart();
  if (!server->server_ || port == 0) {
    return fail(Code::unavailable, "LISTEN_FAILED", fmt::format("gRPC cannot listen on {}", options.listen.text()),
                "see the log for gRPC's own words");
  }
  server->port_ = static_cast<std::uint16_t>(port);
  server->set_readiness(Readiness::not_ready);
  return server;
}

Server::~Server() {
  if (server_) drain(std::chrono::milliseconds(0));
  {
    std::lock_guard lock(guard_);
    ending_ = true;
  }
  ended_.notify_all();
  if (watcher_.joinable()) watcher_.join();
}

Result<std::shared_ptr<grpc::ServerCredentials>> Server::credentials(const process::TlsFiles& files) {
  namespace tls_api = grpc::experimental;
  process::TlsWatch watch(files);
  EDA_ASSIGN(auto pair, watch.look());
  EDA_TRY(tls_.put(*pair));
  auto provider =
      std::make_shared<tls_api::FileWatcherCertificateProvider>(tls_.path(), tls_.path(), grpc_check_seconds);
  tls_api::TlsServerCredentialsOptions options(provider);
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  watcher_ = std::thread([this, watch]() mutable { watch_certificate(std::move(watch)); });
  return tls_api::TlsServerCredentials(options);
}

void Server::watch_certificate(process::TlsWatch watch) {
  std::unique_lock lock(guard_);
  while (!ended_.wait_for(lock, certificate_check, [this] { return ending_; })) {
    auto renewed = watch.look();
    if (renewed && !*renewed) continue;
    auto put = renewed ? tls_.put(**renewed) : Result<>(fail(renewed.error()));
    if (put) {
      process::log_info("gRPC serves a renewed certificate");
    } else {
      process::log_error("gRPC does not serve a changed certificate", put.error());
    }
  }
}

void Server::set_readiness(Readiness readiness) {
  if (drained_) return;
  if (auto* health = server_->GetHealthCheckService()) health->SetServingStatus(readiness == Readiness::ready);
}

std::shared_ptr<grpc::Channel> Server::in_process() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);  // the server's own limits hold
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, max_metadata_bytes);
  return server_->InProcessChannel(arguments);
}

void Server::drain(std::chrono::milliseconds limit) {
  if (drained_.exchange(true)) return;
  if (auto* health = server_->GetHealthCheckService()) health->Shutdown();
  server_->Shutdown(std::chrono::system_clock::now() + limit);
  server_->Wait();
}

}  // namespace eda::rpc
