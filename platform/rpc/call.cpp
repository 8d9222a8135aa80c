#include "platform/rpc/call.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "platform/process/request_id.h"

namespace eda::rpc {

namespace {

std::optional<std::string_view> metadata(const grpc::ServerContext& context, const char* key) {
  auto& all = context.client_metadata();
  auto found = all.find(key);
  if (found == all.end()) return std::nullopt;
  return std::string_view(found->second.data(), found->second.size());
}

Secret bearer(std::string_view header) {
  constexpr std::string_view scheme = "bearer ";
  if (header.size() <= scheme.size()) return {};
  auto same = [](char ours, char theirs) { return std::tolower(static_cast<unsigned char>(theirs)) == ours; };
  if (!std::equal(scheme.begin(), scheme.end(), header.begin(), same)) return {};
  auto token = header.substr(std::min(header.find_first_not_of(' ', scheme.size()), header.size()));
  while (token.ends_with(' ')) token.remove_suffix(1);
  return Secret(std::string(token));
}

Deadline deadline_of(const grpc::ServerContext& context) {
  auto asked = context.deadline();
  if (asked == std::chrono::system_clock::time_point::max()) return Deadline::in(default_deadline);
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(asked - std::chrono::system_clock::now());
  return Deadline::in(std::clamp<std::chrono::milliseconds>(left, std::chrono::milliseconds(0), max_deadline));
}

}  // namespace

Incoming incoming(const grpc::ServerContext& context, std::string_view method) {
  Incoming call;
  call.method = method;
  if (auto header = metadata(context, "authorization")) call.token = bearer(*header);
  auto id = metadata(context, "x-request-id");
  call.request_id = id && process::is_request_id(*id) ? std::string(*id) : process::draw_request_id();
  call.peer = context.peer();
  // Only the JSON gateway calls without a socket, which gRPC knows no peer of; it says who called it.
  if (call.peer == "unknown" || call.peer.starts_with("inproc"))
    call.peer = std::string(metadata(context, "x-eda-peer").value_or(call.peer));
  call.deadline = deadline_of(context);
  return call;
}

}  // namespace eda::rpc
