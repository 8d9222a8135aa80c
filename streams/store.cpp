#include "streams/store.h"

#include <set>

namespace eda::streams::store {

namespace {

constexpr int topic_column = plans::store::object_columns;

Memory memory_of(const pqxx::row& row, int first) {
  return Memory{row[first].c_str(), row[first + 1].c_str(),
                row[first + 2].as<bool>() ? Memory::Creation::sent : Memory::Creation::unsent};
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
  for (const auto& row :
       tx.exec("SELECT object_id, topic, topic_id, creation_sent FROM streams WHERE object_id = ANY($1::bigint[])",
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

std::vector<Stream> due(pg::Tx& tx, const std::string& cluster, int limit) {
  return streams_of(tx.exec("SELECT " EDA_OBJECT_COLUMNS
                            ", s.topic, s.topic_id, s.creation_sent FROM objects o JOIN streams s ON s.object_id = o.id"
                            " WHERE o.kind = 'stream' AND o.cluster = $1"
                            " AND o.state IN ('pending', 'unknown', 'deleting') ORDER BY o.updated_at, o.id LIMIT $2",
                            cluster, limit));
}

std::vector<Stream> at_rest(pg::Tx& tx, const std::string& cluster, std::int64_t after, int limit) {
  return streams_of(tx.exec("SELECT " EDA_OBJECT_COLUMNS
                            ", s.topic, s.topic_id, s.creation_sent FROM objects o JOIN streams s ON s.object_id = o.id"
                            " WHERE o.kind = 'stream' AND o.cluster = $1 AND o.id > $2"
                            " AND o.state IN ('applied', 'drifted') ORDER BY o.id LIMIT $3",
                            cluster, after, limit));
}

std::vector<std::int64_t> still(pg::Tx& tx, const std::vector<Version>& versions) {
  std::vector<std::int64_t> ids, generations, found;
  for (auto& version : versions) {
    ids.push_back(version.id);
    generations.push_back(version.generation);
  }
  for (const auto& row :
       tx.exec("SELECT o.id FROM objects o JOIN unnest($1::bigint[], $2::bigint[]) v(id, generation)"
               " ON (o.id, o.generation) = (v.id, v.generation) WHERE o.state IN ('pending', 'unknown', 'deleting')",
               pg::bigint_array(ids), pg::bigint_array(generations))) {
    found.push_back(row[0].as<std::int64_t>());
  }
  return found;
}

void mark_sent(pg::Tx& tx, const std::vector<std::int64_t>& object_ids) {
  if (object_ids.empty()) return;
  tx.exec("UPDATE streams SET creation_sent = true WHERE object_id = ANY($1::bigint[])", pg::bigint_array(object_ids));
}

void unmark_sent(pg::Tx& tx, const std::vector<std::int64_t>& object_ids) {
  if (object_ids.empty()) return;
  tx.exec("UPDATE streams SET creation_sent = false WHERE object_id = ANY($1::bigint[])", pg::bigint_array(object_ids));
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

}  // namespace eda::streams::store
