// Findings, what is done about them, and what a wish becomes when they are accepted.

#include "streams/drift.h"

#include <catch2/catch.hpp>

using namespace eda;
using namespace eda::streams;
using plans::Drift;
using plans::State;

namespace {

const Instant noon = *from_rfc3339("2026-11-21T12:00:00Z");
const Instant later = noon + std::chrono::minutes(1);
const Memory known{"orders", "id-1", Memory::Creation::unsent};

std::string config(const std::string& key) {
  return plans::keyed_path("spec.config", key);
}

plans::Object stream(const std::map<std::string, std::optional<Value>>& fields, State state = State::applied) {
  plans::Object object;
  object.id = 1;
  object.ref = Ref{"stream", "prod", "orders"};
  object.generation = 1;
  object.state = state;
  for (auto& [path, value] : fields) object.wish.emplace(path, plans::WishField{value, "checkout/shop"});
  return object;
}

LiveTopic topic(int partitions = 3, std::map<std::string, std::string> overridden = {}, std::string id = "id-1") {
  LiveTopic live{"orders", std::move(id), partitions, 1, LiveTopic::Kind::ordinary, {}};
  live.config.emplace("retention.ms", LiveConfig{"604800000", LiveConfig::Source::elsewhere});
  for (auto& [key, value] : overridden) live.config.insert_or_assign(key, LiveConfig{value, LiveConfig::Source::topic});
  return live;
}

std::string told(const std::vector<Drift>& drift) {
  std::string text;
  for (auto& one : drift) {
    text += one.what + " " + one.field + ": " + drift_text(one, one.wish) + " -> " + drift_text(one, one.fact) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("every field that is not as wished is found, with wish and fact") {
  struct Row {
    const char* what;
    plans::Object object;
    Memory memory;
    std::optional<LiveTopic> live;
    std::string found;
  };
  std::vector<Row> rows{
      {"as wished", stream({{"spec.partitions", 3}}), known, topic(), ""},
      {"fewer partitions", stream({{"spec.partitions", 5}}), known, topic(), "partitions spec.partitions: 5 -> 3\n"},
      {"more partitions", stream({{"spec.partitions", 2}}), known, topic(), "partitions spec.partitions: 2 -> 3\n"},
      {"replication", stream({{"spec.replication", 3}}), known, topic(), "replication spec.replication: 3 -> 1\n"},
      {"typed config", stream({{"spec.retention", 1000}}), known, topic(3, {{"retention.ms", "60000"}}),
       "config spec.retention: 1s -> 1m\n"},
      {"override taken off", stream({{"spec.retention", 604'800'000}}), known, topic(),
       "config spec.retention: 7d -> default\n"},
      {"key of the map", stream({{config("segment.ms"), "1"}}), known, topic(3, {{"segment.ms", "2"}}),
       "config spec.config[\"segment.ms\"]: 1 -> 2\n"},
      {"typed key in the map", stream({{config("retention.ms"), "1000"}}), known, topic(3, {{"retention.ms", "2000"}}),
       "config spec.config[\"retention.ms\"]: 1000 -> 2000\n"},
      {"reset", stream({{config("segment.ms"), std::nullopt}}), known, topic(3, {{"segment.ms", "2"}}),
       "config spec.config[\"segment.ms\"]: default -> 2\n"},
      {"unmanaged", stream({}), known, topic(3, {{"segment.ms", "2"}}), ""},
      {"vanished", stream({{"spec.partitions", 5}}), known, std::nullopt, "vanished status.topicId: id-1 -> gone\n"},
      {"recreated", stream({{"spec.partitions", 5}}), known, topic(3, {}, "id-2"),
       "recreated status.topicId: id-1 -> id-2\n"},
      {"never made", stream({}), Memory{"orders", "", Memory::Creation::unsent}, std::nullopt, ""},
      {"on its way out", stream({{"spec.partitions", 5}}, State::deleting), known, topic(), ""},
  };
  for (auto& row : rows) {
    INFO(row.what);
    CHECK(told(findings(row.object, row.memory, row.live, noon)) == row.found);
  }
}

TEST_CASE("a finding keeps its time as long as it says the same") {
  auto object = stream({{"spec.retention", 1000}, {"spec.partitions", 5}});
  object.drift = findings(object, known, topic(3, {{"retention.ms", "2000"}}), noon);
  auto again = findings(object, known, topic(3, {{"retention.ms", "2000"}}), later);
  CHECK(same_findings(object.drift, again));
  CHECK(again == object.drift);
  auto moved = findings(object, known, topic(3, {{"retention.ms", "3000"}}), later);
  CHECK_FALSE(same_findings(object.drift, moved));
  CHECK(moved.at(0).since == noon);  // the partitions
  CHECK(moved.at(1).since == later);
}

TEST_CASE("an overlay is no drift") {
  auto object = stream({{"spec.retention", 1000}});
  object.overlay.emplace("spec.retention", plans::OverlayField{Value(5000), later, "user/ada", "a replay"});
  CHECK(findings(object, known, topic(3, {{"retention.ms", "5000"}}), noon).empty());
  CHECK(told(findings(object, known, topic(3, {{"retention.ms", "1000"}}), noon)) ==
        "config spec.retention: 5s -> 1s\n");
}

TEST_CASE("configs and missing partitions can be repaired, nothing else") {
  struct Row {
    plans::Object object;
    std::optional<LiveTopic> live;
    bool repairable;
  };
  std::vector<Row> rows{{stream({{"spec.retention", 1}}), topic(), true},
                        {stream({{"spec.partitions", 5}}), topic(), true},
                        {stream({{"spec.partitions", 2}}), topic(), false},
                        {stream({{"spec.replication", 2}}), topic(), false},
                        {stream({}), std::nullopt, false},
                        {stream({}), topic(3, {}, "id-2"), false}};
  for (auto& row : rows) {
    auto found = findings(row.object, known, row.live, noon);
    REQUIRE(found.size() == 1);
    INFO(found[0].what);
    CHECK(repairable(found[0]) == row.repairable);
  }
}

TEST_CASE("a drifted stream says what is amiss and both ways out") {
  auto object = stream({{"spec.retention", 1000}});
  auto live = std::optional(topic(3, {{"retention.ms", "2000"}}));
  auto standing = standing_of(reconcile(object, known, live), object, findings(object, known, live, noon));
  CHECK(standing.state == State::drifted);
  CHECK(standing.condition.reason == "DRIFTED");
  CHECK(standing.condition.message == "on the broker spec.retention is 2s, not 1s");
  CHECK(standing.condition.next.find("edactl stream drift repair orders") != std::string::npos);
  CHECK(standing.condition.next.find("edactl stream drift accept orders") != std::string::npos);

  auto extra = stream({{"spec.partitions", 2}});
  live = topic();
  standing = standing_of(reconcile(extra, known, live), extra, findings(extra, known, live, noon));
  CHECK(standing.state == State::drifted);
  CHECK(standing.condition.next.find("repair") == std::string::npos);

  standing = standing_of(reconcile(extra, known, std::nullopt), extra, findings(extra, known, std::nullopt, noon));
  CHECK(standing.condition.reason == "TOPIC_VANISHED");
  auto waiting = stream({}, State::pending);
  Memory fresh{"orders", "", Memory::Creation::unsent};
  CHECK(standing_of(reconcile(waiting, fresh, live), waiting, {}).state == State::refused);
}

TEST_CASE("accepted, the facts are the wish: nothing is left to find, and managers stay") {
  auto object = stream({{"spec.retention", 1000},
                        {"spec.partitions", 2},
                        {"spec.replication", 3},
                        {"spec.cleanup", "compact"},
                        {config("segment.ms"), "1"},
                        {config("flush.ms"), std::nullopt},
                        {config("retention.bytes"), "7"}});
  auto live = topic(3, {{"retention.ms", "5000"}, {"flush.ms", "9"}, {"retention.bytes", "8"}, {"cleanup.policy", ""}});
  auto accepted = accept(object, known, live);
  REQUIRE(accepted);
  auto after = object;
  after.wish = accepted->after;
  CHECK(told(findings(after, known, live, noon)).empty());
  CHECK(after.wish.at("spec.retention").value == Value(5000));
  CHECK(after.wish.at("spec.retention").manager == "checkout/shop");
  CHECK(after.wish.at(config("segment.ms")).value == std::nullopt);
  CHECK(after.wish.at(config("flush.ms")).value == Value("9"));
  CHECK(after.wish.at(config("retention.bytes")).value == Value("8"));
  CHECK_FALSE(after.wish.contains("spec.cleanup"));  // no choice says that
  CHECK(after.wish.at(config("cleanup.policy")).value == Value(""));
  // Partitions that there are do not go again; the rest comes back.
  CHECK(accepted->notes.at(0) ==
        "spec.partitions is managed by the set checkout/shop: its next apply is refused for 2, unless its manifest "
        "says 3");
  CHECK(accepted->notes.at(1).find("its next apply is refused for 3, unless its manifest says 1") != std::string::npos);
  CHECK(std::any_of(accepted->notes.begin(), accepted->notes.end(), [](auto& note) {
    return note ==
           "spec.retention is managed by the set checkout/shop: its next apply brings 1s back, unless its "
           "manifest says 5s";
  }));
}

TEST_CASE("a vanished topic is not accepted, a topic made anew is taken with all that it has") {
  auto object = stream({{"spec.partitions", 5}});
  auto gone = accept(object, known, std::nullopt);
  REQUIRE_FALSE(gone);
  CHECK(gone.error().reason == "TOPIC_VANISHED");
  auto anew = accept(object, known, topic(3, {}, "id-2"));
  REQUIRE(anew);
  CHECK(anew->after.at(topic_id_path).value == Value("id-2"));
  CHECK(anew->after.at("spec.partitions").value == Value(3));
}

TEST_CASE("a field that is changed for a while is not accepted") {
  auto object = stream({{"spec.retention", 1000}});
  object.overlay.emplace("spec.retention", plans::OverlayField{Value(5000), later, "user/ada", ""});
  auto accepted = accept(object, known, topic(3, {{"retention.ms", "7000"}}));
  REQUIRE_FALSE(accepted);
  CHECK(accepted.error().reason == "FIELD_OVERLAID");
}

TEST_CASE("on the way back partitions and replication stay, and what retention deleted does not come back") {
  auto& rules = stream_rules();
  auto shrinks = rules.way_back({"spec.partitions", Value(6), Value(3)});
  CHECK_FALSE(shrinks.possible);
  CHECK(rules.way_back({"spec.partitions", Value(3), Value(6)}).possible);
  CHECK_FALSE(rules.way_back({"spec.replication", Value(3), Value(1)}).possible);
  auto raised = rules.way_back({"spec.retention", Value(1000), Value(5000)});
  CHECK(raised.possible);
  CHECK(raised.note.find("do not come back") != std::string::npos);
  CHECK(rules.way_back({"spec.retention", Value(5000), Value(1000)}).note.empty());
  CHECK(rules.way_back({"spec.description", Value("a"), Value("b")}).note.empty());
}
