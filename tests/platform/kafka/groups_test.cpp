// Classic groups with live members: a real consumer in each.

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <thread>

#include "tests/platform/kafka/line.h"

using namespace eda;
using namespace eda::kafka;
using namespace eda::test;

namespace {

/// A consumer that polls until it goes out of scope.
class Member {
 public:
  Member(const Connection& connection, const std::string& group, std::vector<std::string> topics,
         const char* protocol = "classic") {
    auto conf = must(kafka::rdkafka::make_conf(connection));
    char words[256];
    std::pair<const char*, const char*> settings[] = {
        {"group.id", group.c_str()}, {"group.protocol", protocol}, {"client.id", "member"}};
    for (auto [name, value] : settings)
      REQUIRE(rd_kafka_conf_set(conf.get(), name, value, words, sizeof words) == RD_KAFKA_CONF_OK);
    client_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), words, sizeof words));
    REQUIRE(client_);
    static_cast<void>(conf.release());
    rd_kafka_poll_set_consumer(client_.get());
    kafka::rdkafka::PartitionList list(rd_kafka_topic_partition_list_new(1));
    for (const auto& topic : topics) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), -1);
    REQUIRE(rd_kafka_subscribe(client_.get(), list.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
    polling_ = std::thread([this] {
      while (!leaving_) kafka::rdkafka::Message(rd_kafka_consumer_poll(client_.get(), 50));
      rd_kafka_consumer_close(client_.get());
    });
  }
  ~Member() {
    leaving_ = true;
    polling_.join();
  }
  int partitions() {
    rd_kafka_topic_partition_list_t* raw = nullptr;
    if (rd_kafka_assignment(client_.get(), &raw) != RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
    return kafka::rdkafka::PartitionList(raw)->cnt;
  }

 private:
  kafka::rdkafka::Instance client_;
  std::atomic<bool> leaving_{false};
  std::thread polling_;
};

}  // namespace

TEST_CASE("a live member of a classic group is found by the topics that it has") {
  auto connection = line(GENERATE(as<std::string>(), "3.9", "4.x"));
  auto broker = admin(connection);
  auto orders = unique_name("orders");
  auto carts = unique_name("carts");
  auto quiet = unique_name("quiet");
  for (const auto& topic : {orders, carts, quiet}) create(*broker, {topic, 1, 1, {}});
  auto group = unique_name("group");
  auto other = unique_name("other");
  CHECK(must(broker->groups_on({orders, carts, quiet}, soon())).empty());
  {
    Member both(connection, group, {orders, carts});
    Member one(connection, other, {carts});
    REQUIRE(eventually([&] { return both.partitions() == 2 && one.partitions() == 1; }));
    auto on_orders = must(broker->groups_on({orders, quiet}, soon()));
    REQUIRE(on_orders.size() == 1);
    CHECK(on_orders[0].group == group);
    CHECK(on_orders[0].state == "Stable");
    REQUIRE(on_orders[0].members.size() == 1);
    CHECK(on_orders[0].members[0].client_id == "member");
    CHECK_FALSE(on_orders[0].members[0].id.empty());
    CHECK_FALSE(on_orders[0].members[0].host.empty());
    CHECK(on_orders[0].members[0].topics == std::set<std::string>{orders, carts});
    CHECK(must(broker->groups_on({carts}, soon())).size() == 2);
    CHECK(must(broker->groups_on({quiet}, soon())).empty());
    CHECK(must(broker->groups_on({}, soon())).empty());

    // A second member shares the group, and has nothing: a topic of one partition serves one.
    Member spare(connection, other, {carts});
    REQUIRE(eventually([&] {
      auto found = must(broker->groups_on({carts}, soon()));
      return found.size() == 2 && std::ranges::all_of(found, [](auto& fact) { return fact.members.size() == 1; });
    }));
  }
  // Whoever leaves holds nothing any more.
  REQUIRE(eventually([&] { return must(broker->groups_on({orders, carts}, soon())).empty(); }));
}

TEST_CASE("members whose partitions change hands are found while they do") {
  auto connection = kafka_4();
  auto broker = admin(connection);
  auto topic = unique_name("handed");
  create(*broker, {topic, 4, 1, {}});
  auto group = unique_name("group");
  Member first(connection, group, {topic});
  REQUIRE(eventually([&] { return first.partitions() == 4; }));
  Member second(connection, group, {topic});
  for (bool settled = false; !settled;) {
    CHECK(must(broker->groups_on({topic}, soon())).size() == 1);
    settled = first.partitions() == 2 && second.partitions() == 2;
  }
}

TEST_CASE("groups of the new protocol are left out") {
  auto connection = kafka_4();
  auto broker = admin(connection);
  auto topic = unique_name("modern");
  create(*broker, {topic, 1, 1, {}});
  Member member(connection, unique_name("group"), {topic}, "consumer");
  REQUIRE(eventually([&] { return member.partitions() == 1; }));
  CHECK(must(broker->groups_on({topic}, soon())).empty());
}
