// Registering, watching and managing a real cluster of each line.

#include "tests/clusters/cluster_world.h"

using namespace eda;
using namespace eda::test;
using clusters::Mode;

namespace {

struct World : ClusterWorld {
  explicit World(kafka::Connection to = kafka_4()) : ClusterWorld(std::move(to)) {}
  plans::Kinds kinds{{&catalog::team_rules(), &clusters::cluster_rules()}};
  plans::Engine engine{database.pool(), kinds, {&team_rows, &cluster_rows}, owners, [] {}};
  Planner planner{engine};

  clusters::store::Cluster row(const std::string& name) {
    return *database.pool().transact(
        [&](pg::Tx& tx) -> Result<clusters::store::Cluster> { return clusters::find_cluster(tx, name); });
  }
};

bool has_note(const plans::Draft& draft, const std::string& words) {
  for (auto& note : draft.notes) {
    if (note.find(words) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a cluster is registered in mode observe, looked at, and managed when an admin says so") {
  for (auto& connection : {kafka_4(), kafka_39()}) {
    World world(connection);
    world.planner.make({cluster_document("prod", connection)});
    CHECK(world.row("prod").mode == Mode::observe);
    world.cluster_worker.step();
    auto seen = world.row("prod");
    CHECK(seen.cluster_id.size() == 22);
    REQUIRE(seen.object.observed.as_map());
    CHECK(seen.object.observed.as_map()->at("mode") == Value("observe"));
    CHECK(seen.object.observed.as_map()->at("brokers").as_list()->size() == 1);
    CHECK(seen.object.conditions.at(0).type == "Reachable");
    CHECK(seen.object.conditions.at(0).status == "True");

    auto health = world.clusters.health("prod");
    REQUIRE(health);
    for (auto& check : health->checks) {
      INFO(check.name << ": " << check.message);
      CHECK(check.ok);
    }
    auto mode = world.clusters.set_mode(admin, {"r-1", "prod", "manage", "we trust it"});
    REQUIRE(mode);
    CHECK(world.row("prod").mode == Mode::manage);
    CHECK(world.row("prod").object.observed.as_map()->at("mode") == Value("manage"));
    CHECK(count(world.database.pool(), "SELECT count(*) FROM events WHERE verb = 'cluster.mode-changed'") == 1);
    REQUIRE(world.clusters.set_mode(admin, {"r-1", "prod", "manage", "we trust it"}));  // a replay
    auto reused = world.clusters.set_mode(admin, {"r-1", "prod", "observe", ""});
    REQUIRE_FALSE(reused);
    CHECK(reused.error().reason == "REQUEST_REUSED");
    CHECK(count(world.database.pool(), "SELECT count(*) FROM events WHERE verb = 'cluster.mode-changed'") == 1);
  }
}

TEST_CASE("another cluster than the expected is refused at registration") {
  World world;
  auto refused = world.planner.plan(
      admin, {cluster_document("prod", world.connection, {{"spec.clusterId", "ZZZZZZZZZZZZZZZZZZZZZZ"}})});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "CLUSTER_OTHER");
  CHECK(refused.error().code == Code::conflict);
}

TEST_CASE("a cluster that cannot be reached is told of, not refused") {
  World world(nowhere());
  auto planned = world.planner.plan(admin, {cluster_document("prod", nowhere())});
  REQUIRE(planned);
  CHECK(has_note(planned->drafts[0], "no broker answers"));
  CHECK(has_note(planned->drafts[0], "edactl cluster manage prod"));
  REQUIRE(world.planner.apply(*planned));
  world.cluster_worker.step();
  CHECK(world.row("prod").object.conditions.at(0).reason == "BROKER_AWAY");
  auto health = world.clusters.health("prod");
  REQUIRE(health);
  CHECK_FALSE(clusters::healthy(health->checks));
  auto managed = world.clusters.set_mode(admin, {"", "prod", "manage", ""});
  REQUIRE_FALSE(managed);
  CHECK(managed.error().code == Code::unavailable);
  CHECK(world.clusters.set_mode(admin, {"", "prod", "observe", ""}));
}

TEST_CASE("a worker looks at each cluster when it starts, and does not wait for the next time when it was away") {
  World world;
  world.planner.make({cluster_document("prod", world.connection)});
  world.cluster_worker.step();
  int looks = 0;
  auto counting = [&](const clusters::Round&) { ++looks; };
  clusters::Worker restarted(world.database.pool(), world.connections, world.clock, "replica-1", counting);
  restarted.step();
  CHECK(looks == 1);
  restarted.step();
  CHECK(looks == 1);

  World lonely(nowhere());
  lonely.planner.make({cluster_document("prod", nowhere())});
  looks = 0;
  clusters::Worker hoping(lonely.database.pool(), lonely.connections, lonely.clock, "replica-1", counting);
  hoping.step();
  hoping.step();
  CHECK(looks == 2);
}

TEST_CASE("wrong passwords and missing secrets are told at registration") {
  World world;
  world.password = "wrong";
  auto planned = world.planner.plan(admin, {cluster_document("prod", world.connection)});
  REQUIRE(planned);
  CHECK(has_note(planned->drafts[0], "refuses the login"));
  auto missing = world.planner.plan(
      admin, {cluster_document("prod", world.connection, {{"spec.password", "env:EDA_SECRET_NONE"}})});
  REQUIRE(missing);
  CHECK(has_note(missing->drafts[0], "the secret that its spec.password refers to is not there"));
  CHECK_FALSE(has_note(missing->drafts[0], "EDA_SECRET_NONE"));
}

TEST_CASE("a cluster whose secret is missing is unhealthy, and the reference stays with those who may see it") {
  World world;
  world.planner.make({cluster_document("prod", world.connection, {{"spec.password", "env:EDA_SECRET_NONE"}})});
  auto managed = world.clusters.set_mode(admin, {"", "prod", "manage", ""});
  REQUIRE_FALSE(managed);
  CHECK(managed.error().code == Code::unhealthy);
  CHECK(managed.error().message == "cluster/prod: the secret that its spec.password refers to is not there");
  CHECK_FALSE(managed.error().next.empty());
  world.cluster_worker.step();
  auto said = managed.error().message + managed.error().next + world.row("prod").object.conditions.at(0).message;
  CHECK(said.find("NONE") == std::string::npos);
}

TEST_CASE("one Kafka cluster under two names is told at registration, and managed under one of them") {
  World world;
  world.planner.make({cluster_document("prod", world.connection)});
  world.cluster_worker.step();
  auto twin = world.planner.make({cluster_document("again", world.connection)});
  CHECK(has_note(twin.drafts[0], "as cluster/prod is; only one of the two can be managed"));
  world.cluster_worker.step();
  REQUIRE(world.clusters.set_mode(admin, {"", "prod", "manage", ""}));
  auto refused = world.clusters.set_mode(admin, {"", "again", "manage", ""});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::refused);
  CHECK(refused.error().reason == "CLUSTER_MANAGED_TWICE");
  CHECK(refused.error().message.find("cluster/prod") != std::string::npos);
  CHECK(world.row("again").mode == Mode::observe);
  // Nor by moving one that is managed there.
  world.planner.make({cluster_document("other", kafka_39())});
  REQUIRE(world.clusters.set_mode(admin, {"", "other", "manage", ""}));
  auto moved = world.planner.plan(admin, {cluster_document("other", world.connection)});
  REQUIRE_FALSE(moved);
  CHECK(moved.error().reason == "CLUSTER_MANAGED_TWICE");
  REQUIRE(world.clusters.set_mode(admin, {"", "prod", "observe", ""}));
  CHECK(world.clusters.set_mode(admin, {"", "again", "manage", ""}));
}

TEST_CASE("a connection is made anew when a secret behind it changes, and kept otherwise") {
  World world;
  world.planner.make({cluster_document("prod", world.connection)});
  auto wish = world.row("prod").object.wish;
  auto first = world.connections.to("prod", wish);
  auto second = world.connections.to("prod", wish);
  REQUIRE(first);
  CHECK(*first == *second);
  world.password = "another";
  auto third = world.connections.to("prod", wish);
  REQUIRE(third);
  CHECK(*first != *third);
}

TEST_CASE("nobody but an admin makes edad take its credentials to a server") {
  World world(nowhere());
  auto started = std::chrono::steady_clock::now();
  auto denied = world.planner.plan(user("eve"), {cluster_document("mine", nowhere())});
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == Code::denied);
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(2));
}

TEST_CASE("when another cluster answers, edad falls back to observing it and says so") {
  World world;
  world.planner.make({cluster_document("prod", world.connection)});
  world.cluster_worker.step();
  REQUIRE(world.clusters.set_mode(admin, {"", "prod", "manage", ""}));
  world.planner.make({cluster_document("prod", kafka_39())});
  world.cluster_worker.step();
  auto row = world.row("prod");
  CHECK(row.mode == Mode::observe);
  REQUIRE(row.object.conditions.size() == 2);
  CHECK(row.object.conditions[1].reason == "CLUSTER_OTHER");
  CHECK(count(world.database.pool(),
              "SELECT count(*) FROM events WHERE verb = 'cluster.mode-changed' AND actor = 'edad'") == 1);
  REQUIRE(world.clusters.set_mode(admin, {"", "prod", "manage", "it moved"}));  // the one that answers is meant now
  REQUIRE(world.cluster_worker.look("prod"));
  CHECK(world.row("prod").object.conditions.size() == 1);
}

TEST_CASE("an empty name means the only cluster there is, and a wrong one is told with the nearest") {
  World world(nowhere());
  CHECK(world.clusters.health("").error().reason == "CLUSTER_UNKNOWN");
  world.planner.make({cluster_document("prod", nowhere())});
  CHECK(world.clusters.health("")->cluster == "prod");
  CHECK(world.clusters.health("prd").error().next.find("prod") != std::string::npos);
  world.planner.make({cluster_document("test", nowhere())});
  CHECK(world.clusters.health("").error().reason == "CLUSTER_NEEDED");
}

TEST_CASE("a cluster on which nothing lives can be deleted") {
  World world(nowhere());
  world.planner.make({cluster_document("prod", nowhere())});
  world.planner.make({}, {Ref{"cluster", "", "prod"}});
  CHECK(count(world.database.pool(), "SELECT count(*) FROM clusters") == 0);
}

TEST_CASE("a connection that has reached nobody for a while is made anew, one that reaches its brokers is kept") {
  std::string password = kafka_4().password.reveal();
  process::Secrets secrets("", [&](const char*) -> const char* { return password.c_str(); });
  auto wish_of = [](const kafka::Connection& to) {
    plans::Wish wish;
    wish["spec.bootstrap"].value = Value::List{to.bootstrap};
    wish["spec.security"].value = to.security_protocol;
    wish["spec.mechanism"].value = to.sasl_mechanism;
    wish["spec.username"].value = to.username;
    if (!to.username.empty()) wish["spec.password"].value = "env:EDA_SECRET_TEST";
    return wish;
  };
  auto away = wish_of(nowhere()), well = wish_of(kafka_4());
  clusters::Connections patient(secrets, {}, std::chrono::hours(1)), hasty(secrets, {}, Duration(0));
  for (auto* connections : {&patient, &hasty}) {
    auto first = connections->to("prod", away).value();
    CHECK(connections->to("prod", away).value() == first);
    CHECK(first->describe_cluster(Deadline::in(std::chrono::seconds(5))).error().reason == "BROKER_AWAY");
    CHECK((connections->to("prod", away).value() == first) == (connections == &patient));
  }
  auto kept = hasty.to("test", well).value();
  REQUIRE(kept->describe_cluster(Deadline::in(std::chrono::seconds(20))));
  CHECK(hasty.to("test", well).value() == kept);
}
