// Rows of plans, their progress, and stages.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "plans/store.h"
#include "plans/wish_json.h"
#include "platform/core/limits.h"
#include "platform/text/json.h"

namespace eda::plans::store {

namespace {

int after_token(const std::string& token) {
  int ordinal = -1;
  std::from_chars(token.data(), token.data() + token.size(), ordinal);
  return ordinal;
}

std::string summary_json(const Summary& summary) {
  return text::to_json(Value::Map{{"risk", static_cast<std::int64_t>(summary.risk)},
                                  {"creates", summary.creates},
                                  {"changes", summary.changes},
                                  {"adopts", summary.adopts},
                                  {"deletes", summary.deletes},
                                  {"unchanged", summary.unchanged},
                                  {"prunes", summary.prunes},
                                  {"hand_overs", summary.hand_overs},
                                  {"confirm", Value::List(summary.confirm.begin(), summary.confirm.end())}});
}

void read_summary(const Value& value, Summary& summary) {
  auto* map = value.as_map();
  if (!map) return;
  auto number = [&](const char* key) {
    auto found = map->find(key);
    return found == map->end() || !found->second.as_int() ? 0 : static_cast<int>(*found->second.as_int());
  };
  summary.risk = static_cast<Risk>(number("risk"));
  summary.creates = number("creates");
  summary.changes = number("changes");
  summary.adopts = number("adopts");
  summary.deletes = number("deletes");
  summary.unchanged = number("unchanged");
  summary.prunes = number("prunes");
  summary.hand_overs = number("hand_overs");
  if (auto confirm = map->find("confirm"); confirm != map->end() && confirm->second.as_list()) {
    for (auto& name : *confirm->second.as_list()) summary.confirm.push_back(*name.as_text());
  }
}

Action parse_action(std::string_view name) {
  for (auto action : {Action::create, Action::change, Action::adopt, Action::remove}) {
    if (action_name(action) == name) return action;
  }
  return Action::unchanged;
}

// An unchanged draft that is written all the same has a word of its own here, for readers of rows.
std::string_view action_word(const Draft& draft) {
  return draft.action == Action::unchanged && draft.hands_over ? "hand over" : action_name(draft.action);
}

#define PLAN_COLUMNS                                                                                                  \
  "SELECT id, CASE WHEN state = 'open' AND expires_at <= now() THEN 'expired' ELSE state END, hash, actor, set_name," \
  " (extract(epoch from created_at) * 1000000)::bigint, (extract(epoch from expires_at) * 1000000)::bigint, summary," \
  " set_team, cluster, source, reason, rules, (extract(epoch from applied_at) * 1000000)::bigint FROM plans"

Summary summary_of(const pqxx::row& row) {
  Summary summary;
  summary.id = row[0].c_str();
  summary.state = row[1].c_str();
  summary.hash = row[2].c_str();
  summary.actor = row[3].c_str();
  summary.created_at = pg::instant_of(row[5]);
  summary.expires_at = pg::instant_of(row[6]);
  read_summary(text::from_json(row[7].c_str()).value_or(Value()), summary);
  summary.set = ApplySet{row[4].c_str(), row[8].c_str()};
  summary.cluster = row[9].c_str();
  summary.source = row[10].c_str();
  summary.reason = row[11].c_str();
  summary.rules = row[12].c_str();
  if (!row[13].is_null()) summary.applied_at = pg::instant_of(row[13]);
  return summary;
}

Draft draft_of(const Kinds& kinds, const pqxx::row& row) {
  Draft draft;
  draft.ref = Ref{row[0].c_str(), row[1].c_str(), row[2].c_str()};
  draft.rules = kinds.find(draft.ref.kind);
  draft.action = parse_action(row[3].c_str());
  draft.hands_over = std::string_view(row[3].c_str()) == "hand over";
  draft_from_json(row[4].c_str(), draft);
  return draft;
}

}  // namespace

namespace {

void keep_changes(pg::Tx& tx, const std::string& plan_id, const std::vector<Draft>& drafts) {
  if (drafts.empty()) return;
  std::vector<std::string> kinds, clusters, names, actions, details;
  for (auto& draft : drafts) {
    kinds.push_back(draft.ref.kind);
    clusters.push_back(draft.ref.cluster);
    names.push_back(draft.ref.name);
    actions.emplace_back(action_word(draft));
    details.push_back(draft_to_json(draft));
  }
  tx.exec(
      "INSERT INTO plan_changes (plan_id, ordinal, kind, cluster, name, action, detail)"
      " SELECT $1, n, kind, cluster, name, action, detail::jsonb"
      " FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])"
      "   WITH ORDINALITY r(kind, cluster, name, action, detail, n)",
      plan_id, pg::text_array(kinds), pg::text_array(clusters), pg::text_array(names), pg::text_array(actions),
      pg::text_array(details));
}

std::string idle_to_json(const std::vector<Draft>& idle) {
  std::string text = "[";
  for (auto& draft : idle) {
    Value::List item{draft.ref.kind, draft.ref.cluster, draft.ref.name};
    if (!draft.notes.empty()) item.emplace_back(Value::List(draft.notes.begin(), draft.notes.end()));
    text += (text.size() == 1 ? "" : ",") + text::to_json(item);
  }
  return text + "]";
}

// Those after the first `skipped`.
std::vector<Draft> idle_of(pg::Tx& tx, const Kinds& kinds, const std::string& plan_id, std::int64_t skipped,
                           std::int64_t limit) {
  std::vector<Draft> drafts;
  for (const auto& row : tx.exec("SELECT e ->> 0, e ->> 1, e ->> 2, coalesce(e -> 3, '[]') FROM plans p,"
                                 " jsonb_array_elements(p.idle) WITH ORDINALITY i(e, n)"
                                 " WHERE p.id = $1 AND n > $2 ORDER BY n LIMIT $3",
                                 plan_id, skipped, limit)) {
    Draft draft;
    draft.ref = Ref{row[0].c_str(), row[1].c_str(), row[2].c_str()};
    draft.rules = kinds.find(draft.ref.kind);
    auto notes = text::from_json(row[3].c_str());
    for (auto& note : notes && notes->as_list() ? *notes->as_list() : Value::List()) {
      if (note.as_text()) draft.notes.push_back(*note.as_text());
    }
    drafts.push_back(std::move(draft));
  }
  return drafts;
}

int count_changes(pg::Tx& tx, const std::string& plan_id) {
  return tx.exec("SELECT count(*) FROM plan_changes WHERE plan_id = $1", plan_id)[0][0].as<int>();
}

}  // namespace

Summary keep(pg::Tx& tx, Summary summary, const std::vector<Draft>& drafts, const std::vector<Draft>& idle) {
  auto plan = tx.exec(
      "INSERT INTO plans (id, hash, actor, set_name, set_team, cluster, source, reason, rules, expires_at, summary, "
      "idle)"
      " VALUES ('pl-' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 16),"
      "  encode(sha256(convert_to($1, 'UTF8')), 'hex'), $2, $3, $4, $5, $6, $7, $8, now() + interval '1 hour',"
      "  $9::jsonb, $10::jsonb)"
      " RETURNING id, hash, (extract(epoch from created_at) * 1000000)::bigint,"
      "  (extract(epoch from expires_at) * 1000000)::bigint",
      canonical(drafts), summary.actor, summary.set.name, summary.set.team, summary.cluster, summary.source,
      summary.reason, summary.rules, summary_json(summary), idle_to_json(idle));
  summary.id = plan[0][0].c_str();
  summary.hash = plan[0][1].c_str();
  summary.created_at = pg::instant_of(plan[0][2]);
  summary.expires_at = pg::instant_of(plan[0][3]);
  summary.state = "open";
  keep_changes(tx, summary.id, drafts);
  return summary;
}

std::optional<Summary> find(pg::Tx& tx, const std::string& plan_id, Lock lock) {
  auto rows =
      tx.exec(lock == Lock::update ? PLAN_COLUMNS " WHERE id = $1 FOR UPDATE" : PLAN_COLUMNS " WHERE id = $1", plan_id);
  return rows.empty() ? std::nullopt : std::optional(summary_of(rows[0]));
}

Page<Summary> list(pg::Tx& tx, const std::string& state, const std::string& actor, const PageRequest& page) {
  auto space = page.token.find(' ');
  auto before = from_rfc3339(page.token.substr(0, space));
  auto id = before && space != std::string::npos ? page.token.substr(space + 1) : std::string();
  Page<Summary> result;
  for (const auto& row :
       tx.exec(PLAN_COLUMNS
               " WHERE ($1 = '' OR $1 = CASE WHEN state = 'open' AND expires_at <= now() THEN 'expired' ELSE state END)"
               " AND ($2 = '' OR actor = $2)"
               " AND ($3 = '' OR (created_at, id) < (nullif($3, '')::timestamptz, $4))"
               " ORDER BY created_at DESC, id DESC LIMIT $5",
               state, actor, before ? to_rfc3339(*before) : std::string(), id, page.limit())) {
    result.rows.push_back(summary_of(row));
  }
  if (result.rows.size() == page.limit()) {
    result.next_token = to_rfc3339(result.rows.back().created_at) + " " + result.rows.back().id;
  }
  return result;
}

std::vector<std::string> clusters_of(pg::Tx& tx, const std::string& plan_id) {
  std::vector<std::string> clusters;
  for (const auto& row : tx.exec("SELECT cluster FROM plan_changes WHERE plan_id = $1"
                                 " UNION SELECT e ->> 1 FROM plans p, jsonb_array_elements(p.idle) e WHERE p.id = $1"
                                 " ORDER BY 1",
                                 plan_id)) {
    clusters.emplace_back(row[0].c_str());
  }
  return clusters;
}

std::vector<Draft> load_drafts(pg::Tx& tx, const Kinds& kinds, const std::string& plan_id) {
  std::vector<Draft> drafts;
  for (const auto& row : tx.exec("SELECT kind, cluster, name, action, detail FROM plan_changes"
                                 " WHERE plan_id = $1 AND action <> 'unchanged' ORDER BY ordinal",
                                 plan_id)) {
    drafts.push_back(draft_of(kinds, row));
  }
  return drafts;
}

Page<Draft> list_drafts(pg::Tx& tx, const Kinds& kinds, const std::string& plan_id, const PageRequest& page) {
  Page<Draft> result;
  auto after = std::max(after_token(page.token), 0);
  for (const auto& row : tx.exec("SELECT kind, cluster, name, action, detail FROM plan_changes"
                                 " WHERE plan_id = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3",
                                 plan_id, after, page.limit())) {
    result.rows.push_back(draft_of(kinds, row));
  }
  // The changes are numbered without gaps, and what is idle goes on from there.
  if (result.rows.size() < page.limit()) {
    auto skipped = std::max(after - count_changes(tx, plan_id), 0);
    auto room = static_cast<std::int64_t>(page.limit() - result.rows.size());
    auto idle = idle_of(tx, kinds, plan_id, skipped, room);
    std::move(idle.begin(), idle.end(), std::back_inserter(result.rows));
  }
  if (result.rows.size() == page.limit()) result.next_token = std::to_string(after + page.limit());
  return result;
}

void end(pg::Tx& tx, const std::string& plan_id, const std::string& state) {
  tx.exec(
      "UPDATE plans SET state = $2, ended_at = now(), applied_at = CASE $2 WHEN 'applied' THEN now() END WHERE id = $1",
      plan_id, state);
}

void sweep(pg::Tx& tx) {
  tx.exec("DELETE FROM plans WHERE coalesce(ended_at, expires_at) < now() - interval '1 day'");
  tx.exec("DELETE FROM stages WHERE created_at < now() - interval '1 hour'");
}

// At rest: gone, or a worker has come to an end with the generation that the plan wrote (or a later one).
#define AT_REST "(o.id IS NULL OR o.observed_generation >= c.generation)"

ProgressCount count_progress(pg::Tx& tx, const std::string& plan_id) {
  auto row = tx.exec("SELECT count(*), count(*) FILTER (WHERE " AT_REST
                     "), count(*) FILTER (WHERE o.state = 'refused' AND o.observed_generation >= c.generation)"
                     " FROM plan_changes c LEFT JOIN objects o ON o.id = c.object_id"
                     " WHERE c.plan_id = $1 AND c.action NOT IN ('unchanged', 'hand over')",
                     plan_id)[0];
  return ProgressCount{row[0].as<int>(), row[1].as<int>(), row[2].as<int>()};
}

Page<Progress> progress(pg::Tx& tx, const std::string& plan_id, Which which, const PageRequest& page) {
  Page<Progress> result;
  int last = 0;
  for (const auto& row : tx.exec(
           "SELECT c.kind, c.cluster, c.name, coalesce(o.state, 'gone'), c.generation, coalesce(o.observed_generation, "
           "0),"
           " coalesce(o.conditions, '[]'), c.ordinal"
           " FROM plan_changes c LEFT JOIN objects o ON o.id = c.object_id"
           " WHERE c.plan_id = $1 AND c.action NOT IN ('unchanged', 'hand over') AND c.ordinal > $2 AND ($3 = 'all' OR "
           "NOT " AT_REST ")"
           " ORDER BY c.ordinal LIMIT $4",
           plan_id, after_token(page.token), which == Which::all ? "all" : "unfinished", page.limit())) {
    Progress one{Ref{row[0].c_str(), row[1].c_str(), row[2].c_str()},
                 row[3].c_str(),
                 row[4].as<std::int64_t>(),
                 row[5].as<std::int64_t>(),
                 "",
                 ""};
    for (auto& condition : conditions_from_json(row[6].c_str())) {
      if (condition.status == "True" || !one.message.empty()) continue;
      one.message = condition.message;
      one.next = condition.next;
    }
    result.rows.push_back(std::move(one));
    last = row[7].as<int>();
  }
  if (result.rows.size() == page.limit()) result.next_token = std::to_string(last);
  return result;
}

std::optional<Stage> stage(pg::Tx& tx, const std::string& subject, const std::string& stage_id, const std::string& blob,
                           int documents) {
  auto rows =
      stage_id.empty()
          ? tx.exec(
                "INSERT INTO stages (id, subject, documents)"
                " VALUES ('st-' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 16), $1, $2)"
                " RETURNING id, documents",
                subject, documents)
          : tx.exec(
                "UPDATE stages SET documents = documents + $3 WHERE id = $2 AND subject = $1 RETURNING id, documents",
                subject, stage_id, documents);
  if (rows.empty()) return std::nullopt;
  Stage stage{rows[0][0].c_str(), rows[0][1].as<int>()};
  tx.exec(
      "INSERT INTO staged_documents (stage_id, ordinal, body)"
      " SELECT $1, count(*), $2 FROM staged_documents WHERE stage_id = $1",
      stage.id, pqxx::binarystring(blob));
  return stage;
}

std::vector<std::string> staged(pg::Tx& tx, const std::string& subject, const std::string& stage_id) {
  std::vector<std::string> blobs;
  for (const auto& row : tx.exec("SELECT d.body FROM staged_documents d JOIN stages s ON s.id = d.stage_id"
                                 " WHERE s.id = $1 AND s.subject = $2 ORDER BY d.ordinal",
                                 stage_id, subject)) {
    blobs.push_back(pqxx::binarystring(row[0]).str());
  }
  return blobs;
}

}  // namespace eda::plans::store
