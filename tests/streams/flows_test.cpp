// Drift, adoption from manifests and what plans say of records, on brokers of both lines.

#include "tests/streams/acting.h"

using namespace eda;
using namespace eda::test;
using plans::keyed_path;
using plans::State;
using streams::DriftPlan;

namespace {

constexpr std::int64_t day = 86'400'000;

std::vector<kafka::Connection> lines() {
  return {kafka_4(), kafka_39()};
}

std::int64_t events(StreamWorld& world, const std::string& verb) {
  return count(world.database.pool(), "SELECT count(*) FROM events WHERE verb = '" + verb + "'");
}

std::vector<streams::DriftRow> drift_of(StreamWorld& world, std::vector<std::string> names) {
  auto report = world.streams.check_drift({"prod", std::move(names), {}, {}});
  if (!report) FAIL(report.error().message);
  return report->rows;
}

Result<plans::PlanOutput> plan_drift(StreamWorld& world, const std::string& name, DriftPlan::Direction direction,
                                     const identity::Actor& actor = admin) {
  return world.streams.plan_drift(actor, {"", "because", "prod", {world.named(name)}, direction});
}

}  // namespace

TEST_CASE("drift is told once when it comes and once when it ends, with what and since when") {
  for (auto& line : lines()) {
    StreamWorld world(line);
    world.planner.make({world.stream("s", {{"spec.retention", 7 * day}}), world.stream("t", {})});
    world.worker.step("prod");
    world.alter_by_hand("s", {{"retention.ms", "5000"}});
    for (int i = 0; i < 2; ++i) {
      auto round = world.worker.sweep("prod");
      CHECK(round.drifted == 1);
      CHECK(round.survey->at("config") == 1);
    }
    auto drift = world.object("s").drift;
    REQUIRE(drift.size() == 1);
    CHECK(drift[0].field == "spec.retention");
    CHECK(drift[0].wish == Value(7 * day));
    CHECK(drift[0].fact == Value(5000));
    CHECK(drift[0].since > Instant{});
    CHECK(events(world, "stream.drifted") == 1);
    world.alter_by_hand("s", {{"retention.ms", std::to_string(7 * day)}});
    world.worker.sweep("prod");
    CHECK(world.object("s").state == State::applied);
    CHECK(world.object("s").drift.empty());
    CHECK(events(world, "stream.drift-ended") == 1);
    CHECK(count(world.database.pool(),
                "SELECT count(*) FROM events WHERE verb LIKE 'stream.drift%' AND team = "
                "'checkout' AND actor = 'edad'") == 2);
  }
}

TEST_CASE("a stream that wishes it is set back, and only on a managed cluster") {
  StreamWorld world(kafka_4());
  world.planner.make(
      {world.stream("s", {{"spec.retention", 7 * day}, {"spec.drift", "repair"}, {"spec.partitions", 1}})});
  world.worker.step("prod");
  world.alter_by_hand("s", {{"retention.ms", "5000"}, {"flush.ms", "9000"}});
  REQUIRE(world.clusters.set_mode(admin, {"", "prod", "observe", ""}));
  CHECK(world.worker.sweep("prod").repaired == 0);
  CHECK(world.object("s").state == State::drifted);
  REQUIRE(world.clusters.set_mode(admin, {"", "prod", "manage", ""}));
  CHECK(world.worker.sweep("prod").repaired == 1);
  CHECK(world.worker.step("prod").settled == 1);
  CHECK(world.overrides("s").at("retention.ms") == std::to_string(7 * day));
  CHECK(world.overrides("s").at("flush.ms") == "9000");
  CHECK(world.object("s").state == State::applied);
  CHECK(world.object("s").generation == 1);
  CHECK(events(world, "stream.repaired") == 1);
  // What no repair brings back is told.
  std::vector<kafka::MorePartitions> more{{world.named("s"), 3}};
  REQUIRE(world.broker->create_partitions(more, kafka::Mode::apply, StreamWorld::soon()));
  world.until([&] { return world.topic("s")->partitions.size() == 3; });
  CHECK(world.worker.sweep("prod").repaired == 0);
  CHECK(world.object("s").drift.at(0).what == "partitions");
}

TEST_CASE("a look on demand answers at once, and the leader looks again soon") {
  StreamWorld world(kafka_4());
  world.planner.make({world.stream("s", {{"spec.retention", 7 * day}}), world.stream("t", {})});
  world.worker.step("prod");
  CHECK(world.worker.sweep("prod").survey.has_value());
  CHECK_FALSE(world.worker.step("prod").survey_due);
  CHECK(drift_of(world, {}).empty());
  CHECK_FALSE(world.worker.step("prod").survey_due);
  world.alter_by_hand("s", {{"retention.ms", "5000"}});
  world.create_by_hand("stranger", 1);
  auto rows = drift_of(world, {});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].stream == world.ref("s"));
  CHECK(world.worker.step("prod").survey_due);
  CHECK(drift_of(world, {world.named("t")}).empty());
  auto unknown = world.streams.check_drift({"prod", {world.named("u")}, {}, {}});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Code::not_found);
  // Page by page, with what no stream manages.
  std::set<std::string> found;
  streams::DriftCheck check{"prod", {}, streams::DriftCheck::Undeclared::list, {1, ""}};
  do {
    auto page = world.streams.check_drift(check);
    REQUIRE(page);
    for (auto& row : page->rows) found.insert(row.drift.what + " " + row.stream.name);
    check.page.token = page->next_token;
  } while (!check.page.token.empty());
  CHECK(found.contains("config " + world.named("s")));
  CHECK(found.contains("undeclared " + world.named("stranger")));
  CHECK_FALSE(found.contains("undeclared __edad"));
}

TEST_CASE("drift is accepted or repaired by an ordinary plan, and nothing is left of it") {
  for (auto& line : lines()) {
    StreamWorld world(line);
    world.planner.make({world.stream("a", {{"spec.retention", 7 * day}, {"spec.partitions", 1}}),
                        world.stream("r", {{"spec.retention", 7 * day}})});
    world.worker.step("prod");
    world.worker.sweep("prod");  // what is stored is young, and wrong in a moment
    world.alter_by_hand("a", {{"retention.ms", "5000"}});
    world.alter_by_hand("r", {{"retention.ms", "9000"}});
    auto accepting = plan_drift(world, "a", DriftPlan::Direction::accept);
    REQUIRE(accepting);
    CHECK(accepting->summary.changes == 1);
    REQUIRE(world.planner.apply(*accepting));
    auto repairing = plan_drift(world, "r", DriftPlan::Direction::repair);
    REQUIRE(repairing);
    CHECK(repairing->summary.changes == 1);
    REQUIRE(world.planner.apply(*repairing));
    CHECK(world.worker.step("prod").settled == 2);
    CHECK(world.overrides("a").at("retention.ms") == "5000");
    CHECK(world.overrides("r").at("retention.ms") == std::to_string(7 * day));
    CHECK(drift_of(world, {}).empty());
    CHECK(world.object("a").wish.at("spec.retention").value == Value(5000));
  }
}

TEST_CASE("a vanished topic is repaired empty; one made anew is taken by a lead, with what it has") {
  StreamWorld world(kafka_4());
  world.planner.make(
      {document("Team", "", "checkout",
                {{keyed_path("spec.members", "lena"), "lead"}, {keyed_path("spec.members", "mia"), "member"}})});
  world.planner.make({world.stream("gone", {}), world.stream("anew", {{"spec.partitions", 1}})});
  world.worker.step("prod");
  world.delete_by_hand("gone");
  world.delete_by_hand("anew");
  world.create_by_hand("anew", 4, {{"retention.ms", "5000"}});
  auto vanished = plan_drift(world, "gone", DriftPlan::Direction::accept);
  REQUIRE_FALSE(vanished);
  CHECK(vanished.error().reason == "TOPIC_VANISHED");
  auto repair = plan_drift(world, "gone", DriftPlan::Direction::repair);
  REQUIRE(repair);
  CHECK(repair->summary.risk == plans::Risk::high);
  REQUIRE(world.planner.apply(*repair));
  CHECK(world.worker.step("prod").settled == 1);
  CHECK(world.topic("gone"));

  auto mended = plan_drift(world, "anew", DriftPlan::Direction::repair);
  REQUIRE_FALSE(mended);
  CHECK(mended.error().reason == "TOPIC_RECREATED");
  auto denied = plan_drift(world, "anew", DriftPlan::Direction::accept, user("mia"));
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == Code::denied);
  auto taken = plan_drift(world, "anew", DriftPlan::Direction::accept, user("lena"));
  REQUIRE(taken);
  REQUIRE(world.planner.apply(*taken, user("lena")));
  CHECK(world.worker.step("prod").settled == 1);
  auto object = world.object("anew");
  CHECK(object.state == State::applied);
  CHECK(object.wish.at("spec.partitions").value == Value(4));
  CHECK(object.observed.as_map()->at("topicId") == Value(world.topic("anew")->id));
  CHECK(drift_of(world, {}).empty());
}

TEST_CASE("a manifest of a topic that is there adopts it, and what differs is changed afterwards") {
  StreamWorld world(kafka_39());
  world.create_by_hand("legacy", 2, {{"retention.ms", "3600000"}, {"segment.ms", "60000"}});
  auto id = world.topic("legacy")->id;
  auto manifest = world.stream("legacy", {{"spec.partitions", 4}, {"spec.retention", 7 * day}});
  world.planner.make({document("Team", "", "checkout", {{keyed_path("spec.members", "lena"), "lead"}})});
  auto denied = world.planner.plan(user("lena"), {manifest});
  REQUIRE_FALSE(denied);
  CHECK(denied.error().reason == "ADMINS_ONLY");
  auto plan = world.planner.plan(admin, {manifest});
  REQUIRE(plan);
  CHECK(plan->summary.adopts == 1);
  CHECK(plan->summary.risk == plans::Risk::high);
  REQUIRE(world.planner.apply(*plan));
  CHECK(world.object("legacy").state == State::pending);
  CHECK(world.worker.step("prod").settled == 1);
  CHECK(world.topic("legacy")->id == id);
  CHECK(world.topic("legacy")->partitions.size() == 4);
  CHECK(world.overrides("legacy") ==
        std::map<std::string, std::string>{{"retention.ms", std::to_string(7 * day)}, {"segment.ms", "60000"}});
  CHECK(world.planner.plan(admin, {manifest})->summary.unchanged == 1);
}

TEST_CASE("drafted manifests of topics with odd configs plan to adoption and nothing else, then to nothing") {
  for (auto& line : lines()) {
    StreamWorld world(line, clusters::Mode::observe);
    std::vector<std::map<std::string, std::string>> odd{
        {},
        {{"retention.ms", "-1"}, {"retention.bytes", "-1"}},
        {{"retention.ms", "9223372036854775807"}, {"cleanup.policy", "compact, delete"}},
        {{"min.cleanable.dirty.ratio", "0.10"}, {"cleanup.policy", "compact"}},
        {{"leader.replication.throttled.replicas", "0:1,1:1"}, {"unclean.leader.election.enable", "TRUE"}},
        {{"message.timestamp.type", "LogAppendTime"}, {"max.message.bytes", "0"}}};
    std::vector<kafka::NewTopic> topics;
    for (int i = 0; i < 120; ++i) {
      topics.push_back({world.named("odd" + std::to_string(1000 + i)), 1 + i % 3, 1, odd[i % odd.size()]});
    }
    auto made = world.broker->create_topics(topics, kafka::Mode::apply, StreamWorld::soon());
    REQUIRE(made);
    for (auto& outcome : *made) {
      if (outcome.error) FAIL(outcome.error->message);
    }
    world.until([&] { return world.topic("odd1119").has_value(); });
    std::vector<plans::Document> documents;
    std::set<std::string> internal;
    for (std::string token;;) {
      auto page = world.streams.draft_manifests("prod", "checkout", {50, token});
      REQUIRE(page);
      for (auto& document : page->documents) {
        if (document.name.starts_with(world.prefix)) documents.push_back(document);
      }
      internal.insert(page->internal.begin(), page->internal.end());
      token = page->next_token;
      if (token.empty()) break;
    }
    REQUIRE(documents.size() == 120);
    CHECK_FALSE(internal.contains(world.named("odd1000")));
    auto again = documents;
    auto plan = world.planner.plan(admin, std::move(documents));
    if (!plan)
      FAIL(plan.error().message << (plan.error().violations.empty() ? "" : plan.error().violations[0].message));
    CHECK(plan->summary.adopts == 120);
    CHECK(plan->summary.creates + plan->summary.changes + plan->summary.deletes == 0);
    for (auto& draft : plan->drafts) {
      if (draft.fields.size() != 2) FAIL_CHECK(draft.ref.text() << " shows " << draft.fields.back().path);
    }
    REQUIRE(world.planner.apply(*plan));
    CHECK(world.planner.plan(admin, again)->summary.unchanged == 120);
    CHECK(world.worker.sweep("prod").drifted == 0);
  }
}

TEST_CASE("a member does not apply a lead's plan that takes a topic made anew") {
  StreamWorld world(kafka_4());
  world.planner.make(
      {document("Team", "", "checkout",
                {{keyed_path("spec.members", "lena"), "lead"}, {keyed_path("spec.members", "mia"), "member"}})});
  world.planner.make({world.stream("s", {})});
  world.worker.step("prod");
  world.delete_by_hand("s");
  world.create_by_hand("s", 1);
  auto plan = plan_drift(world, "s", DriftPlan::Direction::accept, user("lena"));
  REQUIRE(plan);
  auto denied = world.planner.apply(*plan, user("mia"));
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == Code::denied);
  CHECK(denied.error().message.find("take another topic for") != std::string::npos);
  CHECK(world.planner.apply(*plan, user("lena")));
}

TEST_CASE("what cannot come back is not changed for a while") {
  StreamWorld world(kafka_4());
  world.planner.make({world.stream("s", {{"spec.partitions", 1}, {"spec.retention", 7 * day}})});
  world.worker.step("prod");
  auto for_a_while = [&](const std::string& path, Value value) {
    plans::PlanInput input;
    input.documents = {document("Stream", "prod", world.named("s"), {{path, std::move(value)}})};
    input.until = SystemClock().now() + std::chrono::minutes(5);
    input.intent = plans::PlanInput::Intent::apply;
    return world.engine.plan(admin, std::move(input));
  };
  struct Row {
    const char* path;
    Value value;
    std::string said;
  };
  for (auto& row : std::vector<Row>{{"spec.partitions", 3, "partitions cannot shrink"},
                                    {"spec.replication", 2, "does not move replicas"},
                                    {"spec.cleanup", "compact", "do not come back"}}) {
    INFO(row.path);
    auto refused = for_a_while(row.path, row.value);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::invalid);
    REQUIRE_FALSE(refused.error().violations.empty());
    CHECK(refused.error().violations[0].field == row.path);
    CHECK(refused.error().violations[0].message.find(row.said) != std::string::npos);
  }
  CHECK(for_a_while("spec.partitions", 1));
  CHECK(for_a_while("spec.retention", 8 * day));
  CHECK(world.topic("s")->partitions.size() == 1);
}

TEST_CASE("a repair says what it leaves, and refused streams are among those that drifted") {
  StreamWorld world(kafka_4());
  world.planner.make({world.stream("s", {{"spec.retention", 7 * day}, {"spec.partitions", 1}})});
  world.worker.step("prod");
  world.alter_by_hand("s", {{"retention.ms", "5000"}});
  std::vector<kafka::MorePartitions> more{{world.named("s"), 3}};
  REQUIRE(world.broker->create_partitions(more, kafka::Mode::apply, StreamWorld::soon()));
  world.until([&] { return world.topic("s")->partitions.size() == 3; });
  auto repairing = plan_drift(world, "s", DriftPlan::Direction::repair);
  REQUIRE(repairing);
  auto& notes = repairing->drafts.at(0).notes;
  CHECK(std::find(notes.begin(), notes.end(),
                  "spec.partitions stays 3, not 1, so the stream stays drifted; edactl stream drift accept " +
                      world.named("s") + " keeps it") != notes.end());
  REQUIRE(world.planner.apply(*repairing));
  CHECK(world.worker.step("prod").outcome == "ok");
  CHECK(world.object("s").state == State::drifted);

  REQUIRE(world.database.pool().transact([&](pg::Tx& tx) -> Result<> {
    tx.exec("UPDATE objects SET state = 'refused' WHERE id = $1", world.object("s").id);
    return {};
  }));
  auto rows = drift_of(world, {});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].drift.what == "partitions");
}

TEST_CASE("a stream says that its cluster is away before the round that finds it so again is over") {
  StreamWorld world(kafka_4());
  world.planner.make({cluster_document("prod", world.connection, {{"spec.bootstrap", servers(nowhere().bootstrap)}})});
  CHECK(world.worker.sweep("prod").outcome == "BROKER_AWAY");
  world.planner.make({world.stream("s", {})});
  std::vector<plans::Condition> seen;
  clusters::Connections watched(world.secrets,
                                [&](const std::string&, std::string_view call, Duration, std::string_view) {
                                  if (call == "describe_cluster") seen = world.object("s").conditions;
                                });
  streams::Worker worker(world.database.pool(), watched, world.clock, streams::WorkerOptions{.holder = "replica-1"});
  CHECK(worker.sweep("prod").outcome == "BROKER_AWAY");
  CHECK(worker.step("prod").outcome == "BROKER_AWAY");
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].type == "Reachable");
  CHECK(seen[0].reason == "BROKER_AWAY");
}

TEST_CASE("a retention that goes back to the broker's default is judged by that default") {
  for (auto& line : lines()) {
    StreamWorld world(line);
    world.planner.make({world.stream("s", {{"spec.retention", 30 * day}, {"spec.partitions", 1}})});
    world.worker.step("prod");
    append(world, "s", 3);
    auto defaults = streams::broker_defaults(*world.broker, *world.broker->describe_cluster(StreamWorld::soon()),
                                             StreamWorld::soon());
    REQUIRE(defaults);
    CHECK(defaults->retention_ms == 7 * day);
    CHECK(defaults->retention_bytes == -1);
    CHECK(defaults->cleanup == "delete");
    auto cut = world.planner.plan(admin, {world.stream("s", {{"spec.retention", std::nullopt}})});
    REQUIRE(cut);
    CHECK(cut->summary.risk == plans::Risk::critical);
    auto& notes = cut->drafts.at(0).notes;
    CHECK(std::find(notes.begin(), notes.end(), "no record is older than the new retention now") != notes.end());
    auto& reasons = cut->drafts.at(0).risk_reasons;
    CHECK(std::any_of(reasons.begin(), reasons.end(), [](auto& why) {
      return why.find("what is kept falls from 30d to the broker's default, 7d") != std::string::npos;
    }));
  }
}

TEST_CASE("a retention cut says how many records go") {
  StreamWorld world(kafka_4());
  world.planner.make({world.stream("s", {{"spec.retention", 7 * day}, {"spec.partitions", 1}})});
  world.worker.step("prod");
  append(world, "s", 3);
  auto written = SystemClock().now();
  world.until([&] { return SystemClock().now() > written + std::chrono::milliseconds(50); });
  auto cut = world.planner.plan(admin, {world.stream("s", {{"spec.retention", 10}})});
  REQUIRE(cut);
  CHECK(cut->summary.risk == plans::Risk::critical);
  auto& notes = cut->drafts.at(0).notes;
  CHECK(std::find(notes.begin(), notes.end(), "up to 3 records are older than the new retention and go") !=
        notes.end());
  auto raised = world.planner.plan(admin, {world.stream("s", {{"spec.retention", 8 * day}})});
  CHECK(raised->drafts.at(0).notes.empty());
}

TEST_CASE("what changes nothing rests on facts of the last survey and asks no broker") {
  StreamWorld world(kafka_4());
  int calls = 0;
  clusters::Connections watched(world.secrets,
                                [&](const std::string&, std::string_view, Duration, std::string_view) { ++calls; });
  streams::StreamRows rows(world.database.pool(), watched, world.clock);
  plans::Engine engine(world.database.pool(), world.kinds, {&world.team_rows, &world.cluster_rows, &rows}, world.owners,
                       [] {});
  Planner planner{engine};
  std::vector<plans::Document> documents{world.stream("a", {{"spec.retention", 7 * day}}), world.stream("b", {})};
  planner.make(documents);
  world.worker.step("prod");
  calls = 0;
  CHECK(planner.plan(admin, documents)->summary.unchanged == 2);
  CHECK(calls > 0);  // nobody has surveyed yet
  world.worker.sweep("prod");
  calls = 0;
  CHECK(planner.plan(admin, documents)->summary.unchanged == 2);
  CHECK(calls == 0);
  documents[0] = world.stream("a", {{"spec.retention", 8 * day}});
  CHECK(planner.plan(admin, documents)->summary.changes == 1);
  CHECK(calls > 0);
}

TEST_CASE("a database that another one has overtaken writes nothing and only observes from then on") {
  StreamWorld world(kafka_4());
  world.planner.make({world.stream("first", {})});
  CHECK(world.worker.step("prod").settled == 1);
  StreamWorld other(kafka_4());
  other.planner.make({other.stream("s", {})});
  CHECK(other.worker.step("prod").settled == 1);
  CHECK(world.worker.sweep("prod").outcome == "DATABASE_RESTORED");
  world.planner.plan(admin, {world.stream("second", {})});
  CHECK(count(world.database.pool(), "SELECT count(*) FROM clusters WHERE mode = 'observe'") == 1);
}
