#pragma once
// Points in time as people read them: "3m ago" on a terminal, RFC 3339 where a program reads.

#include <google/protobuf/timestamp.pb.h>

#include <string>

#include "cli/terminal.h"

namespace eda::cli {

/// Empty for a time that is not set.
std::string when(const Terminal& terminal, const google::protobuf::Timestamp& at);

}  // namespace eda::cli
