#pragma once
// eda::Error to and from google.rpc.Status: ErrorInfo (reason, domain `eda`, facts; the exact code and `next` beside
// them), BadRequest (violations), PreconditionFailure (stale), our own eda.common.v1.Violations (positions and hints),
// RequestInfo. `message` is the sentence. One table each way; what goes in comes out unchanged (a test holds it to
// that).

#include <grpcpp/grpcpp.h>

#include <exception>
#include <string>

#include "platform/core/error.h"

namespace eda::rpc {

/// An error travels in gRPC's trailers; both ends allow them this much (GRPC_ARG_MAX_METADATA_SIZE).
inline constexpr int max_metadata_bytes = 1 << 20;
/// What of an error's violations travels at most; the fact `violations_omitted` counts the others. Texts are cut at 4
/// KiB, message and facts at 8 KiB.
inline constexpr std::size_t max_violations = 200;
inline constexpr std::size_t max_violation_bytes = 256u << 10;

grpc::Status to_status(const Error& error, const std::string& request_id = {});
/// Of our own server: the Error as it was; with a request id, it is the fact `request_id`. Of gRPC itself: unavailable
/// SERVER_AWAY (never reached) or SERVER_LOST (broke on the way: a change may have happened), timeout DEADLINE,
/// unknown_outcome CANCELLED, exhausted LIMIT, invalid METHOD_UNKNOWN, internal SERVER_FAULT, ….
Error from_status(const grpc::Status& status);

/// What a caller is told of an exception: nothing but that it is ours. Its text goes to the log.
Error internal_fault(const std::exception& fault);

}  // namespace eda::rpc
