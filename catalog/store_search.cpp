#include "catalog/store_search.h"

#include <algorithm>
#include <map>

#include "catalog/store.h"

namespace eda::catalog::store {

namespace {

// As the index objects_document has it: another spelling of it is not found there.
#define DOCUMENT                                                                                    \
  "(setweight(to_tsvector('pg_catalog.simple'::regconfig, split_part(o.words, E'\\n', 1)), 'A')"    \
  " || setweight(to_tsvector('pg_catalog.simple'::regconfig, split_part(o.words, E'\\n', 2)), 'B')" \
  " || setweight(to_tsvector('pg_catalog.simple'::regconfig, split_part(o.words, E'\\n', 3)), 'C')" \
  " || setweight(to_tsvector('pg_catalog.simple'::regconfig, split_part(o.words, E'\\n', 4)), 'D'))"

// What every part of a search asks besides: $2 kinds, $3 to $5 marks.
#define NARROWED                                                                                           \
  " ($2::text[] = '{}' OR o.kind = ANY($2::text[])) AND ($3::text[] = '{}' OR o.marks @> $3::text[])"      \
  " AND ($4::text[] = '{}' OR o.marks && $4::text[]) AND ($5::text[] = '{}' OR NOT o.marks && $5::text[])" \
  " AND o.state <> 'deleting'"

#define HIT_COLUMNS                                                                                            \
  "o.id, o.kind, o.cluster, o.name, coalesce(o.wish #>> '{metadata.domain,v}', ''),"                           \
  " array_to_string(ARRAY(SELECT substr(m, 3) FROM unnest(o.marks) m WHERE m LIKE 't:%' ORDER BY m), E'\\n')," \
  " coalesce(o.wish #>> '{spec.description,v}', ''), o.state"

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

struct Row {
  std::int64_t id;
  Hit hit;
};

Row row_of(const pqxx::row& row, Match match) {
  Row out{row[0].as<std::int64_t>(), {}};
  out.hit.object = Ref{row[1].c_str(), row[2].c_str(), row[3].c_str()};
  out.hit.match = match;
  out.hit.domain = row[4].c_str();
  out.hit.tags = lines(row[5].c_str());
  out.hit.description = row[6].c_str();
  out.hit.state = row[7].c_str();
  return out;
}

// Ranking reads each candidate whole, so very common words rank some of what they match: those that are named so, and
// the first three hundred.
std::vector<Row> by_words(pg::Tx& tx, const std::string& query, const std::string& words, const SearchFilter& filter,
                          std::uint32_t limit) {
  std::vector<Row> rows;
  auto& marks = filter.selection;
  for (const auto& row :
       tx.exec("WITH q AS (SELECT to_tsquery('pg_catalog.simple', $7) AS query),"
               " near AS ((SELECT o.id FROM objects o WHERE lower(o.name) = lower($1) AND " NARROWED " LIMIT 100)"
               "  UNION (SELECT o.id FROM q, objects o WHERE " DOCUMENT " @@ q.query AND " NARROWED " LIMIT 300))"
               " SELECT " HIT_COLUMNS ", lower(o.name) = lower($1) FROM near JOIN objects o ON o.id = near.id, q"
               " ORDER BY lower(o.name) = lower($1) DESC, ts_rank(" DOCUMENT ", q.query) DESC, length(o.name), o.kind,"
               " o.cluster, o.name LIMIT $6",
               query, pg::text_array(filter.kinds), pg::text_array(marks.all), pg::text_array(marks.any),
               pg::text_array(marks.none), limit, words)) {
    rows.push_back(row_of(row, row[8].as<bool>() ? Match::name : Match::words));
  }
  return rows;
}

// As the database splits what it searches.
std::vector<std::string> words_of(pg::Tx& tx, const std::string& query) {
  std::vector<std::string> words;
  for (const auto& row :
       tx.exec("SELECT DISTINCT w FROM regexp_split_to_table(split_part(object_words($1, '{}'), E'\\n', 1),"
               " ' +') w WHERE w <> '' LIMIT 20",
               query)) {
    words.emplace_back(row[0].c_str());
  }
  return words;
}

bool forgives_spelling(pg::Tx& tx) {
  return tx.exec("SELECT to_regprocedure('word_similarity(text, text)') IS NOT NULL")[0][0].as<bool>();
}

// Words that there are, nearest to each word that is asked for.
Spellings known_words(pg::Tx& tx, const std::vector<std::string>& words) {
  Spellings ways = as_they_are(words);
  std::map<std::string, std::size_t> at;
  for (std::size_t i = 0; i < words.size(); ++i) at.emplace(words[i], i);
  for (const auto& row : tx.exec("SELECT a.word, n.word FROM unnest($1::text[]) a(word), LATERAL (SELECT k.word"
                                 " FROM search_words k WHERE k.word % a.word AND k.word <> a.word"
                                 " ORDER BY similarity(k.word, a.word) DESC, k.word LIMIT 3) n",
                                 pg::text_array(words))) {
    ways[at.at(row[0].c_str())].emplace_back(row[1].c_str());
  }
  return ways;
}

// Of what may not be learnt yet, names in which every word nearly is: candidates by the longest word, which few names
// have. 0.42: three of seven trigrams, as "ordres" shares with "orders".
std::vector<Row> by_spelling(pg::Tx& tx, const std::vector<std::string>& words, const SearchFilter& filter,
                             std::uint32_t limit) {
  std::vector<Row> rows;
  auto& marks = filter.selection;
  auto longest = std::max_element(words.begin(), words.end(), [](auto& a, auto& b) { return a.size() < b.size(); });
  tx.exec("SET LOCAL pg_trgm.word_similarity_threshold = 0.42");
  for (const auto& row :
       tx.exec("WITH long AS MATERIALIZED (SELECT o.id FROM objects o WHERE $7 <% split_part(o.words, E'\\n', 1)),"
               " near AS (SELECT o.id, (SELECT sum(word_similarity(w, split_part(o.words, E'\\n', 1)))"
               "   FROM unnest($1::text[]) w) AS alike FROM long JOIN objects o ON o.id = long.id WHERE " NARROWED
               "  AND o.updated_at > (SELECT until - interval '10 minutes' FROM search_words_learnt)"
               "  AND NOT EXISTS (SELECT FROM unnest($1::text[]) w WHERE NOT w <% split_part(o.words, E'\\n', 1)))"
               " SELECT " HIT_COLUMNS " FROM near JOIN objects o ON o.id = near.id"
               " ORDER BY near.alike DESC, length(o.name), o.kind, o.cluster, o.name LIMIT $6",
               pg::text_array(words), pg::text_array(filter.kinds), pg::text_array(marks.all),
               pg::text_array(marks.any), pg::text_array(marks.none), limit, *longest)) {
    rows.push_back(row_of(row, Match::spelling));
  }
  return rows;
}

}  // namespace

Found search(pg::Tx& tx, const std::string& query, const SearchFilter& filter, std::uint32_t limit) {
  Found found;
  auto words = words_of(tx, query);
  if (words.empty()) return found;
  auto rows = by_words(tx, query, text_query(as_they_are(words)), filter, limit + 1);
  found.spelling = forgives_spelling(tx);
  // Who finds something by words did not misspell them.
  auto misspelt = [&](const Spellings& ways) {
    if (!rows.empty()) return;
    rows = by_words(tx, query, text_query(ways), filter, limit + 1);
    for (auto& row : rows) row.hit.match = Match::spelling;
  };
  misspelt(transposed(words));
  if (rows.empty() && found.spelling) misspelt(known_words(tx, words));
  if (rows.empty() && found.spelling) rows = by_spelling(tx, words, filter, limit + 1);
  found.more = rows.size() > limit;
  if (found.more) rows.pop_back();
  std::vector<std::int64_t> ids;
  for (auto& row : rows) ids.push_back(row.id);
  auto owners = owners_of(tx, ids);
  std::vector<std::string> teams;
  for (auto& row : rows) {
    if (row.hit.object.kind == "team") teams.push_back(row.hit.object.name);
  }
  auto themselves = catalog::store::teams(tx, teams);
  for (auto& row : rows) {
    auto& hit = row.hit;
    if (hit.object.kind == "team") {
      hit.owner = themselves[hit.object.name];
    } else if (auto owner = owners.find(row.id); owner != owners.end()) {
      hit.owner = owner->second;
    }
    found.hits.push_back(std::move(hit));
  }
  return found;
}

void learn_words(pg::Tx& tx) {
  std::string until = tx.exec("SELECT until FROM search_words_learnt FOR UPDATE")[0][0].c_str();
  // Whoever began to write before the last call may have committed after it.
  tx.exec(
      "INSERT INTO search_words SELECT DISTINCT w FROM objects o, regexp_split_to_table(o.words, '\\s+') w"
      " WHERE o.updated_at > $1::timestamptz - interval '10 minutes' AND length(w) BETWEEN 3 AND 40 AND w !~ '^[0-9]+$'"
      " ORDER BY w ON CONFLICT ON CONSTRAINT search_words_pkey DO NOTHING",
      until);
  tx.exec("UPDATE search_words_learnt SET until = now()");
}

}  // namespace eda::catalog::store
