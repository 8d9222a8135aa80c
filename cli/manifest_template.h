#pragma once
// A manifest to begin with: every field of the kind with what it means, those that nobody has to write as comments.

#include <string>

#include "plans/kind.h"

namespace eda::cli {

struct TemplateNames {
  std::string name;
  std::string team;     ///< empty: an example stands there
  std::string cluster;  ///< empty: its line is a comment
};

/// YAML that parse_manifests takes as it is, and also with every optional field without its "#". What is said about a
/// field begins with "# " and a word.
std::string manifest_template(const plans::KindRules& rules, const TemplateNames& names);

}  // namespace eda::cli
