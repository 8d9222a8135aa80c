// Brokers that do not let edad keep its topic.

#include "clusters/actions_witness.h"
#include "clusters/topics.h"
#include "tests/platform/kafka/line.h"

using namespace eda;
using namespace eda::test;

TEST_CASE("who may not read or write edad's topic is told which rights that needs, and the mode stays") {
  auto connection = kafka_4();
  // Whether the topic is there or not: without rights nobody learns that.
  auto stranger_connection = new_user(connection);
  std::unique_ptr<kafka::Admin> stranger;
  REQUIRE(eventually([&] {
    stranger = admin(stranger_connection);
    return stranger->describe_cluster(soon()).has_value();
  }));
  FreshDatabase database;
  SystemClock clock;
  clusters::Witness witness(database.pool(), clock);
  auto denied = witness.check("prod", *stranger, soon());
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == Code::denied);
  CHECK(denied.error().reason == "TOPIC_DENIED");
  CHECK_THAT(denied.error().message, Catch::StartsWith("edad cannot keep its topic __edad on cluster/prod"));
  CHECK_THAT(denied.error().next, Catch::Contains("CREATE, DESCRIBE, READ and WRITE on the topic __edad"));
}
