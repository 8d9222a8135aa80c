#include "registry/schema/schema.h"

#include <fmt/format.h>

namespace eda::registry {

std::string_view type_name(SchemaType type) {
  switch (type) {
    case SchemaType::avro:
      return "AVRO";
    case SchemaType::json:
      return "JSON";
    case SchemaType::protobuf:
      return "PROTOBUF";
  }
  return "";
}

Error schema_invalid(SchemaType type, std::vector<Violation> violations) {
  std::string_view name = type == SchemaType::avro   ? "Avro schema"
                          : type == SchemaType::json ? "JSON Schema"
                                                     : "Protobuf schema";
  std::string where, what = "it is empty";
  if (!violations.empty()) {
    const Violation& first = violations.front();
    if (first.at.known()) where = fmt::format(" at {}", first.at.text());
    what = first.message;
  }
  Error error(Code::invalid, "SCHEMA_INVALID", fmt::format("this is no valid {}{}: {}", name, where, what));
  if (!violations.empty()) error.next = violations.front().hint;
  error.violations = std::move(violations);
  return error;
}

Error schema_too_large(std::size_t bytes, std::size_t limit) {
  return Error(Code::invalid, "SCHEMA_TOO_LARGE",
               fmt::format("the schema has {} bytes, more than the {} that are allowed", bytes, limit),
               "put parts that stand for themselves into schemas of their own and refer to them");
}

Error schema_too_complex(std::size_t comparisons) {
  return Error(Code::exhausted, "SCHEMA_TOO_COMPLEX",
               fmt::format("the two schemas were not compared to the end: that takes more than {} steps", comparisons),
               "break the schema up, or use fewer alternatives within alternatives");
}

}  // namespace eda::registry
