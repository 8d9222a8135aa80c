#include "clusters/topics.h"

#include <catch2/catch.hpp>

#include <string>

#include "clusters/mark.h"

using namespace eda;
using namespace eda::clusters;
using Kind = TopicOrigin::Kind;

TEST_CASE("topics that are no stream are told from those that are") {
  struct Case {
    const char* topic;
    BrokersWord word;
    Kind kind;
    const char* what;
  };
  const Case cases[] = {
      {"orders.placed", BrokersWord::ordinary, Kind::data, ""},
      {"__foo", BrokersWord::ordinary, Kind::data, ""},
      {"__edad2", BrokersWord::ordinary, Kind::data, ""},
      {"_schemas_old", BrokersWord::ordinary, Kind::data, ""},
      {"-changelog", BrokersWord::ordinary, Kind::data, ""},
      {"the-changelog-of-orders", BrokersWord::ordinary, Kind::data, ""},
      {"mm2-.internal", BrokersWord::ordinary, Kind::data, ""},
      {"", BrokersWord::ordinary, Kind::data, ""},
      {"__consumer_offsets", BrokersWord::internal, Kind::internal, "Kafka's own"},
      {"__consumer_offsets", BrokersWord::ordinary, Kind::internal, "Kafka's own"},
      {"__transaction_state", BrokersWord::ordinary, Kind::internal, "Kafka's own"},
      {"__share_group_state", BrokersWord::ordinary, Kind::internal, "Kafka's own"},
      {"__cluster_metadata", BrokersWord::ordinary, Kind::internal, "Kafka's own"},
      {"__remote_log_metadata", BrokersWord::ordinary, Kind::internal, "Kafka's own"},
      {"__something_of_kafka_5", BrokersWord::internal, Kind::internal, "Kafka's own"},
      {"billing-changelog", BrokersWord::internal, Kind::internal, "Kafka's own"},
      {"__edad", BrokersWord::ordinary, Kind::internal, "edad's own, by which it knows its database again"},
      {"_schemas", BrokersWord::ordinary, Kind::internal,
       "the store of a Confluent Schema Registry, which alone may write to it"},
      {"billing-KSTREAM-AGGREGATE-0000000003-changelog", BrokersWord::ordinary, Kind::noted,
       "an internal topic of a Kafka Streams application"},
      {"billing-by-customer-repartition", BrokersWord::ordinary, Kind::noted,
       "an internal topic of a Kafka Streams application"},
      {"a-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-0-subscription-registration-topic", BrokersWord::ordinary,
       Kind::noted, "an internal topic of a Kafka Streams application"},
      {"mm2-offset-syncs.B.internal", BrokersWord::ordinary, Kind::noted, "MirrorMaker's own"},
      {"A.checkpoints.internal", BrokersWord::ordinary, Kind::noted, "MirrorMaker's own"},
  };
  for (auto& [topic, word, kind, what] : cases) {
    INFO(topic);
    auto origin = origin_of(topic, word);
    CHECK(origin.kind == kind);
    CHECK(std::string(origin.what) == what);
  }
}

TEST_CASE("a mark is written as it is read, and anything else is no mark") {
  Mark mark{812, Instant(Duration(1763712000123456))};
  CHECK(mark_text(mark) == R"({"at":1763712000123456,"event":812})");
  CHECK(parse_mark(mark_text(mark)) == mark);
  for (auto text : {"", "812", "{}", "[]", R"({"event":812})", R"({"event":"812","at":1})", R"({"event":8.5,"at":1})",
                    R"({"event":812,"at":1)"}) {
    INFO(text);
    CHECK_FALSE(parse_mark(text));
  }
}
