#include <librdkafka/rdkafka.h>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include "tests/platform/kafka/half_broker.h"
#include "tests/platform/kafka/line.h"

using namespace eda;
using namespace eda::kafka;
using namespace eda::test;

namespace {

Connection plaintext(const std::string& bootstrap) {
  Connection connection;
  connection.bootstrap = bootstrap;
  connection.security_protocol = "PLAINTEXT";
  return connection;
}

template <class Call>
std::chrono::milliseconds time_of(Call call) {
  auto start = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
}

}  // namespace

TEST_CASE("a cluster tells its id, brokers, our rights, its authorizer and its age") {
  std::string version = GENERATE(as<std::string>(), "3.9", "4.x");
  auto broker = admin(line(version));
  auto fact = must(broker->describe_cluster(soon()));
  CHECK(fact.cluster_id.size() == 22);
  REQUIRE_FALSE(fact.brokers.empty());
  CHECK(fact.brokers[0].port > 0);
  CHECK(std::ranges::count(fact.brokers, fact.controller, &BrokerFact::id) == 1);
  REQUIRE(fact.rights);
  for (const char* right : {"CREATE", "ALTER", "DESCRIBE", "ALTER_CONFIGS", "DESCRIBE_CONFIGS"}) {
    CHECK(fact.rights->contains(right));
  }
  CHECK(fact.authorizer);
  CHECK(fact.version_hint == version);
}

TEST_CASE("a principal without rights is denied by name and learns nothing") {
  auto connection = line(GENERATE(as<std::string>(), "3.9", "4.x"));
  auto owner = admin(connection);
  NewTopic topic{unique_name("secret"), 1, 1, {}};
  create(*owner, topic);
  auto stranger_connection = new_user(connection);
  std::unique_ptr<Admin> stranger;
  // The broker may not know the user yet for a moment; each attempt is a login of its own.
  REQUIRE(eventually([&] {
    stranger = admin(stranger_connection);
    return stranger->describe_cluster(soon()).has_value();
  }));

  auto cluster = must(stranger->describe_cluster(soon()));
  REQUIRE(cluster.rights);
  CHECK(cluster.rights->empty());
  CHECK(cluster.authorizer);
  CHECK(cluster.version_hint.empty());
  auto facts = must(stranger->describe_topics({topic.name}, soon()));
  REQUIRE(facts.size() == 1);
  REQUIRE(facts[0].error);
  CHECK(facts[0].error->reason == "TOPIC_DENIED");
  CHECK(must(stranger->list_topics(soon())).empty());
  CHECK(must(stranger->record_counts({topic.name}, soon())).empty());
  CHECK(must(stranger->describe_configs({topic.name}, soon())).at(0).error->reason == "TOPIC_DENIED");
  CHECK(stranger->describe_broker(cluster.brokers.at(0).id, soon()).error().reason == "CLUSTER_DENIED");

  auto denied = [](const Result<std::vector<Outcome>>& outcomes) {
    return outcomes && outcomes->size() == 1 && outcomes->front().error &&
           outcomes->front().error->code == Code::denied;
  };
  CHECK(denied(stranger->create_topics(std::vector{NewTopic{unique_name("mine"), 1, 1, {}}}, Mode::apply, soon())));
  CHECK(denied(stranger->create_partitions(std::vector{MorePartitions{topic.name, 2}}, Mode::apply, soon())));
  CHECK(denied(stranger->alter_configs(std::vector{ConfigChange{topic.name, {{"retention.ms", "1"}}, {}}}, Mode::apply,
                                       soon())));
  CHECK(denied(stranger->delete_topics({topic.name}, soon())));
}

TEST_CASE("a wrong password is told at once and never shown") {
  auto connection = line(GENERATE(as<std::string>(), "3.9", "4.x"));
  connection.password = Secret("not-the-password");
  std::mutex mutex;
  std::string warnings;
  auto broker = must(connect(connection, {}, [&](std::string_view warning) {
    std::lock_guard lock(mutex);
    warnings += warning;
  }));
  Result<std::vector<Outcome>> outcomes;
  auto took = time_of([&] {
    outcomes = broker->create_topics(std::vector{NewTopic{unique_name("no"), 1, 1, {}}}, Mode::apply, soon());
  });
  REQUIRE_FALSE(outcomes);
  CHECK(outcomes.error().code == Code::unauthenticated);
  CHECK(outcomes.error().reason == "BROKER_LOGIN");
  CHECK(took < 5s);
  auto read = broker->describe_cluster(soon());
  REQUIRE_FALSE(read);
  CHECK(read.error().reason == "BROKER_LOGIN");
  CHECK_THAT(read.error().message, Catch::Contains("invalid credentials"));
  CHECK_THAT(read.error().message, !Catch::Contains("not-the-password"));
  std::lock_guard lock(mutex);
  CHECK_THAT(warnings, !Catch::Contains("not-the-password"));
}

TEST_CASE("a mechanism that the broker does not offer is a login that fails") {
  auto connection = line(GENERATE(as<std::string>(), "3.9", "4.x"));
  connection.sasl_mechanism = "PLAIN";
  auto read = admin(connection)->list_topics(soon());
  REQUIRE_FALSE(read);
  CHECK(read.error().reason == "BROKER_LOGIN");
}

TEST_CASE("no broker at the address is told before the deadline") {
  Connection connection = plaintext("127.0.0.1:1");
  auto broker = admin(connection);
  Result<ClusterFact> fact;
  CHECK(time_of([&] { fact = broker->describe_cluster(soon()); }) < 6s);
  REQUIRE_FALSE(fact);
  CHECK(fact.error().code == Code::unavailable);
  CHECK(fact.error().reason == "BROKER_AWAY");
  CHECK_THAT(fact.error().message, Catch::Contains("127.0.0.1:1") && Catch::Contains("refused"));

  auto outcomes = broker->create_topics(std::vector{NewTopic{"x", 1, 1, {}}}, Mode::apply, Deadline::in(500ms));
  REQUIRE_FALSE(outcomes);
  CHECK(outcomes.error().reason == "BROKER_AWAY");
}

TEST_CASE("a name that does not resolve is told") {
  auto fact = admin(plaintext("no-such-host.invalid:9092"))->describe_cluster(Deadline::in(20s));
  REQUIRE_FALSE(fact);
  CHECK(fact.error().reason == "BROKER_AWAY");
  CHECK_THAT(fact.error().message, Catch::Contains("no-such-host.invalid"));
}

TEST_CASE("a broker that accepts connections and never answers costs no more than the deadline") {
  HalfBroker mute(HalfBroker::Manner::mute);
  auto broker = admin(plaintext(mute.address()));
  Result<std::vector<Outcome>> outcomes;
  auto took = time_of([&] {
    outcomes = broker->create_topics(std::vector{NewTopic{"x", 1, 1, {}}}, Mode::apply, Deadline::in(1s));
  });
  CHECK(took < 4s);
  REQUIRE_FALSE(outcomes);  // it was never asked, so this is certain
  CHECK(outcomes.error().reason == "BROKER_AWAY");
  CHECK(mute.changes_asked() == 0);
}

TEST_CASE("a change that was sent and not answered has an unknown outcome, item by item") {
  auto manner = GENERATE(HalfBroker::Manner::silent, HalfBroker::Manner::hangs_up);
  HalfBroker half(manner);
  auto broker = admin(plaintext(half.address()));
  std::vector<NewTopic> topics = {{"a", 1, 1, {}}, {"b", 1, 1, {}}};
  auto outcomes = must(broker->create_topics(topics, Mode::apply, Deadline::in(2s)));
  REQUIRE(outcomes.size() == 2);
  for (const auto& outcome : outcomes) {
    REQUIRE(outcome.error);
    CHECK(outcome.error->code == Code::timeout);
    CHECK(outcome.error->reason == "BROKER_OUTCOME_UNKNOWN");
  }
  CHECK(half.changes_asked() == 1);  // never sent twice
}

TEST_CASE("a broker that lacks a request is told to be too old") {
  HalfBroker old(HalfBroker::Manner::silent);
  auto broker = admin(plaintext(old.address()));
  auto outcomes =
      broker->alter_configs(std::vector{ConfigChange{"x", {{"retention.ms", "1"}}, {}}}, Mode::apply, soon());
  REQUIRE_FALSE(outcomes);
  CHECK(outcomes.error().code == Code::unhealthy);
  CHECK(outcomes.error().reason == "BROKER_TOO_OLD");
  CHECK(must(broker->describe_cluster(soon())).version_hint == "0.10");
}

TEST_CASE("a broker that has just come back and knows no brokers yet is asked again") {
  HalfBroker waking(HalfBroker::Manner::silent);
  auto broker = admin(plaintext(waking.address()));
  REQUIRE(must(broker->describe_cluster(soon())).cluster_id == "half-a-cluster");
  waking.forget();
  CHECK(must(broker->describe_cluster(soon())).cluster_id == "half-a-cluster");
}

TEST_CASE("TLS towards a broker without it fails with a sentence") {
  auto connection = line(GENERATE(as<std::string>(), "3.9", "4.x"));
  connection.security_protocol = "SASL_SSL";
  auto fact = admin(connection)->describe_cluster(Deadline::in(10s));
  REQUIRE_FALSE(fact);
  CHECK(fact.error().code == Code::unavailable);
  CHECK((fact.error().reason == "BROKER_TLS" || fact.error().reason == "BROKER_AWAY"));
}

TEST_CASE("no login towards a broker that wants one fails long before the deadline") {
  auto fact = admin(plaintext(line(GENERATE(as<std::string>(), "3.9", "4.x")).bootstrap));
  Result<std::vector<TopicFact>> topics;
  CHECK(time_of([&] { topics = fact->list_topics(soon()); }) < 10s);
  REQUIRE_FALSE(topics);
  CHECK(topics.error().reason == "BROKER_AWAY");
  CHECK_THAT(topics.error().next, Catch::Contains("security protocol"));
}

TEST_CASE("a passed deadline sends nothing") {
  auto broker = admin(kafka_4());
  auto outcomes = broker->create_topics(std::vector{NewTopic{"never", 1, 1, {}}}, Mode::apply, Deadline::in(0ms));
  REQUIRE_FALSE(outcomes);
  CHECK(outcomes.error().reason == "DEADLINE_PASSED");
}

TEST_CASE("settings that cannot work are refused by name") {
  auto refused = [](auto change) {
    Connection connection = kafka_4();
    change(connection);
    auto opened = connect(connection);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().reason == "CONNECTION_SETTING");
    CHECK(opened.error().code == Code::invalid);
    return opened.error().message + "; " + opened.error().next;
  };
  CHECK_THAT(refused([](Connection& c) { c.bootstrap.clear(); }), Catch::Contains("bootstrap"));
  CHECK_THAT(refused([](Connection& c) { c.security_protocol = "SASL_SLL"; }), Catch::Contains("SASL_SSL"));
  CHECK_THAT(refused([](Connection& c) { c.sasl_mechanism = "SCRAM-SHA-513"; }), Catch::Contains("SCRAM-SHA-512"));
  CHECK_THAT(refused([](Connection& c) { c.password = Secret(); }), Catch::Contains("password"));
  CHECK_THAT(refused([](Connection& c) {
               c.security_protocol = "SASL_SSL";
               c.ca_pem = "no certificate";
             }),
             Catch::Contains("ssl.ca.pem"));
  auto words = refused([](Connection& c) {
    c.security_protocol = "SSL";
    c.certificate_pem = "no certificate";
    c.key_pem = Secret("very-secret");
  });
  CHECK_THAT(words, !Catch::Contains("very-secret"));
}

TEST_CASE("one connection serves many threads and tells the observer of each call") {
  std::mutex mutex;
  std::map<std::string, int> seen;
  auto broker = must(connect(kafka_4(), [&](std::string_view call, Duration took, std::string_view outcome) {
    std::lock_guard lock(mutex);
    ++seen[std::string(call) + " " + std::string(outcome)];
    CHECK(took.count() > 0);
  }));
  auto prefix = unique_name("threads");
  std::vector<std::thread> threads;
  std::atomic<int> done{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      NewTopic topic{prefix + "." + std::to_string(i), 1, 1, {}};
      auto outcomes = broker->create_topics(std::vector{topic}, Mode::apply, soon());
      if (outcomes && !outcomes->front().error && broker->list_topics(soon())) ++done;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(done == 8);
  CHECK(seen == std::map<std::string, int>{{"create_topics ok", 8}, {"list_topics ok", 8}});
}

namespace {

/// libfaketime, which lets a process believe another wall clock.
std::string clock_library() {
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib")) {
    auto library = entry.path() / "faketime" / "libfaketimeMT.so.1";
    if (std::filesystem::exists(library)) return library;
  }
  throw std::runtime_error("libfaketime is not here: run ./x setup, which installs it");
}

}  // namespace

TEST_CASE("an instance that librdkafka gives up finds what its threads still use") {
  // A clock that lags behind the kernel's makes each wait of librdkafka end at once, that for its own threads too.
  auto command = fmt::format(
      "LD_PRELOAD={} FAKETIME=-2h FAKETIME_DONT_FAKE_MONOTONIC=1 ASAN_OPTIONS=verify_asan_link_order=0 "
      "{} 'as the test of that name wants it' 2>&1",
      clock_library(), std::filesystem::read_symlink("/proc/self/exe").string());
  CHECK(std::system(command.c_str()) == 0);
}

TEST_CASE("as the test of that name wants it", "[.]") {
  static std::atomic<int> heard{0};
  bool stalled = false;
  for (int attempt = 0; attempt < 200 && !stalled; ++attempt) {
    auto opened = connect(plaintext("127.0.0.1:1"), {}, [words = std::string(100, 'x')](std::string_view) {
      if (std::string copy = words; copy == std::string(100, 'x')) ++heard;
    });
    stalled = !opened;
    if (!opened) CHECK(opened.error().reason == "CLIENT_STALLED");
  }
  REQUIRE(stalled);
  heard = 0;
  CHECK(eventually([&] { return heard > 0; }));  // nobody listens there, and it goes on to complain of that
}
