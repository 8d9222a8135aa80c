#pragma once
// Value to and from JSON text. Integers without fraction or exponent become int64, other numbers double. Map keys come
// out sorted, so equal values have equal text (hashes, jsonb).

#include <string>
#include <string_view>

#include "platform/core/error.h"
#include "platform/core/value.h"

namespace eda::text {

std::string to_json(const Value& value);
/// Errors: invalid JSON_SYNTAX with line and column, invalid JSON_TOO_DEEP above limits::nesting.
Result<Value> from_json(std::string_view text);

}  // namespace eda::text
