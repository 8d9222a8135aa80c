#pragma once
// What tags of a stream forbid, and how a stream goes: the tag deprecated, the stream that takes its place, and the day
// from which nobody should need it.

#include <optional>
#include <string>
#include <vector>

#include "plans/plan.h"

namespace eda::streams {

/// spec.sunset is a day, spec.successor another stream.
std::vector<Violation> judge_deprecation(const std::string& name, const plans::Wish& wish);

/// refused PII_PUBLIC: what is said of people is never for everybody, neither for good nor for a while.
std::optional<Error> against_tags(const plans::Draft& draft);

/// Whether the draft makes the stream deprecated, which it was not.
bool becomes_deprecated(const plans::Draft& draft);

namespace errors {
Error pii_public(const Ref& stream);
}  // namespace errors

}  // namespace eda::streams
