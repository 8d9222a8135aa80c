// Wish against fact, and drafts against what a cluster shows.

#include <catch2/catch.hpp>

#include "streams/drafts.h"
#include "streams/reconcile.h"

using namespace eda;
using namespace eda::streams;
using plans::Action;
using plans::State;

namespace {

std::string config(const std::string& key) {
  return plans::keyed_path("spec.config", key);
}

plans::Wish wish(const std::map<std::string, std::optional<Value>>& fields) {
  plans::Wish wish;
  for (auto& [path, value] : fields) wish.emplace(path, plans::WishField{value, "default"});
  return wish;
}

plans::Object stream(plans::Wish wished, State state = State::pending) {
  plans::Object object;
  object.id = 1;
  object.ref = Ref{"stream", "prod", "orders"};
  object.generation = 1;
  object.state = state;
  object.wish = std::move(wished);
  return object;
}

LiveTopic topic(int partitions = 3, std::map<std::string, std::string> overridden = {}, std::string id = "id-1") {
  LiveTopic live{"orders", std::move(id), partitions, 1, LiveTopic::Kind::ordinary, {}};
  live.config.emplace("retention.ms", LiveConfig{"604800000", LiveConfig::Source::elsewhere});
  live.config.emplace("segment.ms", LiveConfig{"604800000", LiveConfig::Source::elsewhere});
  for (auto& [key, value] : overridden) live.config.insert_or_assign(key, LiveConfig{value, LiveConfig::Source::topic});
  return live;
}

const Memory known{"orders", "id-1", Memory::Creation::unsent};
const Memory fresh{"orders", "", Memory::Creation::unsent};
const Memory asked{"orders", "", Memory::Creation::sent};

plans::Draft draft(Action action, plans::Wish before, plans::Wish after) {
  plans::Draft draft;
  draft.rules = &stream_rules();
  draft.ref = Ref{"stream", "prod", "orders"};
  draft.after = std::move(after);
  if (action != Action::create && action != Action::adopt) {
    draft.before = stream(std::move(before), State::applied);
    draft.fields = plans::diff(draft.before->wish, draft.after);
  }
  draft.action = action;
  return draft;
}

Surroundings around(std::optional<LiveTopic> live, std::optional<Memory> memory = known) {
  Surroundings around;
  around.mode = clusters::Mode::manage;
  around.brokers = 3;
  around.live = std::move(live);
  around.memory = std::move(memory);
  return around;
}

}  // namespace

TEST_CASE("what a worker has to do follows from wish, memory and fact") {
  struct Row {
    const char* what;
    plans::Object object;
    Memory memory;
    std::optional<LiveTopic> live;
    Act act;
  };
  auto three = wish({{"spec.partitions", 3}});
  std::vector<Row> rows{
      {"not there yet", stream(three), fresh, std::nullopt, Act::create},
      {"asked for, not there", stream(three), asked, std::nullopt, Act::create},
      {"asked for, and there: ours", stream(three), asked, topic(), Act::nothing},
      {"there, and never asked for", stream(three), fresh, topic(), Act::refuse},
      {"as wished", stream(three), known, topic(), Act::nothing},
      {"to grow", stream(wish({{"spec.partitions", 5}})), known, topic(), Act::change},
      {"to shrink", stream(wish({{"spec.partitions", 2}})), known, topic(), Act::nothing},
      {"to shrink, and to alter", stream(wish({{"spec.partitions", 2}, {"spec.retention", 1}})), known, topic(),
       Act::change},
      {"other replication", stream(wish({{"spec.replication", 2}})), known, topic(), Act::nothing},
      {"config differs", stream(wish({{config("segment.ms"), "1"}})), known, topic(), Act::change},
      {"config to pin", stream(wish({{config("segment.ms"), "604800000"}})), known, topic(), Act::change},
      {"config is there", stream(wish({{config("segment.ms"), "1"}})), known, topic(3, {{"segment.ms", "1"}}),
       Act::nothing},
      {"reset of an override", stream(wish({{config("segment.ms"), std::nullopt}})), known,
       topic(3, {{"segment.ms", "1"}}), Act::change},
      {"reset of a default", stream(wish({{config("segment.ms"), std::nullopt}})), known, topic(), Act::nothing},
      {"unmanaged override", stream({}), known, topic(3, {{"segment.ms", "1"}}), Act::nothing},
      {"vanished", stream(three), known, std::nullopt, Act::vanished},
      {"made anew by hand", stream(three), known, topic(3, {}, "id-2"), Act::recreated},
      {"to delete", stream(three, State::deleting), known, topic(), Act::remove},
      {"to delete, gone already", stream(three, State::deleting), known, std::nullopt, Act::forget},
      {"to delete, not ours", stream(three, State::deleting), known, topic(3, {}, "id-2"), Act::forget},
      {"to delete, never ours", stream(three, State::deleting), fresh, topic(), Act::forget},
      {"to delete, asked for by us", stream(three, State::deleting), asked, topic(), Act::remove},
  };
  for (auto& row : rows) {
    INFO(row.what);
    CHECK(reconcile(row.object, row.memory, row.live).act == row.act);
  }
}

TEST_CASE("only what differs is told to the broker") {
  auto wished = wish({{"spec.partitions", 5},
                      {"spec.retention", 1000},
                      {config("segment.ms"), std::nullopt},
                      {"spec.cleanup", "compact"}});
  auto decision = reconcile(stream(wished), known,
                            topic(3, {{"cleanup.policy", "compact"}, {"segment.ms", "1"}, {"flush.ms", "1"}}));
  CHECK(decision.grow_to == 5);
  CHECK(decision.delta.set == std::map<std::string, std::string>{{"retention.ms", "1000"}});
  CHECK(decision.delta.reset == std::set<std::string>{"segment.ms"});
}

TEST_CASE("what no act makes true is told by its field") {
  auto decision = reconcile(stream(wish({{"spec.partitions", 2}, {"spec.replication", 2}})), known, topic());
  CHECK(decision.beyond.at("spec.partitions").reason == "STREAM_SHRINK");
  CHECK(decision.beyond.at("spec.replication").reason == "STREAM_REPLICATION");
}

TEST_CASE("what an overlay says is wished as long as it stands") {
  auto object = stream(wish({{"spec.retention", 1000}}), State::applied);
  object.overlay.emplace("spec.retention", plans::OverlayField{Value(5000), {}, "user/ada", ""});
  CHECK(reconcile(object, known, topic(3, {{"retention.ms", "5000"}})).act == Act::nothing);
  CHECK(reconcile(object, known, topic(3, {{"retention.ms", "1000"}})).delta.set.at("retention.ms") == "5000");
}

TEST_CASE("a fingerprint is the topic's shape and overrides, and holds the observed facts") {
  auto live = topic(3, {{"segment.ms", "1"}});
  CHECK(fingerprint(live) == fingerprint(topic(3, {{"segment.ms", "1"}})));
  for (auto& other : {topic(4, {{"segment.ms", "1"}}), topic(3, {{"segment.ms", "2"}}), topic(3),
                      topic(3, {{"segment.ms", "1"}}, "id-2")}) {
    CHECK(fingerprint(live) != fingerprint(other));
  }
  CHECK(observed_in(fingerprint(live)) == observed_value(live));
  CHECK(observed_in(absent_fingerprint).is_null());
  auto again = observed_topic("orders", observed_value(live));
  REQUIRE(again);
  CHECK(fingerprint(*again) == fingerprint(live));
}

TEST_CASE("a new stream on a topic that is there is an adoption, which shows what would change") {
  auto same = draft(Action::create, {}, wish({{"spec.partitions", 3}, {"spec.replication", 1}}));
  same.fields = plans::diff({}, same.after);
  judge_live(same, around(topic(), std::nullopt));
  CHECK(same.action == Action::adopt);
  CHECK(same.risk == plans::Risk::high);
  REQUIRE(same.fields.size() == 1);
  CHECK(adopted_topic_id(same) == "id-1");
  CHECK_FALSE(changes_adopted(same));

  auto differs = draft(Action::create, {}, wish({{"spec.partitions", 5}, {"spec.retention", 1000}}));
  differs.fields = plans::diff({}, differs.after);
  auto where = around(topic(), std::nullopt);
  where.mode = clusters::Mode::observe;
  judge_live(differs, where);
  CHECK(differs.action == Action::adopt);
  CHECK(differs.fields.at(0).from == Value(3));
  CHECK(differs.fields.at(1).from == Value(604'800'000));
  CHECK(differs.risk == plans::Risk::critical);
  CHECK(changes_adopted(differs));
  CHECK(differs.apply_refusal);

  auto shrinks = draft(Action::create, {}, wish({{"spec.partitions", 1}}));
  judge_live(shrinks, around(topic(), std::nullopt));
  CHECK(shrinks.refusal->reason == "STREAM_SHRINK");

  auto own = topic();
  own.kind = LiveTopic::Kind::internal;
  auto internal = draft(Action::create, {}, {});
  judge_live(internal, around(own, std::nullopt));
  CHECK(internal.refusal->reason == "TOPIC_INTERNAL");
}

TEST_CASE("a plan stands back from partitions that somebody added, unless it is about them") {
  auto extra = wish({{"spec.partitions", 2}, {"spec.retention", 1000}});
  auto before = wish({{"spec.partitions", 2}});
  auto altered = draft(Action::change, before, extra);
  judge_live(altered, around(topic()));
  CHECK_FALSE(altered.refusal);
  CHECK(altered.notes.at(0).find("cannot shrink") != std::string::npos);
}

TEST_CASE("a plan rests on what is stored when nothing changes and nothing has drifted") {
  auto wished = wish({{"spec.retention", 1000}});
  auto same = draft(Action::unchanged, wished, wished);
  same.before->observed = observed_value(topic(3, {{"retention.ms", "1000"}, {"segment.ms", "1"}}));
  CHECK(rests(same, known));
  auto drifted = same;
  drifted.before->drift.push_back({"spec.retention", Value(1000), Value(2000), {}, "config"});
  CHECK_FALSE(rests(drifted, known));
  auto pending = same;
  pending.before->state = State::pending;
  CHECK_FALSE(rests(pending, known));
  auto changed = draft(Action::change, {}, wished);
  CHECK_FALSE(rests(changed, known));
  auto reset = same;
  reset.after.emplace(config("segment.ms"), plans::WishField{std::nullopt, ""});
  CHECK_FALSE(rests(reset, known));
  reset.before->observed = observed_value(topic(3, {{"retention.ms", "1000"}}));
  CHECK(rests(reset, known));
}

TEST_CASE("a wish that says the id of a topic made anew takes it, and no other") {
  auto wished = wish({{"spec.partitions", 3}});
  auto taking = wished;
  taking["status.topicId"] = plans::WishField{Value("id-2"), ""};
  auto taken = draft(Action::change, wished, taking);
  judge_live(taken, around(topic(3, {}, "id-2")));
  CHECK_FALSE(taken.refusal);
  CHECK(taken.after == wished);
  CHECK(adopted_topic_id(taken) == "id-2");
  CHECK(taken.fields.at(0).from == Value("id-1"));
  CHECK(taken.risk == plans::Risk::high);
  auto late = draft(Action::change, wished, taking);
  judge_live(late, around(topic(3, {}, "id-3")));
  CHECK(late.refusal->reason == "PLAN_STALE");
}

TEST_CASE("a deletion says how many records go, and one that was empty stays empty until it is applied") {
  auto wished = wish({});
  auto full = draft(Action::remove, wished, wished);
  judge_departure(full, 5);
  CHECK(may_hold_data(full));
  CHECK(full.notes.at(0) == "the topic holds up to 5 records now");
  auto unknown = draft(Action::remove, wished, wished);
  judge_departure(unknown, std::nullopt);
  CHECK(may_hold_data(unknown));
  auto empty = draft(Action::remove, wished, wished);
  judge_departure(empty, 0);
  CHECK_FALSE(may_hold_data(empty));
  judge_departure_again(empty, 0);
  CHECK_FALSE(empty.refusal);
  judge_departure_again(empty, 1);
  CHECK(empty.refusal->reason == "PLAN_STALE");
  judge_departure_again(full, 9);
  CHECK_FALSE(full.refusal);
}

TEST_CASE("a reset of the retention is critical where the broker keeps less, and counts what goes") {
  auto reset = [] {
    return draft(Action::change, wish({{"spec.retention", 5 * 86'400'000}}), wish({{"spec.retention", std::nullopt}}));
  };
  auto where = around(topic(3, {{"retention.ms", "432000000"}}));
  struct Row {
    const char* what;
    BrokerDefaults defaults;
    plans::Risk risk;
    std::optional<std::int64_t> cut;
  };
  for (auto& row : std::vector<Row>{{"less", {3'600'000, -1, "delete"}, plans::Risk::critical, 3'600'000},
                                    {"more", {7 * 86'400'000, -1, "delete"}, plans::Risk::low, std::nullopt},
                                    {"not known", {}, plans::Risk::critical, std::nullopt}}) {
    INFO(row.what);
    auto draft = reset();
    CHECK(needs_defaults(draft));
    where.defaults = row.defaults;
    auto decision = judge_live(draft, where);
    CHECK(draft.risk == row.risk);
    CHECK(retention_cut(decision, *where.live, row.defaults) == row.cut);
  }
}

TEST_CASE("Kafka's rules are told at plan") {
  auto many = draft(Action::create, {}, wish({{"spec.replication", 4}}));
  judge_live(many, around(std::nullopt, std::nullopt));
  CHECK(many.refusal->reason == "STREAM_REPLICATION");
  CHECK(many.refusal->code == Code::impossible);

  auto collides = draft(Action::create, {}, {});
  auto surroundings = around(std::nullopt, std::nullopt);
  surroundings.collides = "or.ders";
  judge_live(collides, surroundings);
  CHECK(collides.refusal->reason == "STREAM_COLLISION");

  auto shrinks = draft(Action::change, wish({{"spec.partitions", 3}}), wish({{"spec.partitions", 2}}));
  judge_live(shrinks, around(topic()));
  CHECK(shrinks.refusal->reason == "STREAM_SHRINK");
  CHECK(shrinks.refusal->code == Code::impossible);

  auto replicates = draft(Action::change, wish({{"spec.replication", 1}}), wish({{"spec.replication", 2}}));
  judge_live(replicates, around(topic()));
  CHECK(replicates.refusal->code == Code::impossible);

  auto renamed = draft(Action::change, {}, wish({{"spec.topic", "other"}}));
  judge_live(renamed, around(topic()));
  CHECK(renamed.violations.at(0).field == "spec.topic");
}

TEST_CASE("what would be written to an observed cluster cannot be applied, the rest can") {
  auto observed = [](std::optional<LiveTopic> live, std::optional<Memory> memory = known) {
    auto where = around(std::move(live), std::move(memory));
    where.mode = clusters::Mode::observe;
    return where;
  };
  auto created = draft(Action::create, {}, {});
  judge_live(created, observed(std::nullopt, std::nullopt));
  REQUIRE(created.apply_refusal);
  CHECK(created.apply_refusal->reason == "CLUSTER_OBSERVED");
  CHECK(created.apply_refusal->next.find("edactl cluster manage prod") != std::string::npos);

  auto described = draft(Action::change, {}, wish({{"spec.description", "x"}}));
  judge_live(described, observed(topic()));
  CHECK_FALSE(described.apply_refusal);

  auto grown = draft(Action::change, wish({{"spec.partitions", 3}}), wish({{"spec.partitions", 6}}));
  judge_live(grown, observed(topic()));
  CHECK(grown.apply_refusal);

  auto adopted = draft(Action::adopt, {}, wish({{"spec.partitions", 3}, {"spec.replication", 1}}));
  judge_live(adopted, observed(topic(), std::nullopt));
  CHECK_FALSE(adopted.apply_refusal);
  CHECK_FALSE(adopted.refusal);
  CHECK(adopted_topic_id(adopted) == "id-1");
}

TEST_CASE("a reset is a change only where the topic has an override") {
  auto reset = wish({{config("segment.ms"), std::nullopt}});
  auto overridden = draft(Action::unchanged, {}, reset);
  judge_live(overridden, around(topic(3, {{"segment.ms", "1"}})));
  CHECK(overridden.action == Action::change);
  CHECK(overridden.fields.at(0).from == Value("1"));
  CHECK_FALSE(overridden.fields.at(0).to);
  auto plain = draft(Action::unchanged, {}, reset);
  judge_live(plain, around(topic()));
  CHECK(plain.action == Action::unchanged);
}

TEST_CASE("a plan of the same manifest mends what drifted, with the right risk") {
  auto wished = wish({{"spec.retention", 1000}, {"spec.partitions", 6}});
  auto drifted = draft(Action::unchanged, wished, wished);
  judge_live(drifted, around(topic(3, {{"retention.ms", "5000"}})));
  CHECK(drifted.action == Action::change);
  CHECK(drifted.fields.size() == 2);
  CHECK(drifted.risk == plans::Risk::critical);  // 5 s to 1 s
  auto vanished = draft(Action::unchanged, wished, wished);
  judge_live(vanished, around(std::nullopt));
  CHECK(vanished.action == Action::change);
  CHECK(makes_anew(vanished));
}

TEST_CASE("retention that was not managed is compared with what the topic has") {
  auto cut = draft(Action::change, {}, wish({{"spec.retention", 3'600'000}}));
  judge_live(cut, around(topic()));
  CHECK(cut.risk == plans::Risk::critical);
  CHECK(cut.fields.at(0).from == Value(604'800'000));
  auto kept = draft(Action::change, {}, wish({{"spec.retention", 604'800'000}}));
  judge_live(kept, around(topic()));
  CHECK(kept.risk < plans::Risk::critical);
  CHECK_FALSE(kept.fields.at(0).from);
}

TEST_CASE("a topic made anew by hand stops what concerns it, and is only told otherwise") {
  auto other = topic(3, {}, "id-2");
  auto described = draft(Action::change, {}, wish({{"spec.description", "x"}}));
  judge_live(described, around(other));
  CHECK_FALSE(described.refusal);
  CHECK(described.notes.size() == 1);
  auto grown = draft(Action::change, wish({{"spec.partitions", 3}}), wish({{"spec.partitions", 6}}));
  judge_live(grown, around(other));
  CHECK(grown.refusal->reason == "TOPIC_RECREATED");
}

TEST_CASE("unknown keys come with the nearest that the brokers know") {
  auto typo = draft(Action::create, {}, wish({{config("retenton.ms"), "1"}}));
  judge_keys(typo, {"retention.ms", "segment.ms"});
  REQUIRE(typo.violations.size() == 1);
  CHECK(typo.violations[0].field == config("retenton.ms"));
  CHECK(typo.violations[0].hint.find("retention.ms") != std::string::npos);
}

TEST_CASE("a broker's refusal lands on the field that it names") {
  auto refused = draft(Action::create, {}, wish({{"spec.retention", 1}, {config("segment.ms"), "x"}}));
  judge_refusal(refused,
                Error(Code::invalid, "CONFIG_INVALID", "Invalid value x for configuration segment.ms", "correct it"),
                clusters::Mode::manage);
  REQUIRE(refused.violations.size() == 1);
  CHECK(refused.violations[0].field == config("segment.ms"));
  auto denied = draft(Action::create, {}, {});
  judge_refusal(denied, Error(Code::denied, "TOPIC_DENIED", "denied", "grant"), clusters::Mode::manage);
  CHECK(denied.refusal->code == Code::refused);
  auto observed = draft(Action::create, {}, {});
  judge_refusal(observed, Error(Code::denied, "TOPIC_DENIED", "denied", "grant"), clusters::Mode::observe);
  CHECK_FALSE(observed.refusal);
  CHECK(observed.notes.size() == 1);
}

TEST_CASE("the document of a topic says exactly what it is") {
  auto document =
      document_of(topic(3, {{"retention.ms", "1000"}, {"segment.ms", "1"}, {"cleanup.policy", "delete,compact"}}),
                  "prod", "checkout");
  std::map<std::string, Value> said;
  for (auto& [path, field] : document.fields) said.emplace(path, *field.value);
  CHECK(said == std::map<std::string, Value>{{"metadata.team", "checkout"},
                                             {"spec.partitions", 3},
                                             {"spec.replication", 1},
                                             {"spec.retention", 1000},
                                             {"spec.cleanup", "compact,delete"},
                                             {config("segment.ms"), "1"}});
}
