// A database that is put back under a running edad: nothing of what it wishes or was about to do reaches the broker
// until a person says so.

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "tests/streams/acting.h"

using namespace eda;
using namespace eda::test;
using plans::State;

namespace {

constexpr std::int64_t day = 86'400'000;

/// A dump of a world's database, and the way back to it as people do it: in one transaction, under whoever is running.
class Dump {
 public:
  explicit Dump(StreamWorld& world)
      : url_(world.database.url()), file_(std::filesystem::temp_directory_path() / (unique_name("dump") + ".sql")) {
    run(fmt::format("pg_dump --no-owner --no-acl -f '{}' '{}'", file_.string(), url_));
  }
  ~Dump() {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
  }
  Dump(const Dump&) = delete;
  Dump& operator=(const Dump&) = delete;

  void restore() const {
    run(
        fmt::format("psql -X -q -1 -o /dev/null -v ON_ERROR_STOP=1 -c 'SET client_min_messages = warning' -c 'DROP "
                    "SCHEMA public CASCADE; CREATE SCHEMA public' -f '{}' '{}'",
                    file_.string(), url_));
  }

 private:
  static void run(const std::string& command) {
    if (std::system(command.c_str()) != 0) FAIL("failed: " << command);
  }
  std::string url_;
  std::filesystem::path file_;
};

std::string mode(StreamWorld& world) {
  return world.database.pool()
      .transact([](pg::Tx& tx) -> Result<std::string> {
        return std::string(clusters::mode_name(clusters::store::find(tx, "prod")->mode));
      })
      .value();
}

std::string reason(const plans::Object& object) {
  return object.conditions.empty() ? "" : object.conditions.front().reason;
}

/// Leads for so long that no dump holds a lease that has run out.
streams::Worker patient(StreamWorld& world) {
  return {world.database.pool(), world.connections, world.clock,
          streams::WorkerOptions{.holder = "replica-1", .lease = std::chrono::minutes(5)}};
}

/// A stream with records on its way out, up to the last look before it is let go.
operations::Operation about_to_delete(StreamWorld& world, Acting& acting) {
  world.planner.make({world.stream("s", {{"spec.partitions", 1}})});
  world.worker.step("prod");
  append(world, "s", 2);
  delete_stream(world, "s");
  acting.step();
  acting.step();
  acting.clock.ahead = std::chrono::seconds(11);
  acting.step();
  auto last = acting.step();
  REQUIRE(last.step == "delete");
  return last;
}

}  // namespace

TEST_CASE(
    "a database restored under a running edad sends none of its old wishes, though its leader asked a moment ago") {
  StreamWorld world(kafka_4());
  auto worker = patient(world);
  auto manifest = [&](int days) {
    return world.stream("s", {{"spec.retention", days * day}, {"spec.drift", "repair"}});
  };
  world.planner.make({manifest(7)});
  REQUIRE(worker.step("prod").settled == 1);
  world.planner.make({manifest(8)});
  Dump dump(world);
  REQUIRE(worker.step("prod").settled == 1);
  world.planner.make({manifest(30)});
  REQUIRE(worker.step("prod").settled == 1);

  dump.restore();
  CHECK(world.object("s").state == State::pending);
  CHECK(worker.step("prod").outcome == "DATABASE_RESTORED");
  CHECK(world.overrides("s").at("retention.ms") == std::to_string(30 * day));
  CHECK(mode(world) == "observe");
  CHECK(world.object("s").state == State::pending);
  CHECK(reason(world.object("s")) == "DATABASE_RESTORED");
  CHECK(worker.step("prod").outcome == "CLUSTER_OBSERVED");
  CHECK(worker.sweep("prod").repaired == 0);
  CHECK(world.overrides("s").at("retention.ms") == std::to_string(30 * day));

  // A person's word that this database counts.
  REQUIRE(world.clusters.set_mode(admin, {"", "prod", "manage", "it counts"}));
  CHECK(worker.step("prod").settled == 1);
  CHECK(world.overrides("s").at("retention.ms") == std::to_string(8 * day));
}

TEST_CASE("what a round did while the database was put back is not written into it") {
  StreamWorld world(kafka_4());
  world.planner.make({world.stream("s", {{"spec.retention", 7 * day}})});
  REQUIRE(world.worker.step("prod").settled == 1);
  Dump dump(world);
  world.planner.make({world.stream("s", {{"spec.retention", 30 * day}})});
  REQUIRE(world.worker.step("prod").settled == 1);
  world.alter_by_hand("s", {{"retention.ms", "5000"}});
  std::atomic<bool> done{false};
  clusters::Connections interrupted(world.secrets, [&](auto&, std::string_view call, Duration, std::string_view) {
    if (call == "describe_configs" && !done.exchange(true)) dump.restore();
  });
  streams::Worker worker(world.database.pool(), interrupted, world.clock,
                         streams::WorkerOptions{.holder = "replica-1"});
  worker.sweep("prod");
  CHECK(done);
  CHECK(world.object("s").state == State::applied);
  CHECK(world.object("s").drift.empty());
}

TEST_CASE("a deletion that a dump holds as running does not go on by itself, even if nobody noticed the restore") {
  StreamWorld world(kafka_4());
  Acting acting(world);
  auto id = about_to_delete(world, acting).id;
  REQUIRE(world.worker.step("prod").outcome == "idle");
  Dump dump(world);
  REQUIRE(acting.actions.abort(admin, {"", "we need it"}, id));
  REQUIRE(world.worker.step("prod").settled == 1);

  dump.restore();
  REQUIRE(world.clusters.set_mode(admin, {"", "prod", "manage", "it counts"}));
  CHECK(mode(world) == "manage");
  auto held = acting.step();
  CHECK(held.state == operations::State::failed);
  CHECK(held.trouble.find("restored from an older copy") != std::string::npos);
  CHECK(held.next.find("edactl operation resume " + id) != std::string::npos);
  CHECK(held.next.find("edactl operation abort " + id) != std::string::npos);
  world.worker.step("prod");
  CHECK(world.topic("s"));
  // Until a person says so.
  REQUIRE(acting.actions.resume(admin, {"", "it may go"}, id));
  CHECK(acting.step().step == "verify");
  // Its worker learns of the word at its first round, and deletes in the next one.
  CHECK(world.worker.step("prod").settled == 0);
  CHECK(world.worker.step("prod").settled == 1);
  CHECK(acting.step().state == operations::State::done);
  CHECK_FALSE(world.topic("s"));
}

TEST_CASE("a claim to which an admin said yes before the restore is asked about again") {
  StreamWorld world(kafka_4());
  Acting acting(world);
  world.create_by_hand("legacy", 1);
  REQUIRE(world.streams.request_adoption(admin, {"", "", "prod", {world.named("legacy")}, "checkout"}));
  auto id = acting.step().id;
  REQUIRE(acting.actions.resume(admin, {"", "they run it"}, id));
  Dump dump(world);
  world.planner.make({world.stream("other", {})});
  REQUIRE(world.worker.step("prod").settled == 1);
  dump.restore();
  REQUIRE(world.clusters.set_mode(admin, {"", "prod", "manage", "it counts"}));
  auto asked = acting.step();
  CHECK(asked.state == operations::State::failed);
  CHECK(asked.trouble.find("restored from an older copy") != std::string::npos);
  REQUIRE(acting.actions.resume(admin, {"", "still"}, id));
  acting.step();
  CHECK(acting.step().state == operations::State::done);
}

TEST_CASE("a deletion that a dump holds as let go is held again, and may be called off") {
  for (bool resumed : {false, true}) {
    StreamWorld world(kafka_4());
    Acting acting(world);
    auto id = about_to_delete(world, acting).id;
    REQUIRE(acting.step().step == "verify");
    Dump dump(world);
    REQUIRE(acting.actions.abort(admin, {"", "we need it"}, id));
    REQUIRE(world.worker.step("prod").settled == 1);

    dump.restore();
    CHECK(world.worker.step("prod").outcome == "DATABASE_RESTORED");
    REQUIRE(world.clusters.set_mode(admin, {"", "prod", "manage", "it counts"}));
    CHECK(world.worker.step("prod").outcome == "idle");
    CHECK(world.topic("s"));
    CHECK(acting.step().state == operations::State::failed);
    if (resumed) {
      REQUIRE(acting.actions.resume(admin, {"", "it may go"}, id));
    } else {
      REQUIRE(acting.actions.abort(admin, {"", "we need it"}, id));
    }
    CHECK(world.worker.step("prod").settled == 1);
    CHECK(world.topic("s").has_value() != resumed);
  }
}
