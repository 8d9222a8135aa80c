#pragma once
// JSON (RFC 8259) with positions: what a message about line 7, column 12 needs and nlohmann's reader does not keep.
// Schemas in Avro and JSON Schema are read with it.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/core/error.h"

namespace eda::registry {

/// One value. Numbers keep their spelling, so that 1.10 and 2^63 survive; objects keep the order of their names.
class JsonNode {
 public:
  enum class Kind { null, boolean, number, string, array, object };
  struct Member;

  Kind kind = Kind::null;
  bool truth = false;      ///< of a boolean
  std::string text;        ///< of a string: decoded; of a number: as it is spelt
  std::uint32_t line = 0;  ///< where it begins, from 1
  std::uint32_t column = 0;
  std::vector<JsonNode> items;
  std::vector<Member> members;

  bool is(Kind k) const { return kind == k; }
  /// The member of that name, or nullptr; also for what is no object.
  const JsonNode* find(std::string_view name) const;
  Position at() const { return {"", line, column}; }
  /// Compact text: no space, names in their order, numbers as they were spelt, non-ASCII as it is.
  std::string compact() const;
};

struct JsonNode::Member {
  std::string name;
  JsonNode value;
  std::uint32_t line = 0;  ///< where the name begins
  std::uint32_t column = 0;

  Position at() const { return {"", line, column}; }
};

/// Of a name that stands twice in one object the last value counts, at the first one's place (as Jackson reads it).
/// A byte order mark is skipped. Faults: one violation with its place; `nesting` bounds the depth.
tl::expected<JsonNode, Violation> parse_json(std::string_view text, std::size_t nesting);

/// A text as a JSON string with its quotes; only what must be escaped is.
std::string json_quoted(std::string_view text);

/// a < b, == or > as exact decimals of any size: "1.0" and "10e-1" are equal. Both must be JSON numbers.
int compare_numbers(std::string_view a, std::string_view b);
/// Is the number whole (1.0 and 1e2 are)?
bool whole_number(std::string_view number);

}  // namespace eda::registry
