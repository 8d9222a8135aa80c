#pragma once
// What a field takes, in words; explain, new, help of completion and the reference say it the same way.

#include <string>
#include <string_view>

#include "plans/kind.h"

namespace eda::cli {

/// "duration", "list of texts".
std::string_view type_word(plans::FieldType type);
/// How a value of the type is written where that is not evident: its units, or nothing.
std::string_view type_note(plans::FieldType type);
/// "integer from 1 to 1000", "choice: private, protected, public", "name of a team".
std::string takes(const plans::Field& field);

}  // namespace eda::cli
