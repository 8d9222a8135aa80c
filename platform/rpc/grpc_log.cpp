#include "platform/rpc/grpc_log.h"

#include <grpc/support/log.h>

#include <atomic>
#include <string_view>

#include "platform/process/log.h"

namespace eda::rpc {

namespace {

std::atomic<bool> serving{false};

void write(gpr_log_func_args* said) {
  std::string_view file = said->file;
  // A handshake fails whenever a stranger knocks; that is no event of ours.
  bool event = serving && said->severity == GPR_LOG_SEVERITY_ERROR &&
               file.find("ssl_transport_security") == std::string_view::npos;
  process::log(event ? process::LogLevel::warning : process::LogLevel::debug, "gRPC",
               {{"said", said->message}, {"file", file.substr(file.rfind('/') + 1)}, {"line", said->line}});
}

}  // namespace

void route_grpc_log(Side side) {
  if (side == Side::server) serving = true;
  gpr_set_log_function(&write);
}

}  // namespace eda::rpc
