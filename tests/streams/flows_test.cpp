// Drift, adoption from manifests, claims and deletions, on brokers of both lines.

#include "operations/actions.h"
#include "operations/worker.h"
#include "streams/worker_claims.h"
#include "streams/worker_deletion.h"
#include "tests/streams/stream_world.h"

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

/// Moves when it is told to.
class HandClock final : public Clock {
 public:
  Instant now() const override { return SystemClock().now() + ahead; }
  Duration ahead{0};
};

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

/// Operations of streams, run on the caller's thread.
struct Acting {
  explicit Acting(StreamWorld& at) : world(at) {}
  StreamWorld& world;
  HandClock clock;
  catalog::TeamBook teams;
  streams::DeletionRunner deletions{world.database.pool(), world.connections, clock};
  streams::AdoptionRunner adoptions{world.streams, world.engine};
  operations::Actions actions{world.database.pool(), clock, teams, {&deletions, &adoptions}};
  operations::Worker worker{world.database.pool(), clock, {&deletions, &adoptions}, {.holder = "replica-1"}};

  operations::Operation only() {
    auto page = actions.list(admin, {}, {10, ""});
    REQUIRE(page);
    REQUIRE(page->rows.size() == 1);
    return page->rows.front();
  }
  /// The next step, whenever it would be due.
  operations::Operation step() {
    REQUIRE(world.database.pool().transact([](pg::Tx& tx) -> Result<> {
      tx.exec("UPDATE operations SET due = now()");
      return {};
    }));
    worker.step();
    return only();
  }
};

void delete_stream(StreamWorld& world, const std::string& name) {
  world.planner.make({world.stream(name, {{"metadata.deletionProtection", false}})});
  world.worker.step("prod");
  world.planner.make({}, {world.ref(name)});
}

void append(StreamWorld& world, const std::string& name, int records) {
  for (int i = 0; i < records; ++i) {
    auto written = world.broker->append(world.named(name), "k", "v", StreamWorld::soon());
    if (!written) FAIL(written.error().message);
  }
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
    auto late = acting.actions.abort(admin, {"", ""}, begun.id);
    REQUIRE_FALSE(late);
    CHECK(late.error().reason == "PAST_RETURN");
    CHECK(world.worker.step("prod").settled == 1);
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
