// Claims and deletions: step by step, on brokers of both lines.

#include "tests/streams/acting.h"

using namespace eda;
using namespace eda::test;
using plans::keyed_path;
using plans::State;

namespace {

constexpr std::int64_t day = 86'400'000;

std::vector<kafka::Connection> lines() {
  return {kafka_4(), kafka_39()};
}

std::int64_t events(StreamWorld& world, const std::string& verb) {
  return count(world.database.pool(), "SELECT count(*) FROM events WHERE verb = '" + verb + "'");
}

}  // namespace

TEST_CASE("a lead asks for a topic that nobody owns, an admin says yes, and it is adopted in that name") {
  StreamWorld world(kafka_4());
  Acting acting(world);
  world.planner.make(
      {document("Team", "", "checkout",
                {{keyed_path("spec.members", "lena"), "lead"}, {keyed_path("spec.members", "mia"), "member"}})});
  world.create_by_hand("legacy", 1);
  streams::Claim claim{"r-1", "ours since 2019", "prod", {world.named("legacy")}, "checkout"};
  auto denied = world.streams.request_adoption(user("mia"), claim);
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == Code::denied);
  auto begun = world.streams.request_adoption(user("lena"), claim);
  REQUIRE(begun);
  CHECK(world.streams.request_adoption(user("lena"), claim)->id == begun->id);
  auto waiting = acting.step();
  CHECK(waiting.state == operations::State::waiting);
  CHECK(waiting.waiting_for == "admins");
  CHECK(waiting.target == world.ref("legacy"));
  auto not_her = acting.actions.resume(user("lena"), {"", ""}, begun->id);
  REQUIRE_FALSE(not_her);
  CHECK(not_her.error().code == Code::denied);
  REQUIRE(acting.actions.resume(admin, {"", "they run it"}, begun->id));
  acting.step();
  CHECK(acting.step().state == operations::State::done);
  CHECK(world.object("legacy").state == State::applied);
  CHECK(count(world.database.pool(),
              "SELECT count(*) FROM events WHERE verb = 'stream.adopted' AND actor = 'user/root'") == 1);
  auto managed = world.streams.request_adoption(user("lena"), {"", "", "prod", {world.named("legacy")}, "checkout"});
  REQUIRE_FALSE(managed);
  CHECK(managed.error().reason == "TOPIC_MANAGED");
}

TEST_CASE("a stream with records goes step by step: idle, counted, deleted, seen to be gone") {
  for (auto& line : lines()) {
    StreamWorld world(line);
    Acting acting(world);
    world.planner.make({world.stream("s", {{"spec.partitions", 2}})});
    world.worker.step("prod");
    append(world, "s", 3);
    delete_stream(world, "s");
    CHECK(world.worker.step("prod").outcome == "idle");  // held
    auto begun = acting.only();
    CHECK(begun.kind == "stream.deletion");
    CHECK(begun.team == "checkout");
    CHECK(begun.actor == "user/root");
    CHECK_FALSE(begun.plan_id.empty());
    CHECK(acting.step().step == "idle");
    CHECK(acting.step().step == "idle");
    append(world, "s", 1);
    acting.clock.ahead = std::chrono::seconds(11);
    auto written = acting.step();
    CHECK(written.step == "idle");
    CHECK(written.trouble.find("1 record arrived") != std::string::npos);
    acting.clock.ahead = std::chrono::seconds(22);
    CHECK(acting.step().step == "records");
    auto counted = acting.step();
    CHECK(counted.step == "delete");
    CHECK(counted.steps.at(2).evidence.as_map()->at("records") == Value(4));
    CHECK(world.topic("s"));
    CHECK(acting.step().step == "verify");
    CHECK(acting.step().state == operations::State::running);
    CHECK(world.worker.step("prod").settled == 1);
    auto late = acting.actions.abort(admin, {"", ""}, begun.id);
    REQUIRE_FALSE(late);
    CHECK(late.error().reason == "PAST_RETURN");
    CHECK(acting.step().state == operations::State::done);
    CHECK_FALSE(world.topic("s"));
  }
}

TEST_CASE("a deletion that is called off leaves the stream as it was, in a generation of its own") {
  StreamWorld world(kafka_4());
  Acting acting(world);
  world.planner.make(
      {document("Team", "", "checkout",
                {{keyed_path("spec.members", "lena"), "lead"}, {keyed_path("spec.members", "mia"), "member"}})});
  world.planner.make({world.stream("s", {{"spec.retention", 7 * day}})});
  world.worker.step("prod");
  append(world, "s", 1);
  delete_stream(world, "s");
  auto before = world.object("s").generation;
  auto id = acting.only().id;
  acting.step();
  auto denied = acting.actions.abort(user("mia"), {"", ""}, id);
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == Code::denied);
  REQUIRE(acting.actions.abort(user("lena"), {"", "we need it"}, id));
  auto object = world.object("s");
  CHECK(object.state == State::pending);
  CHECK(object.generation == before + 1);
  CHECK(world.worker.step("prod").settled == 1);
  CHECK(world.object("s").state == State::applied);
  CHECK(world.topic("s"));
  CHECK(events(world, "stream.deletion-aborted") == 1);
  // And may be deleted anew.
  world.planner.make({}, {world.ref("s")});
  CHECK(count(world.database.pool(), "SELECT count(*) FROM operations WHERE state = 'running'") == 1);
}

TEST_CASE("a deletion waits while its cluster is only observed, and can be called off until it was sent") {
  StreamWorld world(kafka_4());
  Acting acting(world);
  world.planner.make({world.stream("s", {{"spec.partitions", 1}})});
  world.worker.step("prod");
  append(world, "s", 1);
  delete_stream(world, "s");
  auto id = acting.only().id;
  auto deleting = world.object("s").conditions.at(0);
  CHECK(deleting.status == "False");
  CHECK(deleting.reason == "DELETING");
  CHECK(deleting.message.find(id) != std::string::npos);
  acting.step();
  acting.step();
  acting.clock.ahead = std::chrono::seconds(11);
  acting.step();
  REQUIRE(acting.step().step == "delete");
  auto observe = [&] { REQUIRE(world.clusters.set_mode(admin, {"", "prod", "observe", ""})); };
  auto manage = [&] { REQUIRE(world.clusters.set_mode(admin, {"", "prod", "manage", ""})); };

  observe();
  auto waits = acting.step();
  CHECK(waits.step == "delete");
  CHECK(waits.state == operations::State::running);
  CHECK(waits.trouble == "cluster/prod is only observed: nothing is deleted there");
  CHECK(waits.next.find("edactl cluster manage prod") != std::string::npos);
  manage();
  CHECK(acting.step().step == "verify");
  // Let go, and not sent: it waits as well.
  observe();
  world.worker.step("prod");
  CHECK(world.topic("s"));
  CHECK(acting.step().trouble == "cluster/prod is only observed: nothing is deleted there");
  REQUIRE(acting.actions.abort(admin, {"", "we need it"}, id));
  manage();
  CHECK(world.worker.step("prod").settled == 1);
  CHECK(world.topic("s"));
  CHECK(world.object("s").state == State::applied);
}

TEST_CASE("a deletion that may be on its way is not called off") {
  StreamWorld world(kafka_4());
  Acting acting(world);
  world.planner.make({world.stream("s", {{"spec.partitions", 1}})});
  world.worker.step("prod");
  append(world, "s", 1);
  delete_stream(world, "s");
  auto object = world.object("s");
  auto sending = [&] {
    return *world.database.pool().transact([&](pg::Tx& tx) -> Result<std::vector<std::int64_t>> {
      return streams::store::mark_removal(tx, {{object.id, object.generation}});
    });
  };
  CHECK(sending().empty());  // held
  REQUIRE(world.database.pool().transact([&](pg::Tx& tx) -> Result<> {
    streams::store::let_go(tx, {object.uid});
    return {};
  }));
  CHECK(sending() == std::vector<std::int64_t>{object.id});
  auto late = acting.actions.abort(admin, {"", ""}, acting.only().id);
  REQUIRE_FALSE(late);
  CHECK(late.error().reason == "PAST_RETURN");
  CHECK(world.object("s").state == State::deleting);
}
