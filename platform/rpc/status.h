#pragma once
// eda::Error to and from google.rpc.Status: ErrorInfo (reason, domain `eda`, facts), BadRequest (violations),
// PreconditionFailure (stale), LocalizedMessage-free: `message` is the sentence, `next` travels in ErrorInfo metadata.
// One table each way; what goes in comes out unchanged (a test holds it to that).

#include <grpcpp/grpcpp.h>

#include <exception>
#include <string>

#include "platform/core/error.h"

namespace eda::rpc {

grpc::Status to_status(const Error& error, const std::string& request_id = {});
/// Of our own server: the Error as it was. Of gRPC itself: unavailable SERVER_AWAY, timeout DEADLINE, ….
Error from_status(const grpc::Status& status);

/// What a caller is told of an exception: nothing but that it is ours; the text is for the log.
Error internal_fault(const std::exception& fault);

}  // namespace eda::rpc
