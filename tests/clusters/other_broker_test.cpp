// A broker unlike the shared ones: listeners over TLS, by password and by certificate, and no authorizer.

#include <fmt/format.h>

#include <csignal>
#include <cstdlib>

#include "dev/kafka.h"
#include "tests/clusters/cluster_world.h"

using namespace eda;
using namespace eda::test;
namespace fs = std::filesystem;

namespace {

fs::path private_directory() {
  const char* temporary = std::getenv("TMPDIR");
  std::string path = std::string(temporary == nullptr ? "/tmp" : temporary) + "/eda-other-broker-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no directory for the broker");
  return path;
}

void say_nothing(std::string_view) {}

/// Started once for all tests of the program, and gone with it.
class OtherBroker {
 public:
  static OtherBroker& get() {
    static OtherBroker broker;
    return broker;
  }

  kafka::Connection over_tls() const {
    kafka::Connection connection;
    connection.bootstrap = fmt::format("127.0.0.1:{}", tls_port_);
    connection.security_protocol = "SASL_SSL";
    connection.sasl_mechanism = "SCRAM-SHA-512";
    connection.username = "admin";
    connection.password = Secret(kafka_->password("admin"));
    return connection;
  }
  kafka::Connection by_certificate() const {
    kafka::Connection connection;
    connection.bootstrap = fmt::format("127.0.0.1:{}", mutual_port_);
    connection.security_protocol = "SSL";
    return connection;
  }
  /// With ca.pem, client.pem, client.key and other-ca.pem.
  fs::path secrets() const { return state_ / "secrets"; }

 private:
  OtherBroker() {
    fs::create_directories(secrets());
    make_certificates();
    dev::Ports ports(say_nothing);
    // Far from where others look for free ports, for two that look at once find the same.
    notes_.set("kafka.1.port", "24092");
    notes_.set("kafka.1.controller", "24192");
    tls_port_ = ports.take(24292, "TLS").value();
    mutual_port_ = ports.take(24392, "mutual TLS").value();
    kafka_.emplace(state_, notes_, processes_, dev::Training::never, additions());
    auto home = dev::find_kafka("", "4");
    if (!home) throw std::runtime_error(home.error().message);
    auto started = kafka_->start(*home, 1, ports, say_nothing);
    if (started) started = kafka_->await(say_nothing);
    if (!started) throw std::runtime_error(started.error().message);
  }
  ~OtherBroker() {
    processes_.stop(kafka_->parts(), SIGKILL, std::chrono::seconds(5));
    std::error_code ignored;
    fs::remove_all(state_, ignored);
  }

  void make_certificates() const {
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca"
        " -keyout ca.key -out secrets/ca.pem");
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=other"
        " -keyout other.key -out secrets/other-ca.pem");
    sign("broker.key", "broker.pem", "-subj /CN=broker -addext subjectAltName=IP:127.0.0.1");
    sign("secrets/client.key", "secrets/client.pem", "-subj /CN=edad");
    run("cat broker.key broker.pem > broker.store");
  }
  void sign(const std::string& key, const std::string& certificate, const std::string& who) const {
    run(fmt::format("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes {} -keyout {} -out request", who,
                    key));
    run(
        fmt::format("openssl x509 -req -in request -CA secrets/ca.pem -CAkey ca.key -CAcreateserial -days 2"
                    " -copy_extensions copy -out {}",
                    certificate));
  }
  void run(const std::string& command) const {
    auto line = fmt::format("cd {} && {} 2>> openssl.log", state_.string(), command);
    if (std::system(line.c_str()) != 0) throw std::runtime_error("failed: " + line);
  }

  dev::Additions additions() const {
    dev::Additions more;
    more.listeners = fmt::format(",TLS://127.0.0.1:{},MUTUAL://127.0.0.1:{}", tls_port_, mutual_port_);
    more.properties = fmt::format(
        R"(listener.security.protocol.map=CONTROLLER:SASL_PLAINTEXT,CLIENT:SASL_PLAINTEXT,TLS:SASL_SSL,MUTUAL:SSL
ssl.keystore.type=PEM
ssl.keystore.location={0}/broker.store
ssl.truststore.type=PEM
ssl.truststore.location={0}/secrets/ca.pem
listener.name.mutual.ssl.client.auth=required
listener.name.tls.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.tls.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=
)",
        state_.string());
    return more;
  }

  fs::path state_ = private_directory();
  dev::Notes notes_{state_ / "world"};
  dev::Processes processes_{state_, dev::Lifetime::with_parent};
  int tls_port_ = 0, mutual_port_ = 0;
  std::optional<dev::Kafka> kafka_;
};

struct World : ClusterWorld {
  explicit World(kafka::Connection to) : ClusterWorld(std::move(to), OtherBroker::get().secrets()) {}
  plans::Kinds kinds{{&catalog::team_rules(), &clusters::cluster_rules()}};
  plans::Engine engine{database.pool(), kinds, {&team_rows, &cluster_rows}, owners, [] {}};
  Planner planner{engine};

  clusters::Health health(const Fields& more) {
    planner.make({cluster_document("prod", connection, more)});
    return clusters.health("prod").value();
  }
};

clusters::Check check_of(const clusters::Health& health, const std::string& name) {
  for (auto& check : health.checks) {
    if (check.name == name) return check;
  }
  FAIL("there is no check " << name);
  return {};
}

}  // namespace

TEST_CASE("a cluster over TLS is reached with the CA that its manifest names, and the password beside it") {
  World world(OtherBroker::get().over_tls());
  auto health = world.health({{"spec.ca", "file:ca.pem"}});
  INFO(check_of(health, "reachable").message);
  CHECK(check_of(health, "reachable").ok);
  CHECK(check_of(health, "brokers").ok);
}

TEST_CASE("a cluster that wants certificates is reached with ours") {
  World world(OtherBroker::get().by_certificate());
  auto health = world.health(
      {{"spec.ca", "file:ca.pem"}, {"spec.certificate", "file:client.pem"}, {"spec.key", "file:client.key"}});
  INFO(check_of(health, "reachable").message);
  CHECK(check_of(health, "reachable").ok);
}

TEST_CASE("a CA that did not sign the broker's certificate is told as that") {
  World world(OtherBroker::get().over_tls());
  for (const char* ca : {"file:other-ca.pem", ""}) {  // the system's CAs do not know it either
    Fields more;
    if (*ca != '\0') more.emplace("spec.ca", ca);
    auto reachable = check_of(world.health(more), "reachable");
    INFO(reachable.message);
    CHECK_FALSE(reachable.ok);
    CHECK_THAT(reachable.message,
               Catch::Contains("no TLS connection comes about") && Catch::Contains("certificate verify failed"));
    CHECK_THAT(reachable.next, Catch::Contains("check the CA"));
  }
}

TEST_CASE("a broker that wants a certificate and gets none is told as that") {
  World world(OtherBroker::get().by_certificate());
  auto reachable = check_of(world.health({{"spec.ca", "file:ca.pem"}}), "reachable");
  INFO(reachable.message);
  CHECK_FALSE(reachable.ok);
  CHECK_THAT(reachable.message + reachable.next, Catch::Contains("certificate"));
}

TEST_CASE("brokers without an authorizer are unhealthy, and may be managed") {
  World world(OtherBroker::get().over_tls());
  auto health = world.health({{"spec.ca", "file:ca.pem"}});
  auto authorizer = check_of(health, "authorizer");
  CHECK_FALSE(authorizer.ok);
  CHECK_THAT(authorizer.message, Catch::Contains("whoever reaches them may do anything"));
  CHECK_FALSE(clusters::healthy(health.checks));
  auto rights = check_of(health, "rights");
  INFO(rights.message);
  CHECK(rights.ok);
  auto mode = world.clusters.set_mode(admin, {"", "prod", "manage", "it is a test cluster"});
  REQUIRE(mode);
  CHECK(*mode == clusters::Mode::manage);
}
