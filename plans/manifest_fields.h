#pragma once
// One YAML tree to one Document by the kinds' tables. Every fault of a document is collected, none ends the reading.

#include <optional>
#include <string>
#include <vector>

#include "plans/kind.h"
#include "plans/manifest_yaml.h"

namespace eda::plans {

inline constexpr std::string_view api_version = "eda/v1";

struct ReadDocument {
  Document document;
  Position name_at;                   ///< of metadata.name
  const KindRules* rules = nullptr;   ///< nullptr when the kind is not known
  std::vector<Violation> violations;  ///< in the order of their places; empty: `document` may be used
};

/// `file` is the name for positions.
ReadDocument read_document(const Kinds& kinds, const std::string& file, const Node& root);

}  // namespace eda::plans
