#pragma once
// Data as YAML, block style, that any YAML reader gives back unchanged.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace eda::cli {

/// A text as a scalar: plain where nobody could take it for something else, else in double quotes.
std::string yaml_scalar(std::string_view text);
/// A document without leading `---`, each line ended.
std::string to_yaml(const nlohmann::ordered_json& value);

}  // namespace eda::cli
