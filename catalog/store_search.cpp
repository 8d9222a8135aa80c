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
// the first thousand.
std::vector<Row> by_words(pg::Tx& tx, const std::string& query, const std::string& words, const SearchFilter& filter,
                          std::uint32_t limit) {
  std::vector<Row> rows;
  auto& marks = filter.selection;
  for (const auto& row :
       tx.exec("WITH q AS (SELECT to_tsquery('pg_catalog.simple', $7) AS query),"
               " near AS ((SELECT o.id FROM objects o WHERE lower(o.name) = lower($1) AND " NARROWED " LIMIT 100)"
               "  UNION (SELECT o.id FROM q, objects o WHERE " DOCUMENT " @@ q.query AND " NARROWED " LIMIT 1000))"
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

// Names in which every word nearly is. 0.42: three of seven trigrams, as "ordres" shares with "orders".
std::vector<Row> by_spelling(pg::Tx& tx, const std::vector<std::string>& words, const SearchFilter& filter,
                             std::uint32_t limit) {
  std::vector<Row> rows;
  auto& marks = filter.selection;
  tx.exec("SET LOCAL pg_trgm.word_similarity_threshold = 0.42");
  for (const auto& row :
       tx.exec("WITH near AS (SELECT o.id, sum(word_similarity(w.word, split_part(o.words, E'\\n', 1))) AS alike"
               "  FROM unnest($1::text[]) w(word) JOIN objects o ON w.word <% split_part(o.words, E'\\n', 1) "
               "WHERE " NARROWED "  GROUP BY o.id HAVING count(*) = cardinality($1::text[]))"
               " SELECT " HIT_COLUMNS " FROM near JOIN objects o ON o.id = near.id"
               " ORDER BY near.alike DESC, length(o.name), o.kind, o.cluster, o.name LIMIT $6",
               pg::text_array(words), pg::text_array(filter.kinds), pg::text_array(marks.all),
               pg::text_array(marks.any), pg::text_array(marks.none), limit)) {
    rows.push_back(row_of(row, Match::spelling));
  }
  return rows;
}

}  // namespace

Found search(pg::Tx& tx, const std::string& query, const SearchFilter& filter, std::uint32_t limit) {
  Found found;
  auto words = words_of(tx, query);
  if (words.empty()) return found;
  auto rows = by_words(tx, query, text_query(words, Spelling::as_it_is), filter, limit + 1);
  found.spelling = forgives_spelling(tx);
  // Who finds something by words did not misspell them.
  if (rows.empty()) {
    rows = by_words(tx, query, text_query(words, Spelling::transposed), filter, limit + 1);
    for (auto& row : rows) row.hit.match = Match::spelling;
  }
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

}  // namespace eda::catalog::store
