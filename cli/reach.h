#pragma once
// Why edad could not be reached, where gRPC's words tell: TLS on one side only, or a certificate that is not trusted.

#include <string>

#include "platform/core/error.h"

namespace eda::cli {

/// The error of a call with the sentence and next step for it; any other as it is. `ca`: the file of --ca, empty for
/// the system's authorities.
Error reach_fault(Error error, const std::string& ca);

/// Whether another moment may end it: edad is restarted, or busy.
bool may_pass(const Error& error);

}  // namespace eda::cli
