#pragma once
// Search over everything's names, domains, tags, labels, descriptions and contacts: what is asked for, what is found,
// and what its finder does next. The database splits both sides into words in one way (migrations/0055).

#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "platform/core/error.h"

namespace eda::catalog {

inline constexpr std::size_t query_code_points = 200;
inline constexpr std::uint32_t search_hits = 20, most_search_hits = 100;

/// Without the blanks around it. invalid SEARCH_EMPTY: there is no letter and no digit; SEARCH_TOO_LONG.
Result<std::string> check_query(std::string_view text);

/// How each word that is asked for may be spelt, as the database splits words.
using Spellings = std::vector<std::vector<std::string>>;
Spellings as_they_are(const std::vector<std::string>& words);
/// Two letters of a word may have changed places.
Spellings transposed(const std::vector<std::string>& words);
/// Postgres' full-text query: each begins a word that is there. ('order':*) & ('pla':* | 'pal':*).
std::string text_query(const Spellings& words);

/// Why something was found: it is named so; it has every word, or words that begin so; it has words that are spelt
/// nearly so.
enum class Match { name, words, spelling };
std::string_view match_name(Match match);  ///< "name", "words", "spelling"

struct Hit {
  Ref object;
  Match match = Match::words;
  std::string domain;
  std::vector<std::string> tags;
  std::string description;
  std::string state;
  Owner owner;
};

struct Found {
  std::vector<Hit> hits;  ///< the best first
  bool more = false;      ///< there are others: say more
  bool spelling = true;   ///< false: the database lacks pg_trgm, so words have to be spelt as they are
};

/// What to do next about it: whom to ask, or where to look.
std::string next_step(const Hit& hit);

}  // namespace eda::catalog
