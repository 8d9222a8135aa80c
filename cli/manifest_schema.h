#pragma once
// The kinds' tables as JSON Schema (draft-07, which editors read), so that an editor completes and checks manifests.

#include <nlohmann/json_fwd.hpp>

#include "plans/kind.h"

namespace eda::cli {

/// One manifest of this kind. What only the merged wish must have is not required here: a set may say a part of it.
nlohmann::ordered_json manifest_schema(const plans::KindRules& rules);
/// A manifest of any of the kinds, told apart by `kind`.
nlohmann::ordered_json manifest_schema(const plans::Kinds& kinds);
/// The kind's `spec` alone.
nlohmann::ordered_json spec_schema(const plans::KindRules& rules);

}  // namespace eda::cli
