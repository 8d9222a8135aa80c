// From a plan to the broker and back, on brokers of both lines.

#include "tests/streams/stream_world.h"

using namespace eda;
using namespace eda::test;
using plans::keyed_path;
using plans::State;

namespace {

constexpr std::int64_t day = 86'400'000;

std::vector<kafka::Connection> lines() {
  return {kafka_4(), kafka_39()};
}

std::string reason(const plans::Object& object) {
  return object.conditions.empty() ? "" : object.conditions.front().reason;
}

// The row of a topic, page by page: others may have made thousands on this cluster.
std::optional<streams::ListedTopic> listed(StreamWorld& world, streams::Streams::Which which, const std::string& name) {
  PageRequest page{1000, ""};
  do {
    auto topics = world.streams.list_topics("", which, page);
    REQUIRE(topics);
    for (auto& row : topics->rows) {
      if (row.topic.name == world.named(name)) return row;
    }
    page.token = topics->next_token;
  } while (!page.token.empty());
  return std::nullopt;
}

}  // namespace

TEST_CASE("two hundred streams are made in one round, as wished") {
  for (auto& line : lines()) {
    StreamWorld world(line);
    std::vector<plans::Document> documents;
    for (int i = 0; i < 200; ++i) {
      documents.push_back(world.stream("s" + std::to_string(i), {{"spec.partitions", 2}, {"spec.retention", 3 * day}}));
    }
    auto planned = world.planner.make(std::move(documents));
    CHECK(planned.summary.creates == 200);
    auto round = world.worker.step("prod");
    CHECK(round.outcome == "ok");
    CHECK(round.settled == 200);
    CHECK(count(world.database.pool(), "SELECT count(*) FROM objects WHERE kind = 'stream' AND state = 'applied'") ==
          200);
    CHECK(count(world.database.pool(), "SELECT count(*) FROM streams WHERE topic_id <> '' AND NOT creation_sent") ==
          200);
    CHECK(count(world.database.pool(), "SELECT count(*) FROM events WHERE object_kind = 'stream'") == 200);
    auto topic = world.topic("s7");
    REQUIRE(topic);
    CHECK(topic->partitions.size() == 2);
    CHECK(world.overrides("s7") == std::map<std::string, std::string>{{"retention.ms", "259200000"}});
    auto object = world.object("s7");
    CHECK(object.observed_generation == 1);
    CHECK(object.observed.as_map()->at("topicId") == Value(topic->id));
    CHECK(reason(object) == "AS_WISHED");
    CHECK(world.worker.step("prod").outcome == "idle");
  }
}

TEST_CASE("a plan of what is there is empty") {
  StreamWorld world(kafka_4());
  auto manifest = world.stream(
      "s",
      {{"spec.partitions", 2}, {"spec.cleanup", "compact"}, {keyed_path("spec.config", "segment.ms"), "86400000"}});
  world.planner.make({manifest});
  world.worker.step("prod");
  auto again = world.planner.plan(admin, {manifest});
  REQUIRE(again);
  CHECK(again->summary.unchanged == 1);
}

TEST_CASE("changed configs leave unmanaged keys alone, and a reset takes only its own") {
  for (auto& line : lines()) {
    StreamWorld world(line);
    world.planner.make({world.stream("s", {{"spec.partitions", 1}, {"spec.retention", 7 * day}})});
    world.worker.step("prod");
    world.alter_by_hand("s", {{"flush.ms", "9000"}, {"segment.ms", "80000"}});
    world.planner.make(
        {world.stream("s", {{"spec.retention", 9 * day}, {keyed_path("spec.config", "segment.ms"), std::nullopt}})});
    auto round = world.worker.step("prod");
    CHECK(round.settled == 1);
    CHECK(world.overrides("s") ==
          std::map<std::string, std::string>{{"retention.ms", "777600000"}, {"flush.ms", "9000"}});
  }
}

TEST_CASE("partitions grow, and are refused at plan when they would shrink") {
  for (auto& line : lines()) {
    StreamWorld world(line);
    world.planner.make({world.stream("s", {{"spec.partitions", 2}})});
    world.worker.step("prod");
    auto grown = world.planner.make({world.stream("s", {{"spec.partitions", 5}})});
    CHECK(grown.summary.risk == plans::Risk::high);
    CHECK(world.worker.step("prod").settled == 1);
    CHECK(world.topic("s")->partitions.size() == 5);
    auto shrunk = world.planner.plan(admin, {world.stream("s", {{"spec.partitions", 3}})});
    REQUIRE_FALSE(shrunk);
    CHECK(shrunk.error().reason == "STREAM_SHRINK");
    CHECK(shrunk.error().code == Code::impossible);
  }
}

TEST_CASE("unknown keys, refused values, collisions and too much replication are told at plan, all at once") {
  for (auto& line : lines()) {
    StreamWorld world(line);
    world.create_by_hand("or.ders", 1);
    auto faulty = world.planner.plan(admin, {world.stream("a", {{keyed_path("spec.config", "retenton.ms"), "1"}}),
                                             world.stream("b", {{keyed_path("spec.config", "segment.ms"), "soon"}})});
    REQUIRE_FALSE(faulty);
    CHECK(faulty.error().code == Code::invalid);
    REQUIRE(faulty.error().violations.size() == 2);
    CHECK(faulty.error().violations[0].hint.find("retention.ms") != std::string::npos);
    CHECK(faulty.error().violations[1].field == keyed_path("spec.config", "segment.ms"));
    CHECK(faulty.error().violations[1].at.known());
    auto collides = world.planner.plan(admin, {world.stream("or_ders", {})});
    REQUIRE_FALSE(collides);
    CHECK(collides.error().reason == "STREAM_COLLISION");
    auto replicated = world.planner.plan(admin, {world.stream("r", {{"spec.replication", 7}})});
    REQUIRE_FALSE(replicated);
    CHECK(replicated.error().code == Code::impossible);
    auto twins = world.planner.plan(admin, {world.stream("x.y", {}), world.stream("x_y", {})});
    REQUIRE_FALSE(twins);
    CHECK(twins.error().reason == "STREAM_COLLISION");
    CHECK(count(world.database.pool(), "SELECT count(*) FROM objects WHERE kind = 'stream'") == 0);
  }
}

TEST_CASE("an existing topic is adopted as it is, the next plan is empty, and nothing was written to the broker") {
  for (auto mode : {clusters::Mode::observe, clusters::Mode::manage}) {
    StreamWorld world(kafka_39(), mode);
    world.create_by_hand("legacy", 3, {{"retention.ms", "3600000"}, {"segment.ms", "60000"}});
    auto taken = world.planner.plan(admin, {world.stream("legacy", {})}, {}, plans::PlanInput::Intent::look);
    REQUIRE(taken);
    CHECK(taken->summary.adopts == 1);
    CHECK(listed(world, streams::Streams::Which::unmanaged, "legacy"));

    auto id = world.topic("legacy")->id;
    auto plan = world.streams.plan_adoption(admin, {"", "", "prod", {world.named("legacy")}, "checkout"});
    REQUIRE(plan);
    CHECK(plan->summary.adopts == 1);
    REQUIRE(world.planner.apply(*plan));
    auto object = world.object("legacy");
    CHECK(object.state == State::applied);
    CHECK(object.observed.as_map()->at("topicId") == Value(id));
    CHECK(count(world.database.pool(), "SELECT count(*) FROM events WHERE verb = 'stream.adopted'") == 1);
    auto same =
        world.planner.plan(admin, {world.stream("legacy", {{"spec.partitions", 3},
                                                           {"spec.replication", 1},
                                                           {"spec.retention", 3'600'000},
                                                           {keyed_path("spec.config", "segment.ms"), "60000"}})});
    REQUIRE(same);
    CHECK(same->summary.unchanged == 1);
    CHECK(world.worker.sweep("prod").drifted == 0);
    CHECK(world.object("legacy").state == State::applied);
    CHECK(world.topic("legacy")->id == id);

    CHECK_FALSE(listed(world, streams::Streams::Which::unmanaged, "legacy"));
    auto row = listed(world, streams::Streams::Which::all, "legacy");
    REQUIRE(row);
    CHECK(row->team == "checkout");
    auto twice = world.streams.plan_adoption(admin, {"", "", "prod", {world.named("legacy")}, "checkout"});
    REQUIRE_FALSE(twice);
    CHECK(twice.error().reason == "TOPIC_MANAGED");
  }
}

TEST_CASE("only admins adopt; unknown topics come with the nearest; Kafka's own are left alone") {
  StreamWorld world(kafka_4());
  world.create_by_hand("legacy", 1);
  auto denied = world.streams.plan_adoption(user("eve"), {"", "", "prod", {world.named("legacy")}, "checkout"});
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == Code::denied);
  auto unknown = world.streams.plan_adoption(admin, {"", "", "prod", {world.named("legasy")}, "checkout"});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Code::not_found);
  CHECK(unknown.error().next.find(world.named("legacy")) != std::string::npos);
}

TEST_CASE("an observed cluster is planned for and never written to") {
  StreamWorld world(kafka_4(), clusters::Mode::observe);
  auto looked = world.planner.plan(admin, {world.stream("s", {})}, {}, plans::PlanInput::Intent::look);
  REQUIRE(looked);
  CHECK(looked->summary.creates == 1);
  auto refused = world.planner.plan(admin, {world.stream("s", {})});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "CLUSTER_OBSERVED");
  CHECK(refused.error().code == Code::refused);
}

TEST_CASE("streams that wait when their cluster becomes observed stay pending and say why") {
  StreamWorld world(kafka_4());
  world.planner.make({world.stream("s", {})});
  REQUIRE(world.clusters.set_mode(admin, {"", "prod", "observe", ""}));
  CHECK(world.worker.step("prod").outcome == "CLUSTER_OBSERVED");
  CHECK(world.object("s").state == State::pending);
  CHECK(reason(world.object("s")) == "CLUSTER_OBSERVED");
  CHECK_FALSE(world.topic("s"));
  REQUIRE(world.clusters.set_mode(admin, {"", "prod", "manage", ""}));
  CHECK(world.worker.step("prod").settled == 1);
  CHECK(world.topic("s"));
}

TEST_CASE("a topic made anew by hand is noticed and not taken over") {
  for (auto& line : lines()) {
    StreamWorld world(line);
    world.planner.make({world.stream("s", {{"spec.partitions", 2}})});
    world.worker.step("prod");
    world.delete_by_hand("s");
    world.create_by_hand("s", 2);
    auto other = world.topic("s")->id;
    world.worker.sweep("prod");
    CHECK(world.object("s").state == State::drifted);
    CHECK(reason(world.object("s")) == "TOPIC_RECREATED");
    auto grown = world.planner.plan(admin, {world.stream("s", {{"spec.partitions", 4}})});
    REQUIRE_FALSE(grown);
    CHECK(grown.error().reason == "TOPIC_RECREATED");
    // The stream can go; the topic that is not its own stays.
    world.planner.make({world.stream("s", {{"spec.partitions", 2}, {"metadata.deletionProtection", false}})});
    world.worker.step("prod");
    world.planner.make({}, {world.ref("s")});
    CHECK(world.worker.step("prod").settled == 1);
    CHECK(count(world.database.pool(), "SELECT count(*) FROM objects WHERE kind = 'stream'") == 0);
    REQUIRE(world.topic("s"));
    CHECK(world.topic("s")->id == other);
  }
}

TEST_CASE("a vanished topic is noticed, not made again silently, and made anew by a plan that says so") {
  StreamWorld world(kafka_4());
  auto manifest = world.stream("s", {{"spec.partitions", 2}});
  world.planner.make({manifest});
  world.worker.step("prod");
  world.delete_by_hand("s");
  world.worker.sweep("prod");
  CHECK(world.object("s").state == State::drifted);
  CHECK(reason(world.object("s")) == "TOPIC_VANISHED");
  CHECK(world.worker.step("prod").outcome == "idle");
  CHECK_FALSE(world.topic("s"));
  auto anew = world.planner.make({manifest});
  CHECK(anew.summary.changes == 1);
  CHECK(anew.summary.risk == plans::Risk::high);
  CHECK(world.worker.step("prod").settled == 1);
  CHECK(world.topic("s"));
  CHECK(world.object("s").state == State::applied);
}

TEST_CASE("drift by hand shows, and the same manifest mends it") {
  StreamWorld world(kafka_4());
  auto manifest = world.stream("s", {{"spec.retention", 7 * day}});
  world.planner.make({manifest});
  world.worker.step("prod");
  world.alter_by_hand("s", {{"retention.ms", "999999999999"}});
  world.worker.sweep("prod");
  CHECK(world.object("s").state == State::drifted);
  CHECK(world.object("s").conditions.at(0).message.find("spec.retention is") != std::string::npos);
  auto mended = world.planner.make({manifest});
  CHECK(mended.summary.changes == 1);
  CHECK(world.worker.step("prod").settled == 1);
  CHECK(world.overrides("s").at("retention.ms") == "604800000");
  CHECK(world.object("s").state == State::applied);
}

TEST_CASE("deletion needs protection off, goes through deleting, and ends with the topic gone") {
  for (auto& line : lines()) {
    StreamWorld world(line);
    world.planner.make({world.stream("s", {})});
    world.worker.step("prod");
    auto guarded = world.planner.plan(admin, {}, {world.ref("s")});
    REQUIRE_FALSE(guarded);
    CHECK(guarded.error().reason == "DELETION_PROTECTED");
    world.planner.make({world.stream("s", {{"metadata.deletionProtection", false}})});
    world.worker.step("prod");
    auto plan = world.planner.make({}, {world.ref("s")});
    CHECK(world.object("s").state == State::deleting);
    CHECK(plan.drafts.at(0).notes.at(0) == "the topic holds no records now");
    CHECK(world.worker.step("prod").settled == 1);
    CHECK_FALSE(world.topic("s"));
    CHECK(count(world.database.pool(), "SELECT count(*) FROM objects WHERE kind = 'stream'") == 0);
    CHECK(count(world.database.pool(), "SELECT count(*) FROM streams") == 0);
    CHECK(count(world.database.pool(), "SELECT count(*) FROM events WHERE verb = 'stream.deleted'") == 1);
    // The name is free again, and what is made under it is another stream.
    world.planner.make({world.stream("s", {})});
    CHECK(world.worker.step("prod").settled == 1);
  }
}

TEST_CASE("a cluster with streams is not deleted") {
  StreamWorld world(kafka_4());
  world.planner.make({world.stream("s", {})});
  auto refused = world.planner.plan(admin, {}, {Ref{"cluster", "", "prod"}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "CLUSTER_IN_USE");
  CHECK(refused.error().message.find(world.ref("s").text()) != std::string::npos);
}

TEST_CASE("a broker that is away keeps wishes pending, planned against what was last seen, and catches up later") {
  StreamWorld world(kafka_4());
  world.planner.make({world.stream("s", {{"spec.partitions", 2}})});
  world.worker.step("prod");
  auto away = cluster_document("prod", world.connection, {{"spec.bootstrap", servers(nowhere().bootstrap)}});
  auto back = cluster_document("prod", world.connection);
  world.planner.make({away});
  auto shrunk = world.planner.plan(admin, {world.stream("s", {{"spec.partitions", 1}})});
  REQUIRE_FALSE(shrunk);  // as it was last seen
  CHECK(shrunk.error().reason == "STREAM_SHRINK");
  auto plan = world.planner.make({world.stream("s", {{"spec.partitions", 4}}), world.stream("new", {})});
  CHECK(plan.drafts.at(0).notes.at(0).find("is away; planned against what was last seen") != std::string::npos);
  CHECK(world.worker.step("prod").outcome == "BROKER_AWAY");
  CHECK(world.object("new").state == State::pending);
  CHECK(world.object("new").conditions.at(0).type == "Reachable");
  CHECK(world.object("new").conditions.at(0).status == "False");
  world.planner.make({back});
  auto round = world.worker.step("prod");
  CHECK(round.settled == 2);
  CHECK(world.topic("s")->partitions.size() == 4);
  CHECK(world.topic("new"));
  CHECK(reason(world.object("new")) == "AS_WISHED");
}

TEST_CASE("who does not lead dispatches nothing") {
  StreamWorld world(kafka_4());
  world.planner.make({world.stream("s", {})});
  pg::Leases other(world.database.pool(), "replica-2", std::chrono::minutes(1));
  auto lease = other.acquire("streams/prod");
  REQUIRE(lease);
  REQUIRE(*lease);
  CHECK(world.worker.step("prod").outcome == "not-leader");
  CHECK_FALSE(world.topic("s"));
  CHECK(world.object("s").state == State::pending);
  REQUIRE(other.release(**lease));
  CHECK(world.worker.step("prod").settled == 1);
}

namespace {

/// A worker that is interrupted once, between its look at the topics and what it does about them.
struct Interrupted {
  Interrupted(StreamWorld& world, std::function<void()> interruption)
      : connections(
            world.secrets,
            [this, interruption = std::move(interruption)](auto&, std::string_view call, Duration, std::string_view) {
              if (call == "describe_topics" && !done.exchange(true)) interruption();
            }),
        worker(world.database.pool(), connections, world.clock, streams::WorkerOptions{.holder = "replica-1"}) {}
  std::atomic<bool> done{false};
  clusters::Connections connections;
  streams::Worker worker;
};

}  // namespace

TEST_CASE("a leader that lost its lease after it looked dispatches nothing") {
  StreamWorld world(kafka_4());
  world.planner.make({world.stream("s", {})});
  Interrupted interrupted(world, [&] {
    (void)count(world.database.pool(),
                "UPDATE leases SET holder = 'replica-2', epoch = epoch + 1, expires_at = now() + interval '1 hour'"
                " WHERE name = 'streams/prod' RETURNING epoch");
  });
  CHECK(interrupted.worker.step("prod").outcome == "lost-lease");
  CHECK_FALSE(world.topic("s"));
  CHECK(world.object("s").state == State::pending);
}

TEST_CASE("a wish that changed after the look is not dispatched; the newest one is, in the next round") {
  StreamWorld world(kafka_4());
  world.planner.make({world.stream("s", {{"spec.partitions", 2}}), world.stream("t", {})});
  Interrupted interrupted(world, [&] { world.planner.make({world.stream("s", {{"spec.partitions", 5}})}); });
  CHECK(interrupted.worker.step("prod").settled == 1);
  CHECK_FALSE(world.topic("s"));
  CHECK(world.topic("t"));
  CHECK(interrupted.worker.step("prod").settled == 1);
  CHECK(world.topic("s")->partitions.size() == 5);
}

TEST_CASE("a cluster that becomes observed after the look is not written to") {
  StreamWorld world(kafka_4());
  world.planner.make({world.stream("s", {})});
  Interrupted interrupted(world, [&] { REQUIRE(world.clusters.set_mode(admin, {"", "prod", "observe", ""})); });
  interrupted.worker.step("prod");
  CHECK_FALSE(world.topic("s"));
}

TEST_CASE("a topic that a lost round made is known as ours; one that a stranger made is not") {
  StreamWorld world(kafka_4());
  world.planner.make(
      {world.stream("ours", {{"spec.partitions", 2}}), world.stream("theirs", {{"spec.partitions", 2}})});
  // A worker noted that it asks for the topic, asked, and died before it could write back.
  auto& pool = world.database.pool();
  REQUIRE(pool.transact([&](pg::Tx& tx) -> Result<> {
    streams::store::mark_sent(tx, {world.object("ours").id});
    return {};
  }));
  world.create_by_hand("ours", 2);
  world.create_by_hand("theirs", 2);
  auto id = world.topic("ours")->id;
  auto round = world.worker.step("prod");
  CHECK(round.settled == 1);
  CHECK(round.refused == 1);
  CHECK(world.object("ours").state == State::applied);
  CHECK(world.topic("ours")->id == id);
  CHECK(world.object("theirs").state == State::refused);
  CHECK(reason(world.object("theirs")) == "TOPIC_EXISTS");
}

TEST_CASE("another cluster behind the address is never written to") {
  StreamWorld world(kafka_4());
  world.planner.make({world.stream("s", {})});
  REQUIRE(world.database.pool().transact([&](pg::Tx& tx) -> Result<> {
    clusters::store::pin(tx, clusters::store::find(tx, "prod")->object.id, "ZZZZZZZZZZZZZZZZZZZZZZ");
    return {};
  }));
  CHECK(world.worker.step("prod").outcome == "CLUSTER_OTHER");
  CHECK_FALSE(world.topic("s"));
}

TEST_CASE("what the broker refuses is shown with cause and next step, and the others go on") {
  StreamWorld world(kafka_4());
  auto both = world.planner.plan(admin, {world.stream("a.b", {}), world.stream("fine", {})});
  REQUIRE(both);
  REQUIRE(world.planner.apply(*both));
  world.create_by_hand("a_b", 1);  // collides with a.b, after the plan
  auto round = world.worker.step("prod");
  CHECK(round.settled == 1);
  CHECK(round.refused == 1);
  auto refused = world.object("a.b");
  CHECK(refused.state == State::refused);
  CHECK(refused.observed_generation == refused.generation);
  CHECK_FALSE(refused.conditions.at(0).message.empty());
  CHECK_FALSE(refused.conditions.at(0).next.empty());
  CHECK(world.worker.step("prod").outcome == "idle");
  world.delete_by_hand("a_b");
  auto again = world.planner.make({world.stream("a.b", {})});
  CHECK(again.summary.changes == 1);
  CHECK(world.worker.step("prod").settled == 1);
}

TEST_CASE("the threads find their work, wake when they are told, and stop") {
  StreamWorld world(kafka_4());
  world.worker.start();
  world.planner.make({world.stream("s", {})});
  world.database.pool().notify("wishes");
  world.until([&] { return world.object("s").state == State::applied; });
  world.worker.stop();
  CHECK(world.topic("s"));
}
