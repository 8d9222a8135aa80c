#pragma once
// `retention=14d` on the command line to what a manifest would say: a field's path and its value, by the kind's table.

#include <string>
#include <utility>

#include "plans/kind.h"
#include "platform/core/error.h"

namespace eda::cli {

/// The row of a field as people name it: "retention", "spec.retention", "metadata.domain"; usage with the nearest name.
Result<const plans::Field*> find_field(const plans::KindRules& rules, const std::string& word);

/// `partitions=12`, `config.max.message.bytes=65536`, `labels.tier=1`; `retention=` and `retention=null` reset.
/// Errors: invalid USAGE with what is wanted instead.
Result<std::pair<std::string, plans::Said>> parse_assignment(const plans::KindRules& rules, const std::string& text);

}  // namespace eda::cli
