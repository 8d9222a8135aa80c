#include "operations/store.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "platform/text/json.h"

namespace eda::operations::store {

namespace {

#define OPERATION_COLUMNS                                                                                          \
  "o.id, o.kind, o.target_kind, o.target_cluster, o.target_name, o.team, o.parameters, o.state, o.step, o.steps, " \
  "o.waiting_for, eda_micros(o.waiting_until) AS waiting_until, o.trouble, o.next, o.actor, o.reason, o.plan_id, " \
  "eda_micros(o.created_at) AS created_at, eda_micros(o.updated_at) AS updated_at, "                               \
  "eda_micros(o.answered_at) AS answered_at, o.version, o.epoch, o.number"

constexpr std::array step_states{"open", "done", "failed"};

Value json_of(const pqxx::field& field) {
  return text::from_json(field.c_str()).value_or(Value());
}

std::string text_in(const Value::Map& map, const char* key) {
  auto found = map.find(key);
  return found == map.end() || !found->second.as_text() ? std::string() : *found->second.as_text();
}

std::string steps_json(const std::vector<Step>& steps) {
  Value::List list;
  for (auto& step : steps) {
    Value::Map map{{"name", step.name}, {"state", step_states[static_cast<std::size_t>(step.state)]}};
    if (step.at != Instant()) map.emplace("at", to_rfc3339(step.at));
    if (!step.evidence.is_null()) map.emplace("evidence", step.evidence);
    list.emplace_back(std::move(map));
  }
  return text::to_json(list);
}

std::vector<Step> steps_of(const Value& json) {
  std::vector<Step> steps;
  if (!json.as_list()) return steps;
  for (auto& item : *json.as_list()) {
    auto* map = item.as_map();
    if (!map) continue;
    Step step{text_in(*map, "name"), Step::State::open, {}, {}};
    auto state = std::find(step_states.begin(), step_states.end(), text_in(*map, "state"));
    if (state != step_states.end()) step.state = static_cast<Step::State>(state - step_states.begin());
    step.at = from_rfc3339(text_in(*map, "at")).value_or(Instant());
    if (auto evidence = map->find("evidence"); evidence != map->end()) step.evidence = evidence->second;
    steps.push_back(std::move(step));
  }
  return steps;
}

Operation operation_of(const pqxx::row& row) {
  Operation out;
  out.id = row["id"].c_str();
  out.kind = row["kind"].c_str();
  out.target = Ref{row["target_kind"].c_str(), row["target_cluster"].c_str(), row["target_name"].c_str()};
  out.team = row["team"].c_str();
  out.parameters = json_of(row["parameters"]);
  out.state = parse_state(row["state"].c_str());
  out.step = row["step"].c_str();
  out.steps = steps_of(json_of(row["steps"]));
  out.waiting_for = row["waiting_for"].c_str();
  if (!row["waiting_until"].is_null()) out.waiting_until = pg::instant_of(row["waiting_until"]);
  out.trouble = row["trouble"].c_str();
  out.next = row["next"].c_str();
  out.actor = row["actor"].c_str();
  out.reason = row["reason"].c_str();
  out.plan_id = row["plan_id"].c_str();
  out.created_at = pg::instant_of(row["created_at"]);
  out.updated_at = pg::instant_of(row["updated_at"]);
  out.answered_at = pg::instant_of(row["answered_at"]);
  out.version = row["version"].as<std::int64_t>();
  return out;
}

std::string until_text(const Operation& operation) {
  return operation.waiting_until ? to_rfc3339(*operation.waiting_until) : std::string();
}

// Ids, epochs and versions of claimed ones, as arrays.
struct Keys {
  std::vector<std::string> ids;
  std::vector<std::int64_t> epochs, versions;

  void add(const Claimed& claimed) {
    ids.push_back(claimed.operation.id);
    epochs.push_back(claimed.epoch);
    versions.push_back(claimed.operation.version);
  }
};

std::set<std::string> ids_of(const pqxx::result& rows) {
  std::set<std::string> ids;
  for (const auto& row : rows) ids.emplace(row[0].c_str());
  return ids;
}

}  // namespace

std::vector<std::string> begin(pg::Tx& tx, const std::vector<NewOperation>& operations) {
  std::vector<std::string> ids;
  if (operations.empty()) return ids;
  std::array<std::vector<std::string>, 11> columns;
  for (auto& wish : operations) {
    auto operation = begun(wish, "");
    std::array<std::string, 11> fields{operation.kind,           operation.target.kind,
                                       operation.target.cluster, operation.target.name,
                                       operation.team,           text::to_json(operation.parameters),
                                       operation.step,           steps_json(operation.steps),
                                       operation.actor,          operation.reason,
                                       operation.plan_id};
    for (std::size_t i = 0; i < fields.size(); ++i) columns[i].push_back(std::move(fields[i]));
  }
  auto array = [&](std::size_t i) { return pg::text_array(columns[i]); };
  // Ids are drawn once, in a list of their own, so that they come back in the caller's order.
  for (const auto& row :
       tx.exec("WITH given AS MATERIALIZED ("
               "  SELECT 'op-' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 16) AS id, r.*"
               "  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],"
               "    $8::text[], $9::text[], $10::text[], $11::text[]) WITH ORDINALITY"
               "    r(kind, target_kind, target_cluster, target_name, team, parameters, step, steps, actor, reason, "
               "plan_id,"
               "      place)),"
               " made AS (INSERT INTO operations (id, kind, target_kind, target_cluster, target_name, team, parameters,"
               "    state, step, steps, actor, reason, plan_id)"
               "  SELECT id, kind, target_kind, target_cluster, target_name, team, parameters::jsonb, 'running', step,"
               "    steps::jsonb, actor, reason, plan_id FROM given ORDER BY place)"
               " SELECT id FROM given ORDER BY place",
               array(0), array(1), array(2), array(3), array(4), array(5), array(6), array(7), array(8), array(9),
               array(10))) {
    ids.emplace_back(row[0].c_str());
  }
  return ids;
}

std::optional<Operation> find(pg::Tx& tx, const std::string& id, Lock lock) {
#define FIND_OPERATION "SELECT " OPERATION_COLUMNS " FROM operations o WHERE o.id = $1"
  auto rows = tx.exec(lock == Lock::update ? FIND_OPERATION " FOR UPDATE" : FIND_OPERATION, id);
#undef FIND_OPERATION
  if (rows.empty()) return std::nullopt;
  return operation_of(rows[0]);
}

void rename_team(pg::Tx& tx, const std::string& from, const std::string& to) {
  tx.exec("UPDATE operations SET team = $2 WHERE team = $1", from, to);
}

Result<Page<Operation>> list(pg::Tx& tx, const Filter& filter, const PageRequest& page) {
  std::int64_t below = std::numeric_limits<std::int64_t>::max();
  const char* end = page.token.data() + page.token.size();
  auto read = std::from_chars(page.token.data(), end, below);
  if (!page.token.empty() && (read.ec != std::errc() || read.ptr != end)) {
    return fail(Code::invalid, "PAGE_TOKEN", "the page token is not one that edad gave",
                "begin again without a page token");
  }
  auto target = filter.target.value_or(Ref());
  Page<Operation> result;
  std::string last;
#define LIST_OPERATIONS                                                                               \
  "SELECT " OPERATION_COLUMNS                                                                         \
  " FROM operations o WHERE o.number < $1 AND ($2 = '' OR o.state = $2) AND ($3 = '' OR o.kind = $3)" \
  " AND ($4 = '' OR o.team = $4) AND ($5 = '' OR o.plan_id = $5) AND ($6 = '' OR o.target_kind = $6)" \
  " AND ($7 = '' OR o.target_cluster = $7) AND ($8 = '' OR o.target_name = $8)"
#define NEWEST_FIRST " ORDER BY o.number DESC LIMIT $9"
  const char* sql = filter.unfinished_only ? LIST_OPERATIONS " AND o.state NOT IN ('done', 'aborted')" NEWEST_FIRST
                                           : LIST_OPERATIONS NEWEST_FIRST;
#undef NEWEST_FIRST
#undef LIST_OPERATIONS
  for (const auto& row : tx.exec(sql, below, filter.state, filter.kind, filter.team, filter.plan_id, target.kind,
                                 target.cluster, target.name, page.limit())) {
    result.rows.push_back(operation_of(row));
    last = row["number"].c_str();
  }
  if (result.rows.size() == page.limit()) result.next_token = last;
  return result;
}

std::vector<Claimed> claim(pg::Tx& tx, const std::string& holder, const std::vector<std::string>& kinds,
                           std::chrono::milliseconds span, int limit) {
  std::vector<Claimed> claimed;
  for (const auto& row :
       tx.exec("WITH due AS ("
               "  SELECT id FROM operations WHERE state = 'running' AND due <= now() AND held_until <= now()"
               "   AND kind = ANY($2::text[]) ORDER BY due, number LIMIT $4 FOR UPDATE SKIP LOCKED),"
               " late AS ("
               "  SELECT id FROM operations WHERE state = 'waiting' AND waiting_until <= now() AND held_until <= now()"
               "   AND kind = ANY($2::text[]) ORDER BY waiting_until, number LIMIT $4 FOR UPDATE SKIP LOCKED),"
               " taken AS ("
               "  UPDATE operations o SET holder = $1, epoch = o.epoch + 1,"
               "    held_until = clock_timestamp() + $3::bigint * interval '1 millisecond'"
               "  WHERE o.id IN (SELECT id FROM due UNION ALL SELECT id FROM late) RETURNING o.*)"
               " SELECT " OPERATION_COLUMNS " FROM taken o ORDER BY o.due, o.number",
               holder, pg::text_array(kinds), static_cast<std::int64_t>(span.count()), limit)) {
    claimed.push_back(Claimed{operation_of(row), row["epoch"].as<std::int64_t>()});
  }
  return claimed;
}

std::set<std::string> hold(pg::Tx& tx, const std::vector<Claimed>& claimed, std::chrono::milliseconds span) {
  Keys keys;
  for (auto& one : claimed) keys.add(one);
  return ids_of(
      tx.exec("UPDATE operations o SET held_until = clock_timestamp() + $4::bigint * interval '1 millisecond'"
              " FROM unnest($1::text[], $2::bigint[], $3::bigint[]) r(id, epoch, version)"
              " WHERE o.id = r.id AND o.epoch = r.epoch AND o.version = r.version RETURNING o.id",
              pg::text_array(keys.ids), pg::bigint_array(keys.epochs), pg::bigint_array(keys.versions),
              static_cast<std::int64_t>(span.count())));
}

std::set<std::string> write(pg::Tx& tx, const std::vector<Taken>& taken) {
  if (taken.empty()) return {};
  Keys keys;
  std::vector<std::string> states, names, steps, waiting_for, waiting_until, trouble, next;
  std::vector<std::int64_t> pauses;
  for (auto& one : taken) {
    auto& operation = one.claimed.operation;
    keys.add(one.claimed);
    states.emplace_back(state_name(operation.state));
    names.push_back(operation.step);
    steps.push_back(steps_json(operation.steps));
    waiting_for.push_back(operation.waiting_for);
    waiting_until.push_back(until_text(operation));
    trouble.push_back(operation.trouble);
    next.push_back(operation.next);
    pauses.push_back(one.pause.count());
  }
  return ids_of(tx.exec(
      "UPDATE operations o SET state = r.state, step = r.step, steps = r.steps::jsonb, waiting_for = r.waiting_for,"
      "  waiting_until = nullif(r.waiting_until, '')::timestamptz, trouble = r.trouble, next = r.next,"
      "  updated_at = now(), version = o.version + 1,"
      "  due = clock_timestamp() + r.pause * interval '1 microsecond', holder = '', held_until = '-infinity'"
      " FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],"
      "   $8::text[], $9::text[], $10::text[], $11::bigint[])"
      "   r(id, epoch, version, state, step, steps, waiting_for, waiting_until, trouble, next, pause)"
      " WHERE o.id = r.id AND o.epoch = r.epoch AND o.version = r.version RETURNING o.id",
      pg::text_array(keys.ids), pg::bigint_array(keys.epochs), pg::bigint_array(keys.versions), pg::text_array(states),
      pg::text_array(names), pg::text_array(steps), pg::text_array(waiting_for), pg::text_array(waiting_until),
      pg::text_array(trouble), pg::text_array(next), pg::bigint_array(pauses)));
}

void write(pg::Tx& tx, const Operation& operation) {
  tx.exec(
      "UPDATE operations SET state = $2, step = $3, steps = $4::jsonb, waiting_for = $5,"
      "  waiting_until = nullif($6, '')::timestamptz, trouble = $7, next = $8, updated_at = now(),"
      "  answered_at = clock_timestamp(),"
      "  version = version + 1, due = now(), holder = '', epoch = epoch + 1, held_until = '-infinity' WHERE id = $1",
      operation.id, std::string(state_name(operation.state)), operation.step, steps_json(operation.steps),
      operation.waiting_for, until_text(operation), operation.trouble, operation.next);
}

std::map<std::pair<std::string, std::string>, std::int64_t> count_unfinished(pg::Tx& tx) {
  std::map<std::pair<std::string, std::string>, std::int64_t> counts;
  for (const auto& row : tx.exec("SELECT kind, state, count(*) FROM operations"
                                 " WHERE state NOT IN ('done', 'aborted') GROUP BY kind, state")) {
    counts.emplace(std::pair(row[0].c_str(), row[1].c_str()), row[2].as<std::int64_t>());
  }
  return counts;
}

int sweep(pg::Tx& tx) {
  return static_cast<int>(tx.exec("DELETE FROM operations WHERE state IN ('done', 'aborted')"
                                  " AND updated_at < now() - interval '30 days'")
                              .affected_rows());
}

}  // namespace eda::operations::store
