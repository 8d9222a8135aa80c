#pragma once
// YAML 1.2 as a tree with the place of every value: what a manifest file says before anybody asks what it means.
// JSON is read as the YAML that it is. Limits of platform/core/limits.h hold while reading, so that no file can cost
// more than they allow.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace eda::plans {

/// A place in a file, from 1, columns in code points.
struct Mark {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend auto operator<=>(const Mark&, const Mark&) = default;
};

struct Node {
  enum class Shape { scalar, map, list };
  struct Entry {
    const Node* key = nullptr;  ///< nullptr in a list
    const Node* value = nullptr;
    Mark at;  ///< where the value is written; of an alias, where the alias stands
  };

  Shape shape = Shape::scalar;
  bool plain = false;  ///< a scalar without quotes: `12` may be a number, "12" is text
  std::string text;    ///< of a scalar
  std::vector<Entry> entries;
  Mark at;
  std::size_t weight = 1;  ///< nodes below and this one, aliases expanded
};

/// What a scalar is by YAML 1.2's core schema. `yes` and `on` are text there.
enum class ScalarType { text, null, boolean, integer, decimal };
ScalarType scalar_type(const Node& node);
/// The same of an unquoted word.
ScalarType plain_type(std::string_view word);

/// The nodes of one document; pointers into it live as long as it does.
struct Tree {
  std::deque<Node> nodes;
  const Node* root = nullptr;
};

/// Why a piece of YAML cannot be read.
struct YamlFault {
  Mark at;
  std::string message;
  std::string hint;
};

/// One document of a file as text, and the line on which it begins.
struct Piece {
  std::string_view text;
  std::uint32_t line = 1;
};

/// Cuts a file (without BOM) at its `---` and `...` lines; documents of nothing but comments are left out. Cutting
/// before reading lets the others be judged when one is broken. Stops after `most` pieces.
std::vector<Piece> split_documents(std::string_view text, std::size_t most);

tl::expected<Tree, YamlFault> read_yaml(const Piece& piece);
/// The same by the YAML library alone, without the quick way for plain documents (manifest_plain).
tl::expected<Tree, YamlFault> read_any_yaml(const Piece& piece);

}  // namespace eda::plans
