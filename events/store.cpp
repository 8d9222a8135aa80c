#include "events/store.h"

#include <array>
#include <charconv>
#include <limits>
#include <sstream>

#include "platform/text/json.h"

namespace eda::events {
namespace {

std::string json_or_empty(const Value& value) {
  return value.is_null() ? std::string() : text::to_json(value);
}

/// We wrote it, so it parses; a row that somebody else put in must not make the trail unreadable.
Value value_of(const pqxx::field& json) {
  if (json.is_null()) return {};
  auto parsed = text::from_json(std::string_view(json.c_str(), json.size()));
  return parsed ? *parsed : Value(json.c_str());
}

#define EVENT_COLUMNS                                                                                             \
  "id, eda_micros(at) as at_micros, actor, verb, object_kind, object_cluster, object_name, team, before, after, " \
  "reason, request_id, plan_id"

Event event_of(const pqxx::row& row) {
  Event event;
  event.id = row["id"].as<std::int64_t>();
  event.at = pg::instant_of(row["at_micros"]);
  event.actor = row["actor"].c_str();
  event.verb = row["verb"].c_str();
  event.object = {row["object_kind"].c_str(), row["object_cluster"].c_str(), row["object_name"].c_str()};
  event.team = row["team"].c_str();
  event.before = value_of(row["before"]);
  event.after = value_of(row["after"]);
  event.reason = row["reason"].c_str();
  event.request_id = row["request_id"].c_str();
  event.plan_id = row["plan_id"].c_str();
  return event;
}

/// The id below which the page begins.
Result<std::int64_t> begin_of(const PageRequest& page) {
  std::int64_t below = std::numeric_limits<std::int64_t>::max();
  if (page.token.empty()) return below;
  const char* last = page.token.data() + page.token.size();
  auto [end, fault] = std::from_chars(page.token.data(), last, below);
  if (fault == std::errc() && end == last && below > 0) return below;
  return fail(Code::invalid, "PAGE_TOKEN", "the page token is not one that edad gave",
              "begin again without a page token");
}

// Parameters $2 to $11.
#define FILTER                                                                                                \
  "and ($2 = '' or actor = $2) "                                                                              \
  "and ($3 = '' or object_kind = $3) and ($4 = '' or object_cluster = $4) and ($5 = '' or object_name = $5) " \
  "and ($6 = '' or verb = $6 or ($7 and starts_with(verb, $6))) "                                             \
  "and ($8 = '' or at >= $8::timestamptz) "                                                                   \
  "and ($9 or actor = $10 or team = any ($11::text[]))"

template <class... More>
pqxx::result filtered(pg::Tx& tx, const char* sql, const Filter& filter, std::int64_t bound, std::size_t limit,
                      const More&... more) {
  Ref object = filter.object.value_or(Ref{});
  Sight sight = filter.sight.value_or(Sight{});
  bool family = filter.verb.ends_with('*');
  std::string verb = family ? filter.verb.substr(0, filter.verb.size() - 1) : filter.verb;
  return tx.exec(sql, bound, filter.actor, object.kind, object.cluster, object.name, verb, family,
                 filter.since ? to_rfc3339(*filter.since) : std::string(), !filter.sight.has_value(), sight.actor,
                 pg::text_array(sight.teams), static_cast<std::int64_t>(limit), more...);
}

/// Where a follower stands: all that `from` saw is read; of what `until` saw besides (empty: of what is there now), all
/// up to the id `after`.
struct Place {
  std::string from, until;
  std::int64_t after = 0;
};

/// xmin:xmax:xip,… as Postgres writes it; what is not so would be a fault of the statement.
bool is_snapshot(std::string_view text) {
  std::array<std::uint64_t, 2> ends{};
  auto number = [&](std::uint64_t& out) {
    auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (fault != std::errc() || out == 0) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
  };
  for (auto& end : ends) {
    if (!number(end) || !text.starts_with(':')) return false;
    text.remove_prefix(1);
  }
  if (ends[0] > ends[1]) return false;
  std::uint64_t before = ends[0], running = 0;
  while (!text.empty()) {
    if (!number(running) || running < before || running >= ends[1]) return false;
    before = running;
    if (text.starts_with(','))
      text.remove_prefix(1);
    else if (!text.empty())
      return false;
  }
  return true;
}

Result<Place> place_of(const std::string& horizon) {
  Place place;
  std::istringstream words(horizon);
  std::string more;
  words >> place.from >> place.until;
  bool good = horizon.empty() || is_snapshot(place.from);
  if (!place.until.empty()) good = good && is_snapshot(place.until) && (words >> place.after) && place.after > 0;
  if (good && !(words >> more)) return place;
  return fail(Code::invalid, "HORIZON", "the horizon is not one that edad gave", "begin anew without a horizon");
}

}  // namespace

void append(pg::Tx& tx, const std::vector<Event>& events) {
  if (events.empty()) return;
  constexpr std::size_t columns = 11;
  std::array<std::vector<std::string>, columns> column;
  for (const Event& event : events) {
    std::array<std::string, columns> fields = {event.actor,
                                               event.verb,
                                               event.object.kind,
                                               event.object.cluster,
                                               event.object.name,
                                               event.team,
                                               json_or_empty(event.before),
                                               json_or_empty(event.after),
                                               event.reason,
                                               event.request_id,
                                               event.plan_id};
    for (std::size_t i = 0; i < columns; ++i) column[i].push_back(std::move(fields[i]));
  }
  auto array = [&](std::size_t i) { return pg::text_array(column[i]); };
  tx.exec(
      "insert into events (actor, verb, object_kind, object_cluster, object_name, team, before, after, reason, "
      "request_id, "
      "  plan_id) "
      "select actor, verb, kind, cluster, name, team, nullif(before, '')::json, nullif(after, '')::json, reason, "
      "request_id, "
      "  plan_id "
      "from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], "
      "  $9::text[], $10::text[], $11::text[]) with ordinality "
      "  as given(actor, verb, kind, cluster, name, team, before, after, reason, request_id, plan_id, place) order by "
      "place",
      array(0), array(1), array(2), array(3), array(4), array(5), array(6), array(7), array(8), array(9), array(10));
}

Result<Page<Event>> list(pg::Tx& tx, const Filter& filter, const PageRequest& page) {
  EDA_ASSIGN(std::int64_t below, begin_of(page));
  pqxx::result rows =
      filtered(tx, "select " EVENT_COLUMNS " from events where id < $1 " FILTER " order by id desc limit $12", filter,
               below, page.limit() + std::size_t{1});
  Page<Event> found;
  for (const auto& row : rows) {
    if (found.rows.size() == page.limit()) {
      found.next_token = std::to_string(found.rows.back().id);
      break;
    }
    found.rows.push_back(event_of(row));
  }
  return found;
}

Result<News> read_on(pg::Tx& tx, const std::string& horizon, const Filter& filter, std::size_t limit) {
  EDA_ASSIGN(auto place, place_of(horizon));
  News news;
  if (horizon.empty()) {
    news.horizon = tx.exec("select pg_current_snapshot()::text")[0][0].c_str();
    return news;
  }
  // One statement, so that the rows and the horizon are of one snapshot; the left join gives the horizon without rows.
  // What is at or above the snapshot's end was not written in this Postgres: the trail was restored from another.
  pqxx::result rows = filtered(
      tx,
      "select until::text as horizon, pg_snapshot_xmax($13::pg_snapshot) > pg_snapshot_xmax(until) as ahead, "  //
      EVENT_COLUMNS
      " from (select coalesce(nullif($14, '')::pg_snapshot, pg_current_snapshot()) as until) always "
      "left join events on xid >= pg_snapshot_xmin($13::pg_snapshot) and xid < pg_snapshot_xmax(until) "
      "  and not pg_visible_in_snapshot(xid, $13::pg_snapshot) and pg_visible_in_snapshot(xid, until) and id > "
      "$1 " FILTER " order by id limit $12",
      filter, place.after, limit + 1, place.from, place.until);
  if (rows[0]["ahead"].as<bool>()) {
    return fail(Code::stale, "HORIZON_AHEAD",
                "the horizon is ahead of the database: that was put back, or is another one",
                "begin anew without a horizon");
  }
  news.horizon = rows[0]["horizon"].c_str();
  for (const auto& row : rows) {
    if (row["id"].is_null()) break;
    if (news.events.size() == limit) {
      news.horizon = place.from + " " + news.horizon + " " + std::to_string(news.events.back().id);
      news.more = true;
      break;
    }
    news.events.push_back(event_of(row));
  }
  return news;
}

std::optional<Outcome> find_outcome(pg::Tx& tx, const std::string& subject, const std::string& request_id) {
  // A statement of its own: what is read below has to be read after the wait.
  tx.exec("select pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0))", subject, request_id);
  pqxx::result rows = tx.exec(
      "select body_hash, result from outcomes where subject = $1 and request_id = $2 and at > now() - interval '24 "
      "hours'",
      subject, request_id);
  if (rows.empty()) return std::nullopt;
  return Outcome{request_id, subject, rows[0][0].c_str(), rows[0][1].c_str()};
}

Result<std::optional<Outcome>> recall(pg::Tx& tx, const std::string& subject, const std::string& request_id,
                                      const std::string& body_hash) {
  auto outcome = find_outcome(tx, subject, request_id);
  if (outcome) EDA_TRY(same_request(*outcome, body_hash));
  return outcome;
}

void keep_outcome(pg::Tx& tx, const Outcome& outcome) {
  // One that ran out but was not purged yet would otherwise stand in the way of its id for ever.
  tx.exec("delete from outcomes where subject = $1 and request_id = $2 and at <= now() - interval '24 hours'",
          outcome.subject, outcome.request_id);
  tx.exec("insert into outcomes (subject, request_id, body_hash, result) values ($1, $2, $3, $4)", outcome.subject,
          outcome.request_id, outcome.body_hash, outcome.result);
}

int make_partitions(pg::Tx& tx, int months_ahead) {
  return tx.exec("select eda_events_ahead($1)", months_ahead)[0][0].as<int>();
}

std::int64_t purge_outcomes(pg::Tx& tx) {
  return static_cast<std::int64_t>(
      tx.exec("delete from outcomes where at <= now() - interval '24 hours'").affected_rows());
}

}  // namespace eda::events
