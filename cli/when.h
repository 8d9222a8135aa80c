#pragma once
// Points in time as people read them: "3m ago" on a terminal, RFC 3339 where a program reads.

#include <google/protobuf/timestamp.pb.h>

#include <string>

#include "cli/terminal.h"
#include "platform/core/error.h"
#include "platform/core/time.h"

namespace eda::cli {

/// `2h` (ago), a day, or RFC 3339, as `option` takes it. invalid for anything else.
Result<Instant> past_of(const std::string& option, const std::string& text);

/// Empty for a time that is not set.
std::string when(const Terminal& terminal, const google::protobuf::Timestamp& at);

}  // namespace eda::cli
