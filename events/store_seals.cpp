#include "events/store_seals.h"

#include <map>

namespace eda::events::store {

namespace {

// Every column in the table's order, as text; before and after exactly as they were stored.
#define ROW_COLUMNS                                                                                     \
  "e.id::text, eda_micros(e.at)::text, e.xid::text, e.actor, e.verb, e.object_kind, e.object_cluster, " \
  "e.object_name, e.team, e.before::text, e.after::text, e.reason, e.request_id, e.plan_id"
constexpr int row_columns = 14;

Columns columns_of(const pqxx::row& row, int first) {
  Columns columns;
  columns.reserve(row_columns);
  for (int i = first; i < first + row_columns; ++i) {
    auto field = row[i];
    if (field.is_null()) {
      columns.emplace_back(std::nullopt);
    } else {
      columns.emplace_back(std::string(field.c_str(), field.size()));
    }
  }
  return columns;
}

// Somebody may have put anything there: what is no hash is one that nothing has.
Hash hash_of(const pqxx::field& hex) {
  Hash impossible;
  impossible.fill(0xff);
  return hash_from_hex(hex.c_str()).value_or(impossible);
}

Head head_of(const pqxx::row& row, int first) {
  Head head;
  head.number = row[first].as<std::int64_t>();
  head.hash = hash_of(row[first + 1]);
  head.signature = from_hex(row[first + 2].c_str()).value_or("");
  head.key = row[first + 3].c_str();
  head.at = pg::instant_of(row[first + 4]);
  return head;
}

#define HEAD_COLUMNS "number, encode(hash, 'hex'), encode(signature, 'hex'), key, eda_micros(at)"

}  // namespace

void freeze(pg::Tx& tx) {
  tx.exec_script("set transaction isolation level repeatable read, read only");
}

std::string snapshot(pg::Tx& tx) {
  return tx.exec("select pg_current_snapshot()::text")[0][0].c_str();
}

Instant now(pg::Tx& tx) {
  return pg::instant_of(tx.exec("select eda_micros(clock_timestamp())")[0][0]);
}

End end_of(pg::Tx& tx) {
  pqxx::result rows = tx.exec(
      "select s.number, encode(s.hash, 'hex'), h.* from (select 1) always "
      "left join (select number, hash from seals order by number desc limit 1) s on true "
      "left join (select " HEAD_COLUMNS
      ", case when horizon = '' then '' "
      "    when pg_snapshot_xmax(horizon::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot()) then '' "
      "    else horizon end from heads order by number desc limit 1) h on true");
  End end;
  const auto row = rows[0];
  if (!row[0].is_null()) end.seal = Mark{row[0].as<std::int64_t>(), hash_of(row[1])};
  if (!row[2].is_null()) {
    end.head = head_of(row, 2);
    end.horizon = row[7].c_str();
  }
  return end;
}

std::optional<Hash> hash_at(pg::Tx& tx, std::int64_t number) {
  pqxx::result rows = tx.exec("select encode(hash, 'hex') from seals where number = $1", number);
  if (rows.empty()) return std::nullopt;
  return hash_of(rows[0][0]);
}

std::vector<Unsealed> unsealed(pg::Tx& tx, const std::string& horizon, std::int64_t after, std::size_t limit) {
  auto most = static_cast<std::int64_t>(limit);
  // `offset 0`: what is new is found by its transaction and then put in order, never by walking the trail in order. A
  // transaction above the snapshot's end is one of another Postgres that this trail was restored from.
  pqxx::result rows =
      horizon.empty() ? tx.exec("select e.id, eda_micros(e.at), " ROW_COLUMNS
                                " from events e where e.id > $1 "
                                "and not exists (select from seals s where s.event_id = e.id) order by e.id limit $2",
                                after, most)
                      : tx.exec("select e.id, eda_micros(e.at), " ROW_COLUMNS
                                " from (select * from events "
                                "  where xid >= pg_snapshot_xmin($3::pg_snapshot) "
                                "    and xid < pg_snapshot_xmax(pg_current_snapshot()) "
                                "    and not pg_visible_in_snapshot(xid, $3::pg_snapshot) and id > $1 offset 0) e "
                                "where not exists (select from seals s where s.event_id = e.id) order by e.id limit $2",
                                after, most, horizon);
  std::vector<Unsealed> found;
  found.reserve(static_cast<std::size_t>(rows.size()));
  for (const auto& row : rows)
    found.push_back(Unsealed{row[0].as<std::int64_t>(), row[1].as<std::int64_t>(), columns_of(row, 2)});
  return found;
}

void append_seals(pg::Tx& tx, std::int64_t first, const std::vector<Unsealed>& rows, const std::vector<Hash>& hashes) {
  std::vector<std::int64_t> ids, times;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ids.push_back(rows[i].id);
    times.push_back(rows[i].at_micros);
    texts.push_back(hex(hashes[i]));
  }
  tx.exec(
      "insert into seals (number, event_id, event_at, hash) "
      "select $1::bigint + place - 1, id, timestamptz 'epoch' + micros * interval '1 microsecond', decode(hash, 'hex') "
      "from unnest($2::bigint[], $3::bigint[], $4::text[]) with ordinality as given(id, micros, hash, place)",
      first, pg::bigint_array(ids), pg::bigint_array(times), pg::text_array(texts));
}

void append_head(pg::Tx& tx, const Head& head, const std::string& horizon) {
  tx.exec(
      "insert into heads (number, hash, signature, key, at, horizon) "
      "values ($1, decode($2, 'hex'), decode($3, 'hex'), $4, $5::timestamptz, $6)",
      head.number, hex(head.hash), hex(head.signature), head.key, to_rfc3339(head.at), horizon);
}

std::vector<Sealed> sealed(pg::Tx& tx, std::int64_t after, std::size_t limit) {
  // The ends of the page's times let Postgres leave out the months that have no part in it; a row that was moved to
  // another time is found by its id below.
  pqxx::result rows = tx.exec(
      "with page as materialized (select number, event_id, event_at, encode(hash, 'hex') as hash from seals "
      "  where number > $1 order by number limit $2) "
      "select page.number, page.event_id, page.hash, " ROW_COLUMNS
      " from page left join events e on e.id = page.event_id and e.at = page.event_at "
      "  and e.at >= (select min(event_at) from page) and e.at <= (select max(event_at) from page) "
      "order by page.number",
      after, static_cast<std::int64_t>(limit));
  std::vector<Sealed> found;
  std::vector<std::int64_t> moved;
  for (const auto& row : rows) {
    Sealed one{row[0].as<std::int64_t>(), row[1].as<std::int64_t>(), hash_of(row[2]), std::nullopt};
    if (row[3].is_null()) {
      moved.push_back(one.event);
    } else {
      one.row = columns_of(row, 3);
    }
    found.push_back(std::move(one));
  }
  if (moved.empty()) return found;
  std::map<std::int64_t, Columns> elsewhere;
  for (const auto& row :
       tx.exec("select e.id, " ROW_COLUMNS " from events e where e.id = any ($1::bigint[])", pg::bigint_array(moved))) {
    elsewhere.emplace(row[0].as<std::int64_t>(), columns_of(row, 1));
  }
  for (auto& one : found) {
    if (auto row = elsewhere.find(one.event); !one.row && row != elsewhere.end()) one.row = row->second;
  }
  return found;
}

std::vector<Head> heads(pg::Tx& tx, std::int64_t after, std::int64_t last) {
  std::vector<Head> found;
  for (const auto& row :
       tx.exec("select " HEAD_COLUMNS " from heads where number > $1 and number <= $2 order by number", after, last)) {
    found.push_back(head_of(row, 0));
  }
  return found;
}

std::int64_t event_at(pg::Tx& tx, std::int64_t number) {
  pqxx::result rows = tx.exec("select event_id from seals where number <= $1 order by number desc limit 1", number);
  return rows.empty() ? 0 : rows[0][0].as<std::int64_t>();
}

Sealing sealing(pg::Tx& tx) {
  pqxx::result rows = tx.exec("select at > now() - interval '30 seconds' from heads order by number desc limit 1");
  return !rows.empty() && rows[0][0].as<bool>() ? Sealing::alive : Sealing::stalled;
}

std::vector<std::int64_t> passed_over(pg::Tx& tx, std::int64_t after, std::int64_t last, const std::string& horizon,
                                      Sealing sealing) {
  std::vector<std::int64_t> found;
  for (const auto& row : tx.exec("select e.id from events e where e.id > $1 and e.id <= $2 "
                                 "and not exists (select from seals s where s.event_id = e.id) "
                                 "and (pg_visible_in_snapshot(e.xid, nullif($3, '')::pg_snapshot) "
                                 "  or ($4 and e.at < now() - interval '30 seconds')) order by e.id limit 1000",
                                 after, last, horizon, sealing == Sealing::stalled)) {
    found.push_back(row[0].as<std::int64_t>());
  }
  return found;
}

bool cut_is_told(pg::Tx& tx, const Hash& known, const Hash& found) {
  tx.exec("select pg_advisory_xact_lock(hashtext('eda_trail_cut'))");
  return !tx.exec(
                "select from events where object_kind = 'trail' and object_name = 'seals' and object_cluster = '' "
                "and verb = $1 and before->>'hash' = $2 and after->>'hash' = $3 limit 1",
                std::string(cut_verb), hex(known), hex(found))
              .empty();
}

}  // namespace eda::events::store
