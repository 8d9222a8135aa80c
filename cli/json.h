#pragma once
// The API's own messages as JSON: lowerCamel names in the order of the contract, maps sorted.

#include <google/protobuf/message.h>

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace eda::cli {

nlohmann::ordered_json to_json(const google::protobuf::Message& message);
/// Indented by two, ended by a line break.
std::string json_text(const nlohmann::ordered_json& value);

}  // namespace eda::cli
