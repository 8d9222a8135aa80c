#pragma once
// The kinds that this program knows; the same tables that the server judges by.

#include <string>
#include <vector>

#include "plans/kind.h"

namespace eda::cli {

const plans::Kinds& kinds();

/// What a command takes besides kinds: plurals, each listed alone.
using Others = std::vector<std::string>;

/// `streams,teams` to kinds, in the order given. Errors: invalid KIND_UNKNOWN with the nearest word, `others` among
/// them; invalid USAGE for one of the others beside kinds.
Result<std::vector<const plans::KindRules*>> parse_kinds(const std::string& words, const Others& others = {});
Result<const plans::KindRules*> parse_kind(const std::string& word, const Others& others = {});

/// The reference of an object of this kind: `cluster` is left out of a global one's.
Ref ref_of(const plans::KindRules& rules, const std::string& cluster, const std::string& name);

}  // namespace eda::cli
