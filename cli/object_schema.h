#pragma once
// The JSON Schema of what get and describe write with -o json.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/kinds.h"

namespace eda::cli {

enum class Amount { one, list };

/// Of objects of these kinds; of one kind alone the spec is the kind's own.
nlohmann::ordered_json object_schema(const std::vector<const plans::KindRules*>& kinds, Amount amount);
nlohmann::ordered_json user_schema(Amount amount);
/// A plan as it is listed (Amount::list), or described with its changes.
nlohmann::ordered_json listed_plan_schema(Amount amount);

nlohmann::ordered_json domain_list_schema();

}  // namespace eda::cli
