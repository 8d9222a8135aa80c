#pragma once
// An object as the manifest that would make it.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "eda/catalog/v1/catalog.pb.h"
#include "plans/kind.h"

namespace eda::cli {

/// YAML without status, fields in the order of the kind's table. plan finds it unchanged.
std::string manifest_text(const plans::KindRules& rules, const eda::catalog::v1::Object& object);

/// The spec alone, in that order.
nlohmann::ordered_json ordered_spec(const plans::KindRules& rules, const eda::catalog::v1::Object& object);

}  // namespace eda::cli
