// A world that something else gets in the way of: other worlds, thieves of ports, signals, kills, lost tokens.

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "dev/dev.h"
#include "dev/probe.h"
#include "dev/processes.h"
#include "tests/dev/listener.h"
#include "tests/dev/place.h"
#include "tests/dev/test_world.h"

using namespace eda;
using namespace eda::dev;
namespace fs = std::filesystem;

namespace {

/// Answers every request as an edad would that has its database.
class Impostor {
 public:
  explicit Impostor(int port) : listener_(port), thread_([this] { answer(); }) {}
  ~Impostor() {
    ::shutdown(listener_.socket(), SHUT_RDWR);
    thread_.join();
  }
  Impostor(const Impostor&) = delete;
  Impostor& operator=(const Impostor&) = delete;

 private:
  void answer() const {
    constexpr std::string_view all_is_well = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ndatabase: ok\n";
    for (int caller = 0; (caller = ::accept4(listener_.socket(), nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      char request[4096];
      (void)::recv(caller, request, sizeof request, 0);
      (void)::send(caller, all_is_well.data(), all_is_well.size(), MSG_NOSIGNAL);
      ::close(caller);
    }
  }
  Listener listener_;
  std::thread thread_;
};

/// A process that stands still until it is let go on.
class Stopped {
 public:
  explicit Stopped(pid_t pid) : pid_(pid) { REQUIRE(::kill(pid_, SIGSTOP) == 0); }
  ~Stopped() { go_on(); }
  Stopped(const Stopped&) = delete;
  Stopped& operator=(const Stopped&) = delete;
  void go_on() {
    if (pid_ != 0) ::kill(pid_, SIGCONT);
    pid_ = 0;
  }

 private:
  pid_t pid_;
};

pid_t a_child_of(pid_t parent) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::string stat = read_text(entry.path() / "stat");
    auto name_end = stat.rfind(") ");
    if (name_end != std::string::npos && std::atoi(stat.c_str() + name_end + 4) == parent)
      return std::atoi(stat.c_str());
  }
  FAIL("there is no child of " << parent);
  return 0;
}

std::string token_of(const World& world) {
  std::string token = read_text(world.token_file);
  return token.substr(0, token.find('\n'));
}

HttpAnswer ask(const World& world, const std::string& method, const std::string& message) {
  return call(port_of(world.web_url), method, message, token_of(world));
}

std::string must(const World& world, const std::string& method, const std::string& message) {
  auto answer = ask(world, method, message);
  INFO(method << ": " << answer.body);
  REQUIRE(answer.status == 200);
  return answer.body;
}

bool takes_its_token(const World& world) {
  return ask(world, "eda.identity.v1.IdentityService/WhoAmI", "{}").status == 200;
}

std::set<int> ports_of(const World& world) {
  std::set<int> all = {port_of(world.web_url), port_of(world.metrics_url)};
  for (const auto& component : world.components) all.insert(port_of(component.address));
  return all;
}

/// As `edactl dev up` does it over gRPC.
void register_cluster(const World& world) {
  auto field = [](const std::string& path, const std::string& value) {
    return R"({"path":"spec.)" + path + R"(","value":)" + value + "}";
  };
  std::string fields = field("bootstrap", R"([")" + world.kafka_bootstrap + R"("])") + "," +
                       field("security", R"("SASL_PLAINTEXT")") + "," + field("mechanism", R"("SCRAM-SHA-512")") + "," +
                       field("username", R"("edad")") + "," + field("password", R"("file:kafka-local")") + "," +
                       field("environment", R"("development")");
  std::string plan =
      must(world, "eda.plans.v1.PlanService/Plan",
           R"({"set":"dev","toApply":true,"documents":[{"kind":"Cluster","name":"local","fields":[)" + fields + "]}]}");
  auto id = plan.find(R"("id":")");
  REQUIRE(id != std::string::npos);
  id += 6;
  must(world, "eda.plans.v1.PlanService/Apply",
       R"({"planId":")" + plan.substr(id, plan.find('"', id) - id) + R"(","reason":"a test"})");
  REQUIRE(await_ready(world.state, quiet));
  must(world, "eda.clusters.v1.ClusterService/SetMode", R"({"cluster":"local","mode":"manage","reason":"a test"})");
}

}  // namespace

TEST_CASE("two worlds that start at the same time share no port, and each speaks to its own edad") {
  TestWorld one, other;
  std::optional<World> second;
  // The other comes up from begin to end while the first has chosen its broker's ports, and before it listens there.
  World first = one.start([&](std::string_view line) {
    if (line.starts_with("starting Kafka") && !second) second = other.start();
  });
  REQUIRE(second);
  CHECK(first.complete());
  CHECK(second->complete());
  auto all = ports_of(first), others = ports_of(*second);
  std::size_t distinct = all.size() + others.size();
  all.merge(others);
  CHECK(all.size() == distinct);
  CHECK(takes_its_token(first));
  CHECK(takes_its_token(*second));
}

TEST_CASE("a server whose port is taken while it starts gets another one, whoever answers there") {
  TestWorld test;
  std::vector<std::unique_ptr<Listener>> thieves;
  std::optional<Impostor> impostor;
  std::set<std::string> stolen;
  World world = test.start([&](std::string_view line) {
    for (const char* start : {"starting Kafka", "starting Postgres"})
      if (line.starts_with(start) && stolen.insert(start).second)
        thieves.push_back(std::make_unique<Listener>(port_of(std::string(line))));
    if (line.starts_with("starting edad") && !impostor)
      impostor.emplace(Notes(test.options().state / "world").number("edad.metrics", 0));
  });
  CHECK(thieves.size() == 2);
  CHECK(impostor);
  CHECK(world.complete());
  CHECK(takes_its_token(world));
}

TEST_CASE("a token of the world that was revoked is replaced at the next up") {
  TestWorld test;
  World world = test.start();
  std::string revoked = token_of(world);
  must(world, "eda.identity.v1.IdentityService/RevokeToken", R"({"reason":"logout"})");
  REQUIRE_FALSE(takes_its_token(world));
  World again = test.start();
  CHECK(again.started == 0);
  CHECK(token_of(again) != revoked);
  CHECK(takes_its_token(again));
  CHECK(read_text(world.state / "env").find(token_of(again)) != std::string::npos);
  // One that is taken stays.
  std::string kept = token_of(again);
  CHECK(token_of(test.start()) == kept);
}

TEST_CASE("a killed Postgres is started again when the last of its processes has gone, and not before") {
  TestWorld test;
  World world = test.start();
  pid_t postgres = pids(world)["postgres"];
  Stopped left(a_child_of(postgres));
  REQUIRE(::kill(postgres, SIGKILL) == 0);
  bool waited = false;
  World again = test.start([&](std::string_view line) {
    if (!line.starts_with("waiting for what is left of the Postgres")) return;
    waited = true;
    left.go_on();
  });
  CHECK(waited);
  CHECK(again.complete());
}

TEST_CASE("lock files of a Postgres that is gone are no obstacle") {
  TestWorld test;
  World world = test.start();
  fs::path home = world.postgres_data.parent_path();
  SECTION("its socket's names a process that is somebody else's by now") {
    Place elsewhere;
    Processes others(elsewhere.path(), Lifetime::with_parent);
    Part bystander{"bystander", "bystander=" + elsewhere.path().string()};
    // Of the server's user, for Postgres sees that others cannot be it.
    std::string user = ::geteuid() == 0 ? "postgres" : "";
    REQUIRE(others.start(bystander, {{"/usr/bin/tail", "-f", "/dev/null", bystander.mark}, user}));
    fs::path lock = home / (".s.PGSQL." + std::to_string(port_of(world.components[0].address)) + ".lock");
    std::string text = read_text(lock);
    REQUIRE_FALSE(text.empty());
    REQUIRE(::kill(pids(world)["postgres"], SIGKILL) == 0);
    std::ofstream(lock) << *others.running(bystander) << text.substr(text.find('\n'));  // in place: its owner stays
    CHECK(test.start().complete());
    others.stop({bystander}, SIGKILL, std::chrono::seconds(5));
  }
  SECTION("its data's is empty, as after a power cut") {
    REQUIRE(down(world.state, quiet));
    fs::path lock = world.postgres_data / "postmaster.pid";
    REQUIRE(write_private(lock, ""));
    struct stat server {};
    REQUIRE(::stat(world.postgres_data.c_str(), &server) == 0);
    REQUIRE(::chown(lock.c_str(), server.st_uid, server.st_gid) == 0);
    CHECK(test.start().complete());
  }
}

TEST_CASE("a broker that is about to end is waited for and started again, though it still answers") {
  TestWorld test;
  World world = test.start();
  pid_t kafka = pids(world)["kafka"];
  Processes processes(world.state, Lifetime::detached);
  Part broker{"kafka", "-Deda.world=" + (world.state / "kafka/1").string()};
  REQUIRE(::kill(kafka, SIGTERM) == 0);
  auto begins_to_end = [&] {
    return read_text(processes.log(broker)).find("Terminating process due to signal SIGTERM") != std::string::npos;
  };
  REQUIRE(processes.await(broker, begins_to_end, std::chrono::seconds(10), quiet));
  World again = test.start();
  CHECK(again.complete());
  CHECK(pids(again)["kafka"] != kafka);
}

TEST_CASE("a world is ready only after its edad has looked at the cluster since it started") {
  TestWorld test;
  World world = test.start();
  register_cluster(world);
  REQUIRE(await_ready(world.state, quiet));
  auto looks = [](const World& at) {
    std::string metrics = http_get(port_of(at.metrics_url), "/metrics").body;
    return metrics.find(R"(eda_worker_rounds_total{outcome="ok",worker="clusters"})") != std::string::npos;
  };
  REQUIRE(looks(world));
  REQUIRE(::kill(pids(world)["edad"], SIGKILL) == 0);
  World again = test.start();
  REQUIRE(await_ready(again.state, quiet));
  CHECK(looks(again));
}
