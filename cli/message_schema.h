#pragma once
// What -o json writes, as JSON Schema (draft-07): the API's messages by protobuf's mapping, as cli/json writes them.

#include <google/protobuf/descriptor.h>

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace eda::cli {

/// One message. What is empty is left out of the output, so nothing is required; fields may be added by later versions.
nlohmann::ordered_json message_schema(const google::protobuf::Descriptor& message);
/// {"<key>": [message, …]}.
nlohmann::ordered_json list_schema(const std::string& key, const google::protobuf::Descriptor& message);
/// {"<key>": [{…texts…}, …]}: lists of edactl's own that are no part of the API.
nlohmann::ordered_json list_schema(const std::string& key, const nlohmann::ordered_json& item);

}  // namespace eda::cli
