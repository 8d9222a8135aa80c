#pragma once
// The plain YAML that nearly every manifest is, read without a YAML library: nested `key: value` by indentation,
// scalars without surprises, { } and [ ] on one line. Whatever else a document holds, the library reads it
// (manifest_yaml); on what both read they agree node by node and place by place, which a test holds them to. A call may
// have 20,000 documents, and this is some seven times as quick.

#include <optional>

#include "plans/manifest_yaml.h"

namespace eda::plans {

/// The tree, or nothing when the piece holds anything that is not plain, be it legal or not.
std::optional<Tree> read_plain_yaml(const Piece& piece);

}  // namespace eda::plans
