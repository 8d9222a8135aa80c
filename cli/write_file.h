#pragma once
// Files of ours, written whole or not at all.

#include <string>
#include <string_view>

#include "platform/core/error.h"

namespace eda::cli {

/// Beside the file, then renamed over it, readable to all (0644, less the umask). Errors: unavailable FILE_UNWRITABLE.
Result<> write_file(const std::string& path, std::string_view text);

}  // namespace eda::cli
