#pragma once
// Both lines of brokers for one test, and what tests do to a broker that the port does not: produce, make users.

#include <librdkafka/rdkafka.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "platform/kafka/admin.h"
#include "platform/kafka/rdkafka_conf.h"
#include "platform/kafka/rdkafka_handle.h"
#include "tests/support/world.h"

namespace eda::test {

using namespace std::chrono_literals;

/// A broker line by the hint that it gives of itself: "3.9" or "4.x".
inline kafka::Connection line(const std::string& version) {
  return version == "3.9" ? kafka_39() : kafka_4();
}

inline std::unique_ptr<kafka::Admin> admin(const kafka::Connection& connection) {
  auto opened = kafka::connect(connection);
  if (!opened) throw std::runtime_error(opened.error().message);
  return std::move(*opened);
}

inline Deadline soon() {
  return Deadline::in(30s);
}

/// The value, or the error's text as the failure of the test.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().reason + ": " + result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline void all_done(const std::vector<kafka::Outcome>& outcomes) {
  for (const auto& outcome : outcomes) {
    if (outcome.error) FAIL(outcome.topic << ": " << outcome.error->reason << ": " << outcome.error->message);
  }
}

/// Asks until it holds; a broker learns of changes one moment after the controller.
template <class Holds>
bool eventually(Holds holds) {
  for (auto deadline = soon(); !deadline.passed();) {
    if (holds()) return true;
  }
  return false;
}

inline bool visible(kafka::Admin& broker, const std::string& topic) {
  auto facts = must(broker.describe_topics({topic}, soon()));
  return facts.size() == 1 && !facts[0].error && !facts[0].partitions.empty() && facts[0].partitions[0].leader >= 0;
}

inline void create(kafka::Admin& broker, const kafka::NewTopic& topic) {
  all_done(must(broker.create_topics(std::vector{topic}, kafka::Mode::apply, soon())));
  REQUIRE(eventually([&] { return visible(broker, topic.name); }));
}

inline kafka::rdkafka::Instance plain_client(const kafka::Connection& connection) {
  auto conf = must(kafka::rdkafka::make_conf(connection));
  char words[256];
  kafka::rdkafka::Instance client(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), words, sizeof words));
  if (!client) throw std::runtime_error(words);
  static_cast<void>(conf.release());
  return client;
}

inline void produce(const kafka::Connection& connection, const std::string& topic, int partition, int records) {
  auto client = plain_client(connection);
  for (int i = 0; i < records; ++i) {
    std::string value = std::to_string(i);
    auto code = rd_kafka_producev(client.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                                  RD_KAFKA_V_VALUE(value.data(), value.size()),
                                  RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    REQUIRE(code == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  REQUIRE(rd_kafka_flush(client.get(), 30'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

/// A connection as a new SCRAM user that has no rights at all.
inline kafka::Connection new_user(const kafka::Connection& as_admin) {
  kafka::Connection connection = as_admin;
  connection.username = unique_name("user");
  connection.password = Secret("a password of its own");
  auto client = plain_client(as_admin);
  kafka::rdkafka::Queue queue(rd_kafka_queue_new(client.get()));
  const auto& password = connection.password.reveal();
  auto* alteration = rd_kafka_UserScramCredentialUpsertion_new(
      connection.username.c_str(), RD_KAFKA_SCRAM_MECHANISM_SHA_512, 4096,
      reinterpret_cast<const unsigned char*>(password.data()), password.size(), nullptr, 0);
  rd_kafka_AlterUserScramCredentials(client.get(), &alteration, 1, nullptr, queue.get());
  rd_kafka_UserScramCredentialAlteration_destroy(alteration);
  kafka::rdkafka::Event event(rd_kafka_queue_poll(queue.get(), 30'000));
  REQUIRE(event);
  REQUIRE(rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
  return connection;
}

/// Gives a user one right on one topic.
inline void allow(const kafka::Connection& as_admin, const std::string& user, const std::string& topic,
                  rd_kafka_AclOperation_t right) {
  auto client = plain_client(as_admin);
  kafka::rdkafka::Queue queue(rd_kafka_queue_new(client.get()));
  char words[256];
  auto* binding =
      rd_kafka_AclBinding_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL,
                              ("User:" + user).c_str(), "*", right, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, words, 256);
  REQUIRE(binding);
  rd_kafka_CreateAcls(client.get(), &binding, 1, nullptr, queue.get());
  rd_kafka_AclBinding_destroy(binding);
  kafka::rdkafka::Event event(rd_kafka_queue_poll(queue.get(), 30'000));
  REQUIRE(event);
  REQUIRE(rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

}  // namespace eda::test
