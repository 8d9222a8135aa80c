#pragma once
// An operation as people read it, and following one from step to step.

#include <string>

#include "cli/exit.h"
#include "cli/session.h"
#include "eda/operations/v1/operations.pb.h"
#include "platform/process/request_id.h"

namespace eda::cli {

/// A request about an operation by its id (ResumeOperationRequest, AbortOperationRequest), with what every change says.
template <class Request>
Request operation_request(Session& session, const std::string& id) {
  Request request;
  request.set_request_id(process::draw_request_id());
  request.set_reason(session.globals().reason);
  request.set_id(id);
  interrupt::note("whether it was answered, edactl operation show " + id + " shows");
  return request;
}

/// Its steps on stderr as they are done, until it runs no more or the time is up; `operation` is then as it was seen
/// last.
Result<> follow_operation(Session& session, eda::operations::v1::Operation& operation);

/// How it stands, in words on stderr. Exit::ok when it is done; failed when it failed or was ended; unknown; approval
/// when it waits for somebody; timeout when it still runs.
Exit conclude_operation(Session& session, const eda::operations::v1::Operation& operation);

/// In full on stdout, as -o says.
Result<> show_operation(Session& session, const eda::operations::v1::Operation& operation);

/// "stream.deletion of stream/orders.placed".
std::string operation_title(const eda::operations::v1::Operation& operation, const std::string& cluster);

}  // namespace eda::cli
