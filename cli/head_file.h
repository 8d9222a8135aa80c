#pragma once
// The head of the audit trail, kept where whoever can change the database cannot: one JSON object in a file.

#include <optional>
#include <string>

#include "eda/events/v1/events.pb.h"
#include "platform/core/error.h"

namespace eda::cli {

/// Nothing: there is no such file yet. unavailable FILE_UNREADABLE; invalid HEAD_FILE.
Result<std::optional<eda::events::v1::Head>> read_head(const std::string& path);
/// Whole or not at all. unavailable FILE_UNWRITABLE.
Result<> write_head(const std::string& path, const eda::events::v1::Head& head);

}  // namespace eda::cli
