#pragma once
// The API's own messages as JSON, by protobuf's mapping: lowerCamel names in the order of the contract, maps sorted,
// 64-bit numbers as strings, what is empty left out.

#include <google/protobuf/message.h>

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace eda::cli {

/// Appends the message, indented by two from the second line on, whose margin is `margin` spaces; no line break at the
/// end. Straight from the message: a list of ten thousand costs no tree of each.
void write_json(std::string& out, const google::protobuf::Message& message, std::size_t margin = 0);
/// Appends a string in quotes.
void write_json(std::string& out, std::string_view text);

nlohmann::ordered_json to_json(const google::protobuf::Message& message);
/// Indented by two, ended by a line break.
std::string json_text(const nlohmann::ordered_json& value);
std::string json_text(const google::protobuf::Message& message);

}  // namespace eda::cli
