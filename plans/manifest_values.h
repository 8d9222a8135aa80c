#pragma once
// A YAML scalar or list to the value that a field's type wants, or a sentence about what was found instead.

#include <string>
#include <tl/expected.hpp>

#include "plans/kind.h"
#include "plans/manifest_yaml.h"

namespace eda::plans {

/// A place inside a manifest and what is wrong with it.
struct ValueFault {
  std::string message;
  std::string hint;
  std::optional<Mark> at = {};  ///< where not at the value itself
};

/// `the number 12`, `the text "abc"`, `a list`: what stands there.
std::string found_text(const Node& node);
/// `for example partitions: 12`, or empty.
std::string example_text(const Field& field);
/// The value of a node that is not null. Range and choices are check_value's.
tl::expected<Value, ValueFault> read_value(const Field& field, const Node& node);

}  // namespace eda::plans
