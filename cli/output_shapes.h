#pragma once
// What each command writes with -o json, as JSON Schema. A command that stands here takes -o schema, and, where it
// writes a list, the flags that shape rows.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

namespace eda::cli {

struct OutputShape {
  enum class Of { list, message } of = Of::message;
  nlohmann::ordered_json (*schema)() = nullptr;  ///< null: depends on the arguments, the command writes it itself
};

/// By the command's words ("token list"); nullopt for one that writes no JSON, or none of a stated shape.
std::optional<OutputShape> output_shape(std::string_view command);

/// A plan as -o json writes it.
nlohmann::ordered_json plan_schema();

}  // namespace eda::cli
