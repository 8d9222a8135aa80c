#pragma once
// The methods of this process' own gRPC server as JSON: POST /<package>.<Service>/<Method>, as Connect does it.
//
//   request   Content-Type application/json; Authorization and x-request-id are handed on; Connect-Timeout-Ms is the
//             deadline (default 60 s, at most 10 min). An empty body is the empty message.
//   answer    200 and the message as JSON: lowerCamelCase, fields at their default included; x-request-id. Of a method
//   that
//             answers with a stream: application/x-ndjson, each message on a line, once all are there.
//   refusal   Connect's {"code", "message", "details"} with its HTTP status, and beside them `reason` and `next`. Each
//   of
//             `details` has `type`, `value` (base64) and `debug`, the same to read: facts, violations with positions.
//   never called: unknown method 404, one that is sent a stream 501, another content type 415, JSON that is none or
//   nests beyond
//             limits::nesting or has a field that the message has not 400 (with line and column, or the field's path
//             and the nearest name). The sizes are the HTTP server's and the gRPC server's.

#include <cstddef>
#include <memory>

#include "platform/http/message.h"

namespace grpc {
class Channel;
}

namespace eda::http {

/// Of the lines that a stream is answered with; beyond it there is none of them, but 413.
inline constexpr std::size_t max_stream_bytes = std::size_t{128} << 20;

class JsonGateway {
 public:
  /// `channel` of rpc::Server::in_process().
  explicit JsonGateway(std::shared_ptr<grpc::Channel> channel) : channel_(std::move(channel)) {}

  /// Blocks until the call has ended. Safe from many threads.
  Response handle(const Request& request) const;

 private:
  Response call(const Request& request, const std::string& request_id) const;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace eda::http
