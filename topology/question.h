#pragma once
// What callers ask, as they name it, and what it means in a graph.

#include <cstdint>
#include <optional>
#include <string>

#include "platform/core/page.h"
#include "topology/selection.h"

namespace eda::topology {

/// With none of team, domain and around: everything.
struct Asked {
  std::string team = {};
  std::string domain = {};
  std::optional<Ref> around = {};
  std::optional<std::uint32_t> up = {}, down = {};
  std::string cluster = {};                     ///< its streams only; empty: all
  std::optional<std::uint32_t> max_nodes = {};  ///< nothing: the default of what is asked for
};

inline constexpr std::uint32_t max_hops = 1'000;

/// Errors: invalid SELECTION_CLASH, HOPS_RANGE, NODES_RANGE; those of find(); not_found DOMAIN_UNKNOWN. Whether a team
/// is one is not known here.
Result<Selection> resolve(const Graph& graph, const Asked& asked, std::size_t default_limit, std::size_t most);

/// "team checkout: 300 of 4,812 services and streams, 408 edges".
std::string title_of(const Selection& selection, const Part& part);
/// 4812 as "4,812".
std::string grouped(std::size_t number);

namespace errors {
Error page_token();
Error orphan_kind_unknown(const std::string& word);
}  // namespace errors

/// Those of the rows that a page asks for. `key` gives a row's number and reference; rows stand by number, then
/// reference, and a page begins behind the key of the last row before. Errors: invalid PAGE_TOKEN.
struct Key {
  std::uint64_t number = 0;
  Ref ref;
  friend auto operator<=>(const Key&, const Key&) = default;
};
std::string token_of(const Key& key);
Result<Key> key_of(const std::string& token);

template <class Row, class KeyOf>
Result<Page<Row>> page_of(const std::vector<Row>& rows, const PageRequest& request, KeyOf key) {
  Page<Row> page;
  std::optional<Key> last;
  if (!request.token.empty()) {
    EDA_ASSIGN(last, key_of(request.token));
  }
  for (auto& row : rows) {
    if (last && key(row) <= *last) continue;
    if (page.rows.size() == request.limit()) {
      page.next_token = token_of(key(page.rows.back()));
      break;
    }
    page.rows.push_back(row);
  }
  return page;
}

}  // namespace eda::topology
