#include <librdkafka/rdkafka.h>

#include <catch2/catch.hpp>
#include <numeric>

#include "platform/kafka/batch.h"
#include "platform/kafka/fault.h"
#include "platform/kafka/version.h"

using namespace eda;
using namespace eda::kafka;
using namespace std::chrono_literals;

namespace {

std::vector<std::size_t> lengths(const std::vector<BatchItem>& items) {
  std::vector<std::size_t> indices(items.size());
  std::iota(indices.begin(), indices.end(), 0u);
  std::vector<std::size_t> result;
  for (auto run : cut(indices, items)) result.push_back(run.size());
  return result;
}

std::vector<ConfigEntry> configs(std::initializer_list<std::pair<std::string, std::string>> values) {
  std::vector<ConfigEntry> entries;
  for (const auto& [name, value] : values) entries.push_back({name, value});
  return entries;
}

}  // namespace

TEST_CASE("a batch is cut by records and by items") {
  CHECK(lengths({}).empty());
  CHECK(lengths({{"a", 1}, {"b", 1}}) == std::vector<std::size_t>{2});
  CHECK(lengths({{"a", 3000}, {"b", 2000}, {"c", 1}}) == std::vector<std::size_t>{2, 1});
  CHECK(lengths({{"a", 1}, {"b", 9000}, {"c", 1}}) == std::vector<std::size_t>{1, 1, 1});
  CHECK(lengths(std::vector<BatchItem>(2500, {"x", 1})) == std::vector<std::size_t>{1000, 1000, 500});
}

TEST_CASE("a refusal that passes is asked again for its item alone") {
  std::vector<std::vector<std::size_t>> sent;
  auto send = [&](std::span<const std::size_t> items) -> Result<std::vector<std::optional<Fault>>> {
    sent.emplace_back(items.begin(), items.end());
    std::vector<std::optional<Fault>> answers(items.size());
    if (sent.size() == 1) answers[1] = judge(RD_KAFKA_RESP_ERR_NOT_CONTROLLER, "b", "");
    return answers;
  };
  auto outcomes = in_batches({{"a"}, {"b"}, {"c"}}, Deadline::in(10s), send);
  REQUIRE(outcomes);
  for (const auto& outcome : *outcomes) CHECK_FALSE(outcome.error);
  CHECK(sent == std::vector<std::vector<std::size_t>>{{0, 1, 2}, {1}});
}

TEST_CASE("a passing refusal that outlasts the deadline is the outcome") {
  auto send = [&](std::span<const std::size_t>) -> Result<std::vector<std::optional<Fault>>> {
    return std::vector<std::optional<Fault>>{judge(RD_KAFKA_RESP_ERR_NOT_CONTROLLER, "a", "")};
  };
  auto outcomes = in_batches({{"a"}}, Deadline::in(200ms), send);
  REQUIRE(outcomes);
  CHECK(outcomes->front().error->reason == "NOT_CONTROLLER");
}

TEST_CASE("only a first request that was not sent fails a whole batch") {
  std::vector<BatchItem> items;
  for (int i = 0; i < 1500; ++i) items.push_back({std::to_string(i), 1});
  int calls = 0;
  Error away(Code::unavailable, "BROKER_AWAY", "away");
  auto never = in_batches(items, Deadline::in(1s), [&](auto) { return fail(away); });
  REQUIRE_FALSE(never);
  auto later = in_batches(items, Deadline::in(1s), [&](auto run) -> Result<std::vector<std::optional<Fault>>> {
    if (++calls > 1) return fail(away);
    return std::vector<std::optional<Fault>>(run.size());
  });
  REQUIRE(later);
  CHECK_FALSE(later->front().error);
  CHECK(later->back().error->reason == "BROKER_AWAY");
  auto unknown = in_batches(items, Deadline::in(1s), [&](auto) { return fail(outcome_unknown("x", "y")); });
  REQUIRE(unknown);
  CHECK(unknown->front().error->reason == "BROKER_OUTCOME_UNKNOWN");
}

TEST_CASE("errors say what, in our words and where it helps in the broker's") {
  auto exists = judge(RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, topic_subject("a"), "Topic 'a' already exists.");
  CHECK(exists.error.message == "topic \"a\" exists already on the broker");
  CHECK(exists.remedy == Remedy::none);
  auto fenced = judge(RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, topic_subject("a"),
                      "Unable to replicate the partition 1 time(s): All brokers are currently fenced.");
  CHECK(fenced.error.code == Code::unavailable);
  CHECK(fenced.remedy == Remedy::repeat);
  auto policy = judge(RD_KAFKA_RESP_ERR_POLICY_VIOLATION, topic_subject("a"), "Names need a team.\n");
  CHECK(policy.error.message == "topic \"a\" breaks a policy of the cluster: Names need a team");
  auto bare = judge(RD_KAFKA_RESP_ERR_POLICY_VIOLATION, "x", rd_kafka_err2str(RD_KAFKA_RESP_ERR_POLICY_VIOLATION));
  CHECK(bare.error.message == "x breaks a policy of the cluster");
  auto strange = judge(RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, "x", "");
  CHECK(strange.error.reason == "BROKER_REFUSED");
  CHECK_THAT(strange.error.message, Catch::Contains("INVALID_SESSION_TIMEOUT"));
  CHECK(strange.remedy == Remedy::none);
  auto unreadable = judge(RD_KAFKA_RESP_ERR__BAD_MSG, "x", "");
  CHECK(unreadable.error.reason == "CLIENT_FAULT");
  CHECK(unreadable.remedy == Remedy::reread);
  CHECK(judge(RD_KAFKA_RESP_ERR_POLICY_VIOLATION, topic_subject("\x1b[2J"), "\x1b[2J").error.message.find('\x1b') ==
        std::string::npos);
}

TEST_CASE("librdkafka's decoration is taken off its lines") {
  CHECK(clause("sasl_ssl://b1:9092/bootstrap: Connect to ipv4#10.0.0.1:9092 failed: Connection refused (after 3ms in "
               "state CONNECT)") == "b1:9092: Connect to ipv4#10.0.0.1:9092 failed: Connection refused");
  CHECK(clause("[thrd:sasl_ssl://b1:9092/bootstrap]: b1:9092/bootstrap: SSL handshake failed") ==
        "b1:9092: SSL handshake failed");
  CHECK(clause("[thrd:") == "");
  CHECK(clause("a sentence.") == "a sentence");
  CHECK(clause("two\nlines") == "two lines");
  CHECK(clause("").empty());
}

TEST_CASE("a broker's age is read from its configs") {
  CHECK(version_hint(configs({{"inter.broker.protocol.version", "3.9-IV0"}})) == "3.9");
  CHECK(version_hint(configs({{"inter.broker.protocol.version", "0.11.0"}})) == "0.11.0");
  CHECK(version_hint(configs({{"group.consumer.session.timeout.ms", "45000"}})) == "4.x");
  CHECK(version_hint({}).empty());
}

TEST_CASE("a broker lacks an authorizer only when it says so") {
  CHECK(has_authorizer({}));
  CHECK(has_authorizer(configs({{"num.partitions", "1"}})));
  CHECK(
      has_authorizer(configs({{"authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"}})));
  CHECK_FALSE(has_authorizer(configs({{"authorizer.class.name", ""}})));
  CHECK_FALSE(has_authorizer({{"authorizer.class.name", std::nullopt}}));
}
