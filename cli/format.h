#pragma once
// Shapes of what goes to stdout.

#include <string>
#include <string_view>

#include "platform/core/error.h"

namespace eda::cli {

enum class Format { table, wide, json, yaml, name, tsv, markdown };

/// Errors: invalid USAGE with the nearest format.
Result<Format> parse_format(const std::string& text);

}  // namespace eda::cli
