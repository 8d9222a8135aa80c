// The whole world, with the edad that was built beside this program.

#include <csignal>

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "dev/dev.h"
#include "dev/processes.h"
#include "tests/dev/listener.h"
#include "tests/dev/place.h"
#include "tests/dev/test_world.h"

using namespace eda;
using namespace eda::dev;
namespace fs = std::filesystem;

namespace {

fs::perms mode(const fs::path& path) {
  return fs::status(path).permissions() & fs::perms::all;
}

}  // namespace

TEST_CASE("a world comes up, stays as it is at a second up, and survives a killed broker") {
  TestWorld test;
  World world = test.start();
  CHECK(world.complete());
  CHECK(world.started == 3);
  auto first = pids(world);

  World again = test.start();
  CHECK(again.started == 0);
  CHECK(pids(again) == first);

  REQUIRE(::kill(first["kafka"], SIGKILL) == 0);
  World mended = test.start();
  CHECK(mended.started == 1);
  CHECK(mended.complete());
  CHECK(pids(mended)["kafka"] != first["kafka"]);
  CHECK(pids(mended)["edad"] == first["edad"]);
  CHECK(pids(mended)["postgres"] == first["postgres"]);

  // All of it killed, as by a power cut: the data is there again.
  for (const auto& [name, pid] : pids(mended)) REQUIRE(::kill(pid, SIGKILL) == 0);
  World revived = test.start();
  CHECK(revived.complete());
  CHECK(environment(revived) == environment(world));
  CHECK(await_ready(revived.state, quiet));
}

TEST_CASE("down stops this world's processes and nobody else's") {
  TestWorld test;
  Place elsewhere;
  Processes others(elsewhere.path(), Lifetime::with_parent);
  Part bystander{"bystander", "eda.world=" + elsewhere.path().string()};
  REQUIRE(others.start(bystander, {{"/usr/bin/tail", "-f", "/dev/null", bystander.mark}, ""}));
  test.start();
  auto stopped = down(test.options().state, quiet);
  REQUIRE(stopped);
  CHECK(*stopped == 3);
  World after = dev::status(test.options().state);
  for (const auto& component : after.components) CHECK(component.pid == 0);
  CHECK(others.running(bystander));
  CHECK(*down(test.options().state, quiet) == 0);
  others.stop({bystander}, SIGKILL, std::chrono::seconds(5));
}

TEST_CASE("a port that was taken while the world was down is given up, and the world comes up elsewhere") {
  TestWorld test;
  std::string before = test.start().kafka_bootstrap;
  REQUIRE(down(test.options().state, quiet));
  Listener thief(std::stoi(before.substr(before.rfind(':') + 1)));
  World world = test.start();
  CHECK(world.complete());
  CHECK(world.kafka_bootstrap != before);
}

TEST_CASE("edad follows a database that died and had to move to another port") {
  TestWorld test;
  World before = test.start();
  auto first = pids(before);
  REQUIRE(::kill(first["postgres"], SIGKILL) == 0);
  int port = std::stoi(Notes(before.state / "world").get("postgres.port"));
  for (int tries = 0; !port_is_free(port) && tries < 100'000; ++tries) {
  }
  Listener thief(port);
  World world = test.start();
  CHECK(world.complete());
  CHECK(world.postgres_url != before.postgres_url);
  CHECK(pids(world)["edad"] != first["edad"]);
  CHECK(await_ready(world.state, quiet));
}

TEST_CASE("what an interrupted first start left behind is no obstacle") {
  TestWorld test;
  fs::path kafka = test.options().state / "kafka/1/data";
  fs::create_directories(kafka);
  REQUIRE(write_private(kafka / "meta.properties", "half\n"));
  World world = test.start();
  CHECK(world.complete());
  // A lost pid file: the process is found, not started twice.
  fs::remove(world.state / "run/postgres.pid");
  CHECK(pids(test.start()) == pids(world));
}

TEST_CASE("who deletes a world's state by hand gets a new world, though its database lies elsewhere") {
  TestWorld test;
  World before = test.start();
  REQUIRE(down(before.state, quiet));
  fs::remove_all(before.state);
  World world = test.start();
  CHECK(world.complete());
  CHECK(world.postgres_url != before.postgres_url);  // another password
}

TEST_CASE("a world's files that hold secrets are private, and no secret stands in an argument") {
  TestWorld test;
  World world = test.start();
  for (const char* file : {"env", "world", "edad/edad.yaml", "edad/secrets/kafka-local", "edad/admin.token",
                           "kafka/client.properties", "kafka/1/server.properties"})
    CHECK(mode(world.state / file) == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(mode(world.state) == fs::perms::owner_all);
  Notes notes(world.state / "world");
  for (const auto& [name, pid] : pids(world)) {
    std::string arguments = read_text("/proc/" + std::to_string(pid) + "/cmdline");
    for (const char* secret : {"postgres.password", "kafka.admin", "kafka.edad", "kafka.controller"})
      CHECK(arguments.find(notes.get(secret)) == std::string::npos);
  }
}

TEST_CASE("another Kafka than the world's is refused before anything is touched") {
  TestWorld test;
  World world = test.start();
  Options other = test.options();
  other.kafka_line = world.kafka_version.rfind("4.", 0) == 0 ? "3.9" : "4";
  auto refused = up(other, quiet);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "DEV_OTHER_WORLD");
  CHECK(pids(dev::status(world.state)) == pids(world));
}

TEST_CASE("reset forgets everything, and there is nothing to reset twice") {
  TestWorld test;
  World world = test.start();
  REQUIRE(reset(world.state, quiet));
  CHECK_FALSE(fs::exists(world.postgres_data));
  CHECK_FALSE(fs::exists(world.state / "kafka"));
  CHECK_FALSE(dev::status(world.state).exists());
  auto again = reset(world.state, quiet);
  REQUIRE_FALSE(again);
  CHECK(again.error().reason == "DEV_NO_WORLD");
}
