#include "plans/kind.h"

#include <catch2/catch.hpp>
#include <random>

#include "platform/core/limits.h"
#include "tests/plans/small_kinds.h"

using namespace eda;
using namespace eda::plans;
using namespace eda::plans::test;

TEST_CASE("a keyed path keeps any key") {
  CHECK(keyed_path("spec.config", "min.insync.replicas") == "spec.config[\"min.insync.replicas\"]");
  CHECK(keyed_path("spec.config", "a\"b\\c") == "spec.config[\"a\\\"b\\\\c\"]");
  std::mt19937 random(5);
  for (int i = 0; i < 5'000; ++i) {
    std::string key;
    for (auto left = 1 + random() % 6; left > 0; --left) key += "ab.\"\\[]é "[random() % 9];
    std::string path = keyed_path("spec.config", key);
    auto split = split_path(path);
    REQUIRE(split.field == "spec.config");
    REQUIRE(split.key == key);
  }
}

TEST_CASE("what is no keyed path is a plain one") {
  for (std::string path : {"spec.partitions", "spec.config[", "spec.config[\"a", "spec.config[\"a\"b\"]",
                           "spec.config[\"a\\\"]", "spec.config[\"\"]x", ""}) {
    CHECK(split_path(path).field == path);
    CHECK(split_path(path).key.empty());
  }
}

TEST_CASE("a path leads to its row of the table") {
  CHECK(stream_kind.field("spec.partitions")->type == FieldType::integer);
  CHECK(stream_kind.field("spec.config[\"retention.ms\"]")->type == FieldType::text_map);
  CHECK(stream_kind.field("spec.config")->path == "spec.config");
  CHECK(stream_kind.field("metadata.team")->refers == "team");
  CHECK(stream_kind.field("metadata.labels[\"tier\"]")->path == "metadata.labels");
  CHECK(stream_kind.field("spec.partitions[\"x\"]") == nullptr);
  CHECK(stream_kind.field("spec.partition") == nullptr);
  CHECK(stream_kind.field("spec") == nullptr);
  CHECK(stream_kind.field("") == nullptr);
}

TEST_CASE("kinds are found by each of their words, and ordered by rank") {
  Kinds kinds = small_kinds();
  for (std::string word : {"Stream", "stream", "streams", "STREAMS"}) CHECK(kinds.find(word) == &stream_kind);
  CHECK(kinds.find("stream ") == nullptr);
  CHECK(kinds.find("") == nullptr);
  CHECK(kinds.all() == std::vector<const KindRules*>{&team_kind, &cluster_kind, &stream_kind});
  CHECK(kinds.words() == std::vector<std::string>{"team", "teams", "cluster", "clusters", "stream", "streams"});
}

TEST_CASE("values are written as people write them") {
  auto written = [](std::string_view path, Value value) { return value_text(*stream_kind.field(path), value); };
  CHECK(written("spec.retention", Value(604'800'000)) == "7d");
  CHECK(written("spec.retention", Value(-1)) == "unlimited");
  CHECK(written("spec.retentionSize", Value(524'288'000)) == "500MiB");
  CHECK(written("spec.partitions", Value(12)) == "12");
  CHECK(written("metadata.deletionProtection", Value(false)) == "false");
  CHECK(written("spec.topic", Value("orders")) == "orders");
  CHECK(value_text(*cluster_kind.field("spec.bootstrap"), Value(Value::List{Value("a:1"), Value("b:2")})) ==
        "a:1, b:2");
}

TEST_CASE("a value is judged by its row") {
  struct Row {
    const KindRules& kind;
    std::string path;
    Value value;
    std::string message;  // empty: good
    std::string hint;
  };
  const std::string long_text(limits::text_bytes + 1, 'x');
  for (const Row& row : std::initializer_list<Row>{
           {stream_kind, "spec.partitions", Value(1), "", ""},
           {stream_kind, "spec.partitions", Value(-3), "-3 is too small; 1 is the least", ""},
           {stream_kind, "spec.partitions", Value(10'001), "10001 is too large; 10000 is the most", ""},
           {stream_kind, "spec.partitions", Value("12"), "a whole number is wanted", ""},
           {stream_kind, "spec.partitions", Value(1.5), "a whole number is wanted", ""},
           {stream_kind, "spec.partitions", Value(), "a whole number is wanted", ""},
           {stream_kind, "spec.retention", Value(-1), "", ""},
           {stream_kind, "spec.retention", Value(-2), "-2ms is too small; unlimited is the least", ""},
           {stream_kind, "spec.grace", Value(-1), "unlimited is not possible here; 1s is the least", ""},
           {stream_kind, "spec.grace", Value(999), "999ms is too small; 1s is the least", ""},
           {stream_kind, "spec.grace", Value(90'000'000), "1d1h is too large; 1d is the most", ""},
           {stream_kind, "spec.cleanup", Value("compact,delete"), "", ""},
           {stream_kind, "spec.cleanup", Value("delte"),
            "\"delte\" is none of \"delete\", \"compact\" and \"compact,delete\"", "did you mean \"delete\"?"},
           {stream_kind, "spec.cleanup", Value("x"), "\"x\" is none of \"delete\", \"compact\" and \"compact,delete\"",
            ""},
           {stream_kind, "spec.description", Value("two\nlines\tand é"), "", ""},
           {stream_kind, "spec.description", Value("bell\x07"), "the text holds the control character U+0007",
            "leave it out"},
           {stream_kind, "spec.description", Value(std::string("a\0b", 3)),
            "the text holds the control character U+0000", "leave it out"},
           {stream_kind, "spec.description", Value("a\xff"), "the text holds the invalid byte 0xFF", "leave it out"},
           {stream_kind, "spec.description", Value(long_text), "the text has 4097 bytes; 4096 is the most",
            "shorten it"},
           {stream_kind, "metadata.team", Value("../x"), "the name holds \"/\"; letters, digits and . _ - are allowed",
            ""},
           {stream_kind, "metadata.deletionProtection", Value("true"), "true or false is wanted", ""},
           {stream_kind, "spec.config[\"a.b\"]", Value("2"), "", ""},
           {stream_kind, "spec.config[\"a.b\"]", Value(2), "text is wanted for each key", ""},
           {stream_kind, "spec.config", Value("2"), "a key is missing", "each entry has a name of its own"},
           {stream_kind, "spec.config[\"a\nb\"]", Value("2"),
            "the key holds a line break or another invisible character", ""},
           {stream_kind, "spec.config[\"a\u202eb\"]", Value("2"),
            "the key holds a line break or another invisible character", ""},
           {stream_kind, "spec.config[\"a\x1b\"]", Value("2"), "the key holds the control character U+001B", ""},
           {stream_kind, keyed_path("spec.config", std::string(256, 'k')), Value("2"),
            "the key has 256 bytes; 255 is the most", ""},
           {stream_kind, "metadata.labels[\"a b\"]", Value("2"),
            "this is no label: the name holds \" \"; letters, digits and . _ - are allowed", ""},
           {stream_kind, "metadata.annotations[\"shop.example/a b\"]", Value("2"), "", ""},
           {team_kind, "spec.members[\"ada\"]", Value("lead"), "", ""},
           {team_kind, "spec.members[\"ada\"]", Value("leed"), "\"leed\" is none of \"member\" and \"lead\"",
            "did you mean \"lead\"?"},
           {cluster_kind, "spec.bootstrap", Value(Value::List{Value("a:1")}), "", ""},
           {cluster_kind, "spec.bootstrap", Value("a:1"), "a list of texts is wanted", ""},
           {cluster_kind, "spec.bootstrap", Value(Value::List{Value(1)}), "an item of the list is no text",
            "put it in quotes"},
           {cluster_kind, "spec.bootstrap", Value(Value::List(1'001, Value("a"))),
            "the list has 1001 items; 1000 is the most", ""}}) {
    INFO(row.path);
    const Field* field = row.kind.field(row.path);
    REQUIRE(field != nullptr);
    auto fault = check_value(*field, row.path, row.value);
    CHECK((fault ? fault->message : "") == row.message);
    if (!fault) continue;
    CHECK(fault->hint == row.hint);
    CHECK(fault->field == row.path);
  }
}

TEST_CASE("references are read from the fields that refer") {
  Wish wish{{"metadata.team", {Value("checkout"), "default"}},
            {"metadata.domain", {Value("sales"), "default"}},
            {"spec.mirrors", {Value("carts"), "default"}}};
  auto found = references(stream_kind, wish, "prod");
  REQUIRE(found.size() == 2);
  CHECK(found[0].field == "metadata.team");
  CHECK(found[0].to.text() == "team/checkout");
  CHECK(found[1].to.text() == "stream/prod/carts");
  wish["spec.mirrors"].value = Value("test/carts");
  CHECK(references(stream_kind, wish, "prod")[1].to.text() == "stream/test/carts");
  wish["spec.mirrors"].value.reset();
  CHECK(references(stream_kind, wish, "prod").size() == 1);
}
