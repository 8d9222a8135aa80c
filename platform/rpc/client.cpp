#include "platform/rpc/client.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "platform/core/limits.h"
#include "platform/process/listen.h"
#include "platform/process/request_id.h"
#include "platform/rpc/grpc_log.h"
#include "platform/rpc/status.h"

namespace eda::rpc {

namespace {

// Where the system keeps the authorities it trusts; gRPC's own idea of it depends on how it was packaged.
constexpr const char* system_authorities[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                              "/etc/ssl/cert.pem"};

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Result<std::string> authorities(const std::string& ca) {
  if (!ca.empty()) {
    auto pem = content(ca);
    if (pem.empty()) {
      return fail(Code::unavailable, "CA_FILE",
                  fmt::format("the file of authorities {} cannot be read, or is empty", ca),
                  "check the path and its permissions");
    }
    return pem;
  }
  for (auto* path : system_authorities) {
    if (auto pem = content(path); !pem.empty()) return pem;
  }
  return std::string();
}

enum class Wire { plain, tls };

// A server whose threads or connections are all taken says so before it does anything: the call waits and asks again,
// 5 times within some 7 s.
constexpr const char* patience = R"({"methodConfig": [{"name": [{}], "retryPolicy": {
  "maxAttempts": 5, "initialBackoff": "0.5s", "maxBackoff": "5s", "backoffMultiplier": 2,
  "retryableStatusCodes": ["RESOURCE_EXHAUSTED"]}}]})";

}  // namespace

Result<Client> Client::make(const ClientOptions& options) {
  constexpr std::string_view http = "http://", https = "https://";
  std::string_view address = options.address;
  bool said_plain = address.starts_with(http);
  bool said_tls = address.starts_with(https);
  if (said_plain) address.remove_prefix(http.size());
  if (said_tls) address.remove_prefix(https.size());
  while (address.ends_with('/')) address.remove_suffix(1);
  EDA_ASSIGN(auto endpoint, process::parse_endpoint(address));
  Wire wire = said_plain || (!said_tls && endpoint.loopback() && options.ca.empty()) ? Wire::plain : Wire::tls;
  if (wire == Wire::plain && !endpoint.loopback() && !options.token.empty()) {
    return fail(Code::refused, "PLAIN_TOKEN", fmt::format("a token is not sent in the clear to {}", endpoint.text()),
                fmt::format("use https://{}", endpoint.text()));
  }
  route_grpc_log(Side::client);
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (wire == Wire::tls) {
    grpc::SslCredentialsOptions tls;
    EDA_ASSIGN(tls.pem_root_certs, authorities(options.ca));
    credentials = grpc::SslCredentials(tls);
  }
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(static_cast<int>(limits::message_bytes));
  arguments.SetMaxSendMessageSize(static_cast<int>(limits::message_bytes));
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, max_metadata_bytes);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // a token goes where the address says, and nowhere else
  // Who waits for edad to come back hears of it soon; gRPC's own pauses grow to two minutes, and it looks a name up at
  // most each 30 s, which a connection that broke waits for.
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 1'000);
  arguments.SetServiceConfigJSON(patience);
  Client client;
  client.channel_ = grpc::CreateCustomChannel(endpoint.text(), credentials, arguments);
  client.address_ = endpoint.text();
  client.token_ = options.token;
  return client;
}

std::string Client::prepare(grpc::ClientContext& context, const CallOptions& options) const {
  auto id = options.request_id.empty() ? process::draw_request_id() : options.request_id;
  if (!token_.empty()) context.AddMetadata("authorization", "Bearer " + token_.reveal());
  context.AddMetadata("x-request-id", id);
  context.set_deadline(std::chrono::system_clock::now() + options.timeout);
  return id;
}

Result<> Client::outcome(const grpc::Status& status, const std::string& request_id) const {
  if (status.ok()) return {};
  Error error = from_status(status);
  error.facts.emplace("request_id", request_id);
  if (error.reason == "SERVER_AWAY" || error.reason == "SERVER_LOST") error.facts.emplace("address", address_);
  return fail(std::move(error));
}

}  // namespace eda::rpc
