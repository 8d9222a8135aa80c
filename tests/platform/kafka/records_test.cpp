// Appending records, reading a compacted topic, and counting by time.

#include <librdkafka/rdkafka.h>

#include <thread>

#include "tests/platform/kafka/line.h"

using namespace eda;
using namespace eda::kafka;
using namespace eda::test;

namespace {

using Keys = std::map<std::string, std::string>;

NewTopic compacted(const std::string& name) {
  return {name, 1, 1, {{"cleanup.policy", "compact"}}};
}

/// Records with times of their own.
void produce_at(const Connection& connection, const std::string& topic, std::vector<std::int64_t> milliseconds) {
  auto client = plain_client(connection);
  std::string value = "x";
  for (auto at : milliseconds) {
    REQUIRE(rd_kafka_producev(client.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                              RD_KAFKA_V_VALUE(value.data(), value.size()), RD_KAFKA_V_TIMESTAMP(at),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  REQUIRE(rd_kafka_flush(client.get(), 30'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void tombstone(const Connection& connection, const std::string& topic, const std::string& key) {
  auto client = plain_client(connection);
  REQUIRE(rd_kafka_producev(client.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                            RD_KAFKA_V_KEY(key.data(), key.size()), RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
  REQUIRE(rd_kafka_flush(client.get(), 30'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

Instant at_ms(std::int64_t milliseconds) {
  return Instant(std::chrono::milliseconds(milliseconds));
}

std::string reason_of(const Result<Keys>& read) {
  return read ? "read" : read.error().reason;
}

}  // namespace

TEST_CASE("of each key in a compacted topic the newest value is read, and a tombstone ends it") {
  auto connection = line(GENERATE(as<std::string>(), "3.9", "4.x"));
  auto broker = admin(connection);
  auto topic = unique_name("keys");
  create(*broker, compacted(topic));
  CHECK(must(broker->read_keys(topic, soon())).empty());
  must(broker->append(topic, "a", "1", soon()));
  must(broker->append(topic, "b", "1", soon()));
  must(broker->append(topic, "a", "2", soon()));
  CHECK(must(broker->read_keys(topic, soon())) == Keys{{"a", "2"}, {"b", "1"}});
  tombstone(connection, topic, "b");
  must(broker->append(topic, "", "no key's", soon()));
  CHECK(must(broker->read_keys(topic, soon())) == Keys{{"", "no key's"}, {"a", "2"}});
  // Whoever reads comes to the same, whoever wrote.
  CHECK(must(admin(connection)->read_keys(topic, soon())) == Keys{{"", "no key's"}, {"a", "2"}});
}

TEST_CASE("a topic that the cleaner has emptied to its last records is read to its end") {
  auto connection = line(GENERATE(as<std::string>(), "3.9", "4.x"));
  auto broker = admin(connection);
  auto topic = unique_name("cut");
  create(*broker, {topic, 1, 1, {}});
  produce(connection, topic, 0, 5);
  // All records below the end are gone, the offsets stay.
  auto client = plain_client(connection);
  kafka::rdkafka::PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0)->offset = 5;
  auto* records = rd_kafka_DeleteRecords_new(list.get());
  kafka::rdkafka::Queue queue(rd_kafka_queue_new(client.get()));
  rd_kafka_DeleteRecords(client.get(), &records, 1, nullptr, queue.get());
  rd_kafka_DeleteRecords_destroy(records);
  kafka::rdkafka::Event event(rd_kafka_queue_poll(queue.get(), 30'000));
  REQUIRE(event);
  REQUIRE(rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
  CHECK(must(broker->offsets({topic}, soon())).at(topic) == std::vector<OffsetSpan>{{5, 5}});
  CHECK(must(broker->read_keys(topic, soon())).empty());
}

TEST_CASE("a transaction's markers at the end of a partition do not hold a reader up") {
  auto connection = line(GENERATE(as<std::string>(), "3.9", "4.x"));
  auto broker = admin(connection);
  auto topic = unique_name("marked");
  create(*broker, compacted(topic));
  auto conf = must(kafka::rdkafka::make_conf(connection));
  char words[256];
  REQUIRE(rd_kafka_conf_set(conf.get(), "transactional.id", topic.c_str(), words, sizeof words) == RD_KAFKA_CONF_OK);
  kafka::rdkafka::Instance client(rd_kafka_new(RD_KAFKA_PRODUCER, conf.release(), words, sizeof words));
  REQUIRE(client);
  auto done = [](rd_kafka_error_t* error) {
    kafka::rdkafka::LibraryError owned(error);
    INFO((error == nullptr ? "" : rd_kafka_error_string(error)));
    REQUIRE(error == nullptr);
  };
  done(rd_kafka_init_transactions(client.get(), 30'000));
  done(rd_kafka_begin_transaction(client.get()));
  std::string key = "a", value = "1";
  REQUIRE(rd_kafka_producev(client.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                            RD_KAFKA_V_KEY(key.data(), key.size()), RD_KAFKA_V_VALUE(value.data(), value.size()),
                            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
  done(rd_kafka_commit_transaction(client.get(), 30'000));
  REQUIRE(eventually([&] { return must(broker->offsets({topic}, soon())).at(topic).at(0).end == 2; }));
  CHECK(must(broker->read_keys(topic, soon())) == Keys{{"a", "1"}});
}

TEST_CASE("neither appending nor reading makes a topic, and both say that there is none") {
  auto broker = admin(line(GENERATE(as<std::string>(), "3.9", "4.x")));
  auto name = unique_name("nowhere");
  auto appended = broker->append(name, "k", "v", soon());
  REQUIRE_FALSE(appended);
  CHECK(appended.error().code == Code::not_found);
  CHECK(appended.error().reason == "TOPIC_UNKNOWN");
  CHECK(reason_of(broker->read_keys(name, soon())) == "TOPIC_UNKNOWN");
  CHECK(must(broker->offsets({name}, soon())).empty());
  CHECK(must(broker->records_before({{name, at_ms(1)}}, soon())).empty());
  CHECK(must(broker->describe_topics({name}, soon())).empty());
}

TEST_CASE("who may not write or read a topic is told so, at once") {
  auto connection = line(GENERATE(as<std::string>(), "3.9", "4.x"));
  auto owner = admin(connection);
  auto topic = unique_name("secret");
  create(*owner, compacted(topic));
  must(owner->append(topic, "a", "1", soon()));
  auto stranger_connection = new_user(connection);
  std::unique_ptr<Admin> stranger;
  REQUIRE(eventually([&] {
    stranger = admin(stranger_connection);
    return stranger->describe_cluster(soon()).has_value();
  }));
  auto denied = [](const auto& outcome) {
    REQUIRE_FALSE(outcome);
    INFO(outcome.error().message);
    CHECK(outcome.error().code == Code::denied);
    CHECK(outcome.error().reason == "TOPIC_DENIED");
  };
  denied(stranger->append(topic, "a", "2", soon()));
  denied(stranger->read_keys(topic, soon()));
  CHECK(must(stranger->groups_on({topic}, soon())).empty());

  allow(connection, stranger_connection.username, topic, RD_KAFKA_ACL_OPERATION_DESCRIBE);
  REQUIRE(eventually([&] { return visible(*stranger, topic); }));
  auto start = std::chrono::steady_clock::now();
  denied(stranger->append(topic, "a", "2", soon()));
  denied(stranger->read_keys(topic, soon()));
  CHECK(std::chrono::steady_clock::now() - start < 10s);
  CHECK(must(owner->read_keys(topic, soon())) == Keys{{"a", "1"}});
}

TEST_CASE("a record larger than the topic takes is refused by its reason, and the next one passes") {
  auto broker = admin(line(GENERATE(as<std::string>(), "3.9", "4.x")));
  auto topic = unique_name("small");
  create(*broker, {topic, 1, 1, {{"max.message.bytes", "1000"}}});
  auto refused = broker->append(topic, "k", std::string(5'000, 'x'), soon());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "RECORD_TOO_LARGE");
  must(broker->append(topic, "k", "v", soon()));
  CHECK(must(broker->read_keys(topic, soon())) == Keys{{"k", "v"}});
}

TEST_CASE("no broker means that nothing was appended") {
  Connection connection;
  connection.bootstrap = "127.0.0.1:1";
  connection.security_protocol = "PLAINTEXT";
  auto broker = admin(connection);
  CHECK(broker->append("x", "k", "v", Deadline::in(5s)).error().reason == "BROKER_AWAY");
  CHECK(broker->read_keys("x", Deadline::in(5s)).error().reason == "BROKER_AWAY");
  CHECK(broker->append("x", "k", "v", Deadline::in(0ms)).error().reason == "DEADLINE_PASSED");
}

TEST_CASE("eight threads append over one connection, each record once") {
  auto connection = kafka_4();
  auto broker = admin(connection);
  auto topic = unique_name("threads");
  create(*broker, compacted(topic));
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] { (void)broker->append(topic, std::to_string(i), "v", soon()); });
  }
  for (auto& thread : threads) thread.join();
  CHECK(must(broker->read_keys(topic, soon())).size() == 8);
  CHECK(must(broker->record_counts({topic}, soon())).at(topic) == 8);
}

TEST_CASE("offsets are those of each partition in order") {
  auto connection = line(GENERATE(as<std::string>(), "3.9", "4.x"));
  auto broker = admin(connection);
  auto full = unique_name("full");
  auto empty = unique_name("empty");
  create(*broker, {full, 3, 1, {}});
  create(*broker, {empty, 2, 1, {}});
  produce(connection, full, 0, 4);
  produce(connection, full, 2, 7);
  auto offsets = must(broker->offsets({full, empty, unique_name("missing")}, soon()));
  CHECK(offsets ==
        std::map<std::string, std::vector<OffsetSpan>>{{full, {{0, 4}, {0, 0}, {0, 7}}}, {empty, {{0, 0}, {0, 0}}}});
}

TEST_CASE("records are counted that are older than an instant") {
  auto connection = line(GENERATE(as<std::string>(), "3.9", "4.x"));
  auto broker = admin(connection);
  auto topic = unique_name("aged");
  create(*broker, {topic, 2, 1, {{"retention.ms", "-1"}}});
  produce_at(connection, topic, {1'000, 2'000, 3'000});
  auto before = [&](Instant instant) { return must(broker->records_before({{topic, instant}}, soon())).at(topic); };
  CHECK(before(at_ms(-5)) == 0);
  CHECK(before(at_ms(0)) == 0);
  CHECK(before(at_ms(1'000)) == 0);
  CHECK(before(at_ms(1'000) + Duration(1)) == 1);
  CHECK(before(at_ms(2'500)) == 2);
  CHECK(before(at_ms(3'001)) == 3);  // no record is younger: all of them
}
