#include "streams/store.h"

#include <set>

namespace eda::streams::store {

namespace {

// Held, or let go in a database that turned out to be restored since.
#define HELD "(s.held OR coalesce(s.let_go_at <= c.restored_at, false))"
#define STREAMS                                                                                \
  "SELECT " EDA_OBJECT_COLUMNS ", s.topic, s.topic_id, s.creation_sent, s.removal_sent, " HELD \
  " AS held FROM objects o JOIN streams s ON s.object_id = o.id JOIN clusters c ON c.object_id = s.cluster_id"

constexpr int topic_column = plans::store::object_columns;

Memory memory_of(const pqxx::row& row, int first) {
  return Memory{row[first].c_str(), row[first + 1].c_str(),
                row[first + 2].as<bool>() ? Memory::Creation::sent : Memory::Creation::unsent,
                row[first + 3].as<bool>() ? Memory::Removal::sent : Memory::Removal::unsent};
}

std::vector<Stream> streams_of(const pqxx::result& rows) {
  std::vector<Stream> streams;
  for (const auto& row : rows) streams.push_back({plans::store::object_of(row), memory_of(row, topic_column)});
  return streams;
}

}  // namespace

std::vector<std::string> create(pg::Tx& tx, const std::string& cluster, const std::vector<NewStream>& streams) {
  if (streams.empty()) return {};
  std::vector<std::int64_t> ids;
  std::vector<std::string> topics, topic_ids;
  for (auto& stream : streams) {
    ids.push_back(stream.object_id);
    topics.push_back(stream.topic);
    topic_ids.push_back(stream.topic_id);
  }
  std::set<std::string> taken(topics.begin(), topics.end());
  for (const auto& row : tx.exec(
           "INSERT INTO streams (object_id, cluster_id, topic, topic_id)"
           " SELECT r.id, c.object_id, r.topic, r.topic_id"
           " FROM unnest($2::bigint[], $3::text[], $4::text[]) r(id, topic, topic_id)"
           " JOIN objects o ON (o.kind, o.cluster, o.name) = ('cluster', '', $1) JOIN clusters c ON c.object_id = o.id"
           " ON CONFLICT ON CONSTRAINT streams_topic DO NOTHING RETURNING topic",
           cluster, pg::bigint_array(ids), pg::text_array(topics), pg::text_array(topic_ids))) {
    taken.erase(row[0].c_str());
  }
  return {taken.begin(), taken.end()};
}

void forget_topics(pg::Tx& tx, const std::vector<std::int64_t>& object_ids) {
  if (object_ids.empty()) return;
  tx.exec("UPDATE streams SET topic_id = '', creation_sent = false WHERE object_id = ANY($1::bigint[])",
          pg::bigint_array(object_ids));
}

std::map<std::int64_t, Memory> memories(pg::Tx& tx, const std::vector<std::int64_t>& object_ids) {
  std::map<std::int64_t, Memory> found;
  if (object_ids.empty()) return found;
  for (const auto& row : tx.exec("SELECT object_id, topic, topic_id, creation_sent, removal_sent FROM streams WHERE "
                                 "object_id = ANY($1::bigint[])",
                                 pg::bigint_array(object_ids))) {
    found.emplace(row[0].as<std::int64_t>(), memory_of(row, 1));
  }
  return found;
}

std::map<std::string, Holder> holders(pg::Tx& tx, const std::string& cluster, const std::vector<std::string>& topics) {
  std::map<std::string, Holder> found;
  if (topics.empty()) return found;
  for (const auto& row :
       tx.exec("SELECT s.topic, o.id, o.name FROM streams s JOIN objects o ON o.id = s.object_id"
               " JOIN objects c ON c.id = s.cluster_id WHERE c.name = $1 AND s.topic = ANY($2::text[])",
               cluster, pg::text_array(topics))) {
    found.emplace(row[0].c_str(), Holder{row[1].as<std::int64_t>(), row[2].c_str()});
  }
  return found;
}

int count_held(pg::Tx& tx, const std::string& cluster, const std::vector<std::string>& topics) {
  return tx
      .exec(
          "SELECT count(*) FROM streams s JOIN objects c ON c.id = s.cluster_id"
          " WHERE c.name = $1 AND s.topic = ANY($2::text[])",
          cluster, pg::text_array(topics))[0][0]
      .as<int>();
}

std::vector<Stream> due(pg::Tx& tx, const std::string& cluster, int limit) {
  return streams_of(
      tx.exec(STREAMS " WHERE o.kind = 'stream' AND o.cluster = $1"
                      " AND o.state IN ('pending', 'unknown', 'deleting') AND NOT (o.state = 'deleting' AND " HELD ")"
                      " ORDER BY o.updated_at, o.id LIMIT $2",
              cluster, limit));
}

std::vector<Stream> at_rest(pg::Tx& tx, const std::string& cluster, std::int64_t after, int limit) {
  return streams_of(tx.exec(STREAMS " WHERE o.kind = 'stream' AND o.cluster = $1 AND o.id > $2"
                                    " AND o.state IN ('applied', 'drifted') ORDER BY o.id LIMIT $3",
                            cluster, after, limit));
}

std::vector<Stream> at_rest_by_name(pg::Tx& tx, const std::string& cluster, const std::string& after, int limit) {
  return streams_of(tx.exec(STREAMS " WHERE o.kind = 'stream' AND o.cluster = $1 AND o.name > $2"
                                    " AND o.state IN ('applied', 'drifted', 'refused') ORDER BY o.name LIMIT $3",
                            cluster, after, limit));
}

std::vector<Stream> named(pg::Tx& tx, const std::string& cluster, const std::vector<std::string>& names) {
  return streams_of(tx.exec(STREAMS
                            " WHERE o.kind = 'stream' AND o.cluster = $1 AND o.name = ANY($2::text[]) ORDER BY o.name",
                            cluster, pg::text_array(names)));
}

namespace {

// Objects and generations as two arrays for unnest.
struct VersionArrays {
  explicit VersionArrays(const std::vector<Version>& versions) {
    std::vector<std::int64_t> i, g;
    for (auto& version : versions) {
      i.push_back(version.id);
      g.push_back(version.generation);
    }
    ids = pg::bigint_array(i);
    generations = pg::bigint_array(g);
  }
  std::string ids, generations;
};

std::vector<std::int64_t> ids_of(const pqxx::result& rows) {
  std::vector<std::int64_t> ids;
  for (const auto& row : rows) ids.push_back(row[0].as<std::int64_t>());
  return ids;
}

}  // namespace

std::vector<std::int64_t> still(pg::Tx& tx, const std::vector<Version>& versions) {
  VersionArrays rows(versions);
  return ids_of(
      tx.exec("SELECT o.id FROM objects o JOIN unnest($1::bigint[], $2::bigint[]) v(id, generation)"
              " ON (o.id, o.generation) = (v.id, v.generation)"
              " WHERE o.state IN ('pending', 'unknown', 'deleting')",
              rows.ids, rows.generations));
}

std::vector<std::int64_t> set_back(pg::Tx& tx, const std::vector<Version>& versions) {
  if (versions.empty()) return {};
  VersionArrays rows(versions);
  return ids_of(
      tx.exec("UPDATE objects o SET state = 'pending' FROM unnest($1::bigint[], $2::bigint[]) v(id, generation)"
              " WHERE (o.id, o.generation) = (v.id, v.generation) AND o.state IN ('applied', 'drifted')"
              " RETURNING o.id",
              rows.ids, rows.generations));
}

void await_worker(pg::Tx& tx, const std::vector<std::int64_t>& object_ids) {
  if (object_ids.empty()) return;
  tx.exec("UPDATE objects SET state = 'pending', observed_generation = 0 WHERE id = ANY($1::bigint[])",
          pg::bigint_array(object_ids));
}

void mark_sent(pg::Tx& tx, const std::vector<std::int64_t>& object_ids) {
  if (object_ids.empty()) return;
  tx.exec("UPDATE streams SET creation_sent = true WHERE object_id = ANY($1::bigint[])", pg::bigint_array(object_ids));
}

void unmark_sent(pg::Tx& tx, const std::vector<std::int64_t>& object_ids) {
  if (object_ids.empty()) return;
  tx.exec("UPDATE streams SET creation_sent = false WHERE object_id = ANY($1::bigint[])", pg::bigint_array(object_ids));
}

std::vector<std::int64_t> mark_removal(pg::Tx& tx, const std::vector<Version>& versions) {
  VersionArrays rows(versions);
  return ids_of(
      tx.exec("WITH o AS (SELECT o.id FROM objects o JOIN unnest($1::bigint[], $2::bigint[]) v(id, generation)"
              "   ON (o.id, o.generation) = (v.id, v.generation) WHERE o.state = 'deleting' ORDER BY o.id"
              "   FOR UPDATE OF o)"
              " UPDATE streams s SET removal_sent = true FROM o, clusters c"
              " WHERE s.object_id = o.id AND c.object_id = s.cluster_id AND NOT " HELD " RETURNING s.object_id",
              rows.ids, rows.generations));
}

void unmark_removal(pg::Tx& tx, const std::vector<std::int64_t>& object_ids) {
  if (object_ids.empty()) return;
  tx.exec("UPDATE streams SET removal_sent = false WHERE object_id = ANY($1::bigint[])", pg::bigint_array(object_ids));
}

void remember(pg::Tx& tx, const std::map<std::int64_t, std::string>& topic_ids) {
  if (topic_ids.empty()) return;
  std::vector<std::int64_t> ids;
  std::vector<std::string> topics;
  for (auto& [id, topic] : topic_ids) {
    ids.push_back(id);
    topics.push_back(topic);
  }
  tx.exec(
      "UPDATE streams s SET topic_id = r.topic_id, creation_sent = false"
      " FROM unnest($1::bigint[], $2::text[]) r(id, topic_id) WHERE s.object_id = r.id",
      pg::bigint_array(ids), pg::text_array(topics));
}

void look_again(pg::Tx& tx, const std::vector<std::int64_t>& object_ids) {
  if (object_ids.empty()) return;
  tx.exec("UPDATE objects SET state = 'pending' WHERE id = ANY($1::bigint[]) AND state IN ('applied', 'drifted')",
          pg::bigint_array(object_ids));
}

std::string survey_begins(pg::Tx& tx) {
  return tx.exec("SELECT now()::text")[0][0].c_str();
}

void survey_ended(pg::Tx& tx, std::int64_t cluster_id, const std::string& began) {
  tx.exec(
      "INSERT INTO stream_surveys (cluster_id, surveyed_at) VALUES ($1, $2::timestamptz)"
      " ON CONFLICT ON CONSTRAINT stream_surveys_pkey DO UPDATE SET surveyed_at = excluded.surveyed_at",
      cluster_id, began);
}

void want_survey(pg::Tx& tx, std::int64_t cluster_id) {
  tx.exec(
      "INSERT INTO stream_surveys (cluster_id, wanted_at) VALUES ($1, clock_timestamp())"
      " ON CONFLICT ON CONSTRAINT stream_surveys_pkey DO UPDATE SET wanted_at = excluded.wanted_at",
      cluster_id);
}

bool surveyed(pg::Tx& tx, std::int64_t cluster_id, std::chrono::milliseconds span) {
  auto rows = tx.exec(
      "SELECT surveyed_at > wanted_at AND surveyed_at > now() - $2::bigint * interval '1 millisecond'"
      " FROM stream_surveys WHERE cluster_id = $1",
      cluster_id, span.count());
  return !rows.empty() && rows[0][0].as<bool>();
}

void hold(pg::Tx& tx, const std::vector<std::int64_t>& object_ids) {
  if (object_ids.empty()) return;
  tx.exec("UPDATE streams SET held = true WHERE object_id = ANY($1::bigint[])", pg::bigint_array(object_ids));
}

void let_go(pg::Tx& tx, const std::vector<std::string>& uids) {
  tx.exec(
      "UPDATE streams s SET held = false, let_go_at = clock_timestamp() FROM objects o, clusters c"
      " WHERE o.id = s.object_id AND c.object_id = s.cluster_id AND " HELD
      " AND o.uid = ANY($1::uuid[]) AND o.state = 'deleting'",
      pg::text_array(uids));
}

bool keep(pg::Tx& tx, const std::string& uid) {
  // The object first, as a worker locks them that is about to send the deletion.
  return tx.exec(
               "WITH o AS (SELECT id FROM objects WHERE uid = $1::uuid AND state IN ('deleting', 'refused') FOR UPDATE)"
               " UPDATE streams s SET held = false, let_go_at = NULL FROM o"
               " WHERE s.object_id = o.id AND NOT s.removal_sent",
               uid)
             .affected_rows() > 0;
}

std::map<std::string, Departing> departing(pg::Tx& tx, const std::vector<std::string>& uids) {
  std::map<std::string, Departing> found;
  for (const auto& row : tx.exec(STREAMS " WHERE o.uid = ANY($1::uuid[])", pg::text_array(uids))) {
    Departing one{plans::store::object_of(row), memory_of(row, topic_column), row[topic_column + 4].as<bool>()};
    found.emplace(one.object.uid, std::move(one));
  }
  return found;
}

void delete_again(pg::Tx& tx, const std::string& uid) {
  tx.exec("UPDATE objects SET state = 'deleting' WHERE uid = $1::uuid AND state = 'refused'", uid);
}

}  // namespace eda::streams::store
