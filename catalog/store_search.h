#pragma once
// What a search finds, by the indexes of migrations/0055.

#include <string>
#include <vector>

#include "catalog/search.h"
#include "catalog/selection.h"
#include "platform/pg/tx.h"

namespace eda::catalog::store {

struct SearchFilter {
  std::vector<std::string> kinds;  ///< lower-case singular; empty: all
  Selection selection;             ///< marks only: whose something is is no part of it
};

/// At most `limit` hits, without their owners' contacts where there is no owner. Spelling is forgiven where
/// words find nothing. A search that very many objects match ranks some of them: those named so, and the first ones
/// found.
Found search(pg::Tx& tx, const std::string& query, const SearchFilter& filter, std::uint32_t limit);

/// Learns the words of what has changed since the last call, for spelling to be forgiven quickly. What was not learnt
/// yet is found by its name alone.
void learn_words(pg::Tx& tx);

}  // namespace eda::catalog::store
