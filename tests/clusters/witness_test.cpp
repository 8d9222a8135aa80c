// A database that is behind what a cluster remembers. All clusters of one broker share its topic __edad, so each test
// begins by making it its own, as `manage` does.

#include "clusters/actions_witness.h"
#include "clusters/topics.h"
#include "events/store.h"
#include "tests/clusters/cluster_world.h"

using namespace eda;
using namespace eda::test;
using clusters::Mode;

namespace {

struct World : ClusterWorld {
  explicit World(kafka::Connection to = kafka_4()) : ClusterWorld(std::move(to)) {
    planner.make({cluster_document("prod", connection)});
    broker = *kafka::connect(connection);
    manage();
  }
  plans::Kinds kinds{{&catalog::team_rules(), &clusters::cluster_rules()}};
  plans::Engine engine{database.pool(), kinds, {&team_rows, &cluster_rows}, owners, [] {}};
  Planner planner{engine};
  clusters::Witness witness{database.pool(), clock};
  std::unique_ptr<kafka::Admin> broker;

  static Deadline soon() { return Deadline::in(std::chrono::seconds(30)); }
  void manage() { REQUIRE(clusters.set_mode(admin, {"", "prod", "manage", "it counts"})); }
  Result<> check() { return witness.check("prod", *broker, soon()); }
  Result<> record() { return witness.record("prod", *broker, soon()); }
  clusters::store::Cluster row() {
    return *database.pool().transact(
        [&](pg::Tx& tx) -> Result<clusters::store::Cluster> { return clusters::find_cluster(tx, "prod"); });
  }
  void happen() {
    events::Event event;
    event.actor = "user/ada";
    event.verb = "stream.changed";
    event.object = Ref{"stream", "prod", "orders"};
    REQUIRE(database.pool().transact([&](pg::Tx& tx) -> Result<> {
      events::append(tx, {event});
      return {};
    }));
  }
  std::string on_the_cluster() {
    auto keys = broker->read_keys(std::string(clusters::witness_topic), soon());
    REQUIRE(keys);
    return keys->at(clusters::mark_key);
  }
  clusters::Mark newest() {
    return *database.pool()
                .transact([](pg::Tx& tx) -> Result<std::optional<clusters::Mark>> {
                  return clusters::store::newest_event(tx);
                })
                .value();
  }
  /// Another database wrote there last: what ours looks like after a restore.
  void written_by_another(const std::string& value) {
    REQUIRE(broker->append(std::string(clusters::witness_topic), clusters::mark_key, value, soon()));
  }
  std::int64_t fallbacks() {
    return count(database.pool(), "SELECT count(*) FROM events WHERE verb = 'cluster.observed' AND actor = 'edad'");
  }
};

std::string reason_of(const Result<>& outcome) {
  return outcome ? "" : outcome.error().reason;
}

}  // namespace

TEST_CASE("managing a cluster records the newest event there, in a compacted topic of one partition") {
  for (auto& connection : {kafka_4(), kafka_39()}) {
    World world(connection);
    auto recorded = clusters::parse_mark(world.on_the_cluster());
    REQUIRE(recorded);
    CHECK(recorded->event == world.newest().event - 1);  // the change of the mode came after it
    CHECK(world.check());
    auto topics = world.broker->describe_topics({std::string(clusters::witness_topic)}, World::soon());
    REQUIRE(topics);
    CHECK(topics->at(0).partitions.size() == 1);
    CHECK(topics->at(0).replication() == 1);
    auto configs = world.broker->describe_configs({std::string(clusters::witness_topic)}, World::soon());
    for (auto& entry : configs->at(0).entries) {
      if (entry.name == "cleanup.policy") CHECK(entry.value == "compact");
    }
  }
}

TEST_CASE("each round's newest event is recorded, and nothing when nothing has happened") {
  World world;
  REQUIRE(world.record());
  CHECK(world.on_the_cluster() == clusters::mark_text(world.newest()));
  auto records = [&] {
    return world.broker->record_counts({std::string(clusters::witness_topic)}, World::soon())
        ->at(std::string(clusters::witness_topic));
  };
  auto before = records();
  REQUIRE(world.record());
  CHECK(records() == before);
  world.happen();
  REQUIRE(world.record());
  CHECK(records() == before + 1);
  CHECK(world.on_the_cluster() == clusters::mark_text(world.newest()));
  CHECK(world.check());
}

TEST_CASE("a database that lacks the recorded event makes the cluster observed, once, until a person says otherwise") {
  World world;
  auto mark = world.newest();
  // The same number at another moment: what a restored database counts anew.
  mark.at += Duration(1);
  world.written_by_another(clusters::mark_text(mark));
  auto refused = world.check();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::refused);
  CHECK(refused.error().reason == "DATABASE_RESTORED");
  CHECK_THAT(refused.error().message, Catch::Contains("cluster/prod was last written to at event " +
                                                      std::to_string(mark.event) + " of " + to_rfc3339(mark.at)));
  CHECK_THAT(refused.error().next, Catch::Contains("edactl cluster manage prod") && Catch::Contains("edactl plan"));
  CHECK(world.row().mode == Mode::observe);
  CHECK(world.fallbacks() == 1);
  CHECK(reason_of(world.check()) == "DATABASE_RESTORED");
  CHECK(world.fallbacks() == 1);

  // The next looks at the cluster leave the condition where people see it.
  REQUIRE(world.cluster_worker.look("prod"));
  auto row = world.row();
  REQUIRE(row.object.conditions.size() == 2);
  CHECK(row.object.conditions[0].type == "Reachable");
  CHECK(row.object.conditions[1].type == "Database");
  CHECK(row.object.conditions[1].reason == "DATABASE_RESTORED");
  CHECK(row.object.observed.as_map()->at("mode") == Value("observe"));

  world.manage();
  CHECK(world.row().mode == Mode::manage);
  CHECK(world.row().object.observed.as_map()->at("mode") == Value("manage"));
  CHECK(world.check());
  REQUIRE(world.cluster_worker.look("prod"));
  CHECK(world.row().object.conditions.size() == 1);
}

TEST_CASE("a database restored under a running edad does not wipe out what speaks against it") {
  World world;
  REQUIRE(world.record());
  auto before = world.on_the_cluster();
  // What this process wrote is gone from the database, and something else has happened since.
  REQUIRE(world.database.pool().transact([&](pg::Tx& tx) -> Result<> {
    tx.exec_script("ALTER TABLE events DISABLE TRIGGER events_are_final; DELETE FROM events WHERE id = " +
                   std::to_string(world.newest().event) + "; ALTER TABLE events ENABLE TRIGGER events_are_final");
    return {};
  }));
  world.happen();
  CHECK(reason_of(world.record()) == "DATABASE_RESTORED");
  CHECK(world.on_the_cluster() == before);
  CHECK(world.row().mode == Mode::observe);
  world.manage();
  CHECK(world.record());
  CHECK(world.check());
}

TEST_CASE(
    "a person's word is heard though the mode still reads manage, and a restore that nobody noticed is told first") {
  World world;
  auto mark = world.newest();
  mark.at += Duration(1);
  world.written_by_another(clusters::mark_text(mark));
  CHECK(world.row().mode == Mode::manage);
  auto before = world.row().restored_at;
  world.manage();
  CHECK(world.check());
  CHECK(world.row().mode == Mode::manage);
  CHECK(world.fallbacks() == 1);
  CHECK(world.row().restored_at > before);
  CHECK(world.row().object.conditions.empty());
  // Nothing to find: it is recorded all the same, and audited.
  before = world.row().restored_at;
  world.manage();
  CHECK(world.row().restored_at == before);
  CHECK(count(world.database.pool(), "SELECT count(*) FROM events WHERE verb = 'cluster.vouched'") == 1);
  CHECK(clusters::parse_mark(world.on_the_cluster())->event == world.newest().event - 1);
}

TEST_CASE("whether the database holds what this process wrote is told without asking the broker") {
  World world;
  REQUIRE(world.record());
  auto holds = [&] {
    return *world.database.pool().transact([&](pg::Tx& tx) -> Result<bool> { return world.witness.holds(tx, "prod"); });
  };
  CHECK(holds());
  REQUIRE(world.database.pool().transact([&](pg::Tx& tx) -> Result<> {
    tx.exec_script("ALTER TABLE events DISABLE TRIGGER events_are_final; DELETE FROM events WHERE id = " +
                   std::to_string(world.newest().event) + "; ALTER TABLE events ENABLE TRIGGER events_are_final");
    return {};
  }));
  CHECK_FALSE(holds());
}

TEST_CASE("an event whose month was dropped is known by its seal") {
  World world;
  REQUIRE(world.record());
  auto mark = world.newest();
  REQUIRE(world.database.pool().transact([&](pg::Tx& tx) -> Result<> {
    tx.exec("INSERT INTO seals (number, event_id, event_at, hash) SELECT 1, id, at, '' FROM events WHERE id = $1",
            mark.event);
    tx.exec_script("ALTER TABLE events DISABLE TRIGGER events_are_final; DELETE FROM events WHERE id = " +
                   std::to_string(mark.event) + "; ALTER TABLE events ENABLE TRIGGER events_are_final");
    return {};
  }));
  CHECK(world.check());
}

TEST_CASE("what edad did not write in its topic counts as a restored database") {
  World world;
  world.written_by_another("hello");
  auto refused = world.check();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "DATABASE_RESTORED");
  CHECK_THAT(refused.error().message, Catch::Contains("what edad did not write"));
  CHECK(world.row().mode == Mode::observe);
}

TEST_CASE("a broker that cannot be asked is no verdict on the database") {
  World world;
  auto away = *kafka::connect(nowhere());
  CHECK(reason_of(world.witness.check("prod", *away, Deadline::in(std::chrono::seconds(5)))) == "BROKER_AWAY");
  CHECK(world.row().mode == Mode::manage);
}
