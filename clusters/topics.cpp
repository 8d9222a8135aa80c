#include "clusters/topics.h"

#include <algorithm>
#include <iterator>

namespace eda::clusters {
namespace {

using Kind = TopicOrigin::Kind;

struct Row {
  std::string_view begins, ends;  // without an ending: the whole name
  Kind kind;
  std::string_view what;

  bool whole() const { return ends.empty(); }
};

constexpr std::string_view kafkas = "Kafka's own";
constexpr std::string_view mirrors = "MirrorMaker's own";
constexpr std::string_view streams = "an internal topic of a Kafka Streams application";

// Brokers flag the first three; the metadata log is no topic for clients, but its name is taken.
constexpr Row rows[] = {
    {"__consumer_offsets", "", Kind::internal, kafkas},
    {"__transaction_state", "", Kind::internal, kafkas},
    {"__share_group_state", "", Kind::internal, kafkas},
    {"__cluster_metadata", "", Kind::internal, kafkas},
    {"__remote_log_metadata", "", Kind::internal, kafkas},
    {witness_topic, "", Kind::internal, "edad's own, by which it knows its database again"},
    {"_schemas", "", Kind::internal, "the store of a Confluent Schema Registry, which alone may write to it"},
    {"mm2-", ".internal", Kind::noted, mirrors},
    {"", ".checkpoints.internal", Kind::noted, mirrors},
    {"", "-changelog", Kind::noted, streams},
    {"", "-repartition", Kind::noted, streams},
    {"", "-subscription-registration-topic", Kind::noted, streams},
    {"", "-subscription-response-topic", Kind::noted, streams},
};

bool fits(const Row& row, std::string_view topic) {
  if (row.whole()) return topic == row.begins;
  // Something stands before an ending: "-changelog" alone is anybody's.
  return topic.size() > row.begins.size() + row.ends.size() && topic.starts_with(row.begins) &&
         topic.ends_with(row.ends);
}

}  // namespace

TopicOrigin origin_of(std::string_view topic, BrokersWord word) {
  const auto* row = std::find_if(std::begin(rows), std::end(rows), [&](const Row& r) { return fits(r, topic); });
  if (word == BrokersWord::internal && (row == std::end(rows) || row->kind != Kind::internal))
    return {Kind::internal, kafkas};
  return row == std::end(rows) ? TopicOrigin{} : TopicOrigin{row->kind, row->what};
}

}  // namespace eda::clusters
