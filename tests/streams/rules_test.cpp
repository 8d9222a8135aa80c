// What a Stream may say, and what its configs mean.

#include <catch2/catch.hpp>

#include "streams/streams.h"

using namespace eda;
using namespace eda::streams;
using plans::FieldChange;
using plans::Risk;

namespace {

plans::Wish wish(const std::map<std::string, std::optional<Value>>& fields) {
  plans::Wish wish;
  for (auto& [path, value] : fields) wish.emplace(path, plans::WishField{value, "default"});
  return wish;
}

std::string config(const std::string& key) {
  return plans::keyed_path("spec.config", key);
}

constexpr std::int64_t day = 86'400'000;

}  // namespace

TEST_CASE("a stream's name is a topic's") {
  for (auto* good : {"orders.placed", "a", "A_b-c.9"}) CHECK_FALSE(stream_rules().name_fault(good));
  for (auto* bad : {"", ".", "..", "a b", "bestellungen-ä", "a/b"}) CHECK(stream_rules().name_fault(bad));
  CHECK(stream_rules().name_fault(std::string(250, 'a')));
}

TEST_CASE("one key is said once, typed or in spec.config") {
  auto violations = stream_rules().judge("s", wish({{"spec.retention", 7 * day}, {config("retention.ms"), "1"}}));
  REQUIRE(violations.size() == 1);
  CHECK(violations[0].field == config("retention.ms"));
  CHECK(stream_rules().judge("s", wish({{"spec.retention", 7 * day}, {config("segment.ms"), "1"}})).empty());
  CHECK(stream_rules().judge("s", wish({{"spec.topic", "a b"}})).size() == 1);
}

TEST_CASE("the wished config is typed fields and spec.config together, resets among them") {
  auto wished = wished_config(wish({{"spec.retention", 7 * day},
                                    {"spec.retentionSize", std::nullopt},
                                    {"spec.cleanup", "compact"},
                                    {"spec.partitions", 3},
                                    {config("min.insync.replicas"), "2"}}));
  CHECK(wished == WishedConfig{{"retention.ms", "604800000"},
                               {"retention.bytes", std::nullopt},
                               {"cleanup.policy", "compact"},
                               {"min.insync.replicas", "2"}});
}

TEST_CASE("a config value of the broker finds its field, and one that fits no typed field goes to spec.config") {
  CHECK(field_value("retention.ms", "-1").value == Value(-1));
  CHECK(field_value("retention.ms", "604800000").path == "spec.retention");
  CHECK(field_value("cleanup.policy", "delete,compact").value == Value("compact,delete"));
  CHECK(field_value("cleanup.policy", "").path == config("cleanup.policy"));
  CHECK(field_value("segment.ms", "1").path == config("segment.ms"));
}

TEST_CASE("texts that brokers hold for the same are the same") {
  struct Row {
    const char *a, *b;
    bool same;
  };
  for (auto& row : {Row{"1", "1", true}, Row{"0.10", "0.1", true}, Row{"compact,delete", "delete, compact", true},
                    Row{"TRUE", "true", true}, Row{"1", "2", false}, Row{"9007199254740993", "9007199254740992", false},
                    Row{"gzip", "lz4", false}, Row{"true", "false", false}, Row{"", "1", false}}) {
    INFO(row.a << " and " << row.b);
    CHECK(same_config(row.a, row.b) == row.same);
  }
}

TEST_CASE("risk: growth and publishing are high, what loses records critical, the rest moderate") {
  struct Row {
    FieldChange change;
    Risk risk;
  };
  std::vector<Row> rows{
      {{"spec.partitions", Value(3), Value(6)}, Risk::high},
      {{"spec.visibility", Value("protected"), Value("public")}, Risk::high},
      {{"spec.visibility", Value("public"), Value("private")}, Risk::moderate},
      {{"spec.retention", Value(30 * day), Value(7 * day)}, Risk::critical},
      {{"spec.retention", Value(-1), Value(7 * day)}, Risk::critical},
      {{"spec.retention", Value(7 * day), Value(30 * day)}, Risk::moderate},
      {{"spec.retention", Value(7 * day), Value(-1)}, Risk::moderate},
      {{"spec.retention", Value(30 * day), std::nullopt}, Risk::critical},
      {{"spec.retention", Value(1 * day), std::nullopt}, Risk::moderate},
      {{config("retention.ms"), Value("604800000"), Value("3600000")}, Risk::critical},
      {{"spec.retentionSize", Value(-1), Value(1000)}, Risk::critical},
      {{"spec.retentionSize", Value(1000), std::nullopt}, Risk::moderate},
      {{config("retention.bytes"), Value("2000"), Value("1000")}, Risk::critical},
      {{"spec.cleanup", Value("compact"), Value("delete")}, Risk::critical},
      {{"spec.cleanup", Value("delete"), Value("compact")}, Risk::critical},
      {{"spec.cleanup", Value("compact,delete"), Value("delete")}, Risk::moderate},
      {{config("min.insync.replicas"), Value("1"), Value("2")}, Risk::moderate},
      {{"spec.description", Value("a"), Value("b")}, Risk::moderate},
  };
  for (auto& row : rows) {
    INFO(row.change.path);
    CHECK(stream_rules().risk(row.change) == row.risk);
  }
}

TEST_CASE("a reset is judged by the broker's own default, and by the worst where that is not known") {
  auto at_stake = [](const BrokerDefaults& defaults, const std::string& key, const std::string& from) {
    return data_at_stake(key, from, std::nullopt, defaults).value_or("");
  };
  BrokerDefaults hour{3'600'000, -1, "compact"};
  CHECK(at_stake(hour, "retention.ms", std::to_string(day)) ==
        "what is kept falls from 1d to the broker's default, 1h");
  CHECK(at_stake(hour, "retention.ms", "1000").empty());
  CHECK(at_stake(hour, "retention.bytes", "1000").empty());
  CHECK(at_stake(hour, "cleanup.policy", "delete") == "only the newest record of each key will stay");
  CHECK(at_stake({}, "retention.ms", std::to_string(day)) ==
        "the broker's default could not be learnt and may keep less than 1d");
  CHECK(at_stake({-1, -1, "delete"}, "retention.ms", std::to_string(400 * day)).empty());
}

TEST_CASE("a broker's default retention is said in its finest unit") {
  auto kept = [](const std::map<std::string, std::string>& config) { return defaults_in(config).retention_ms; };
  CHECK(kept({{"log.retention.hours", "168"}}) == 7 * day);
  CHECK(kept({{"log.retention.hours", "168"}, {"log.retention.minutes", "90"}}) == 5'400'000);
  CHECK(kept({{"log.retention.hours", "168"}, {"log.retention.minutes", "90"}, {"log.retention.ms", "1000"}}) == 1000);
  CHECK(kept({{"log.retention.hours", "-1"}}) == -1);
  CHECK(kept({}) == std::nullopt);
  CHECK(defaults_in({{"log.retention.bytes", "7"}}).retention_bytes == 7);
}

TEST_CASE("protection is on unless a manifest says otherwise") {
  CHECK(plans::is_protected(stream_rules(), {}));
  CHECK_FALSE(plans::is_protected(stream_rules(), wish({{"metadata.deletionProtection", false}})));
}
