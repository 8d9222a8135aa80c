#include "platform/text/json.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "platform/core/limits.h"

using namespace eda;
using namespace eda::text;

TEST_CASE("JSON keeps integers and decimals apart") {
  auto read = from_json(R"({"b": [1, 1.0, -2, 1e3, true, null, "é\n"], "a": {}})");
  REQUIRE(read);
  CHECK(to_json(*read) == R"({"a":{},"b":[1,1.0,-2,1000.0,true,null,"é\n"]})");
  const Value::List& list = *read->as_map()->at("b").as_list();
  CHECK(list[0].as_int() != nullptr);
  CHECK(list[1].as_double() != nullptr);
}

TEST_CASE("bad JSON is refused at its place") {
  struct Row {
    std::string text;
    std::string reason;
    std::string message;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"", "JSON_SYNTAX", "the JSON ends too early, at line 1, column 1"},
           {"[1,2", "JSON_SYNTAX", "the JSON ends too early, at line 1, column 5"},
           {"{\n\"é\": x}", "JSON_SYNTAX", "this is no JSON at line 2, column 6"},
           {"[1,]", "JSON_SYNTAX", "this is no JSON at line 1, column 4"},
           {"[1] x", "JSON_SYNTAX", "this is no JSON at line 1, column 5"},
           {"\"\xff\"", "JSON_SYNTAX", "this is no JSON at line 1, column 2"},
           {R"({"a":1,"a":2})", "JSON_SYNTAX", "the key \"a\" stands twice"},
           {"9223372036854775808", "JSON_SYNTAX", "the number 9223372036854775808 does not fit in 64 bits"},
           {"123456789012345678901", "JSON_SYNTAX", "the number 123456789012345678901 does not fit in 64 bits"},
           {std::string(limits::nesting + 1, '['), "JSON_TOO_DEEP", "the JSON is nested deeper than 32 levels"},
           {std::string(1u << 20, '['), "JSON_TOO_DEEP", "the JSON is nested deeper than 32 levels"}}) {
    INFO(row.text.substr(0, 60));
    auto read = from_json(row.text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::invalid);
    CHECK(read.error().reason == row.reason);
    CHECK(read.error().message == row.message);
  }
}

TEST_CASE("nesting up to the limit is read") {
  std::string deepest = std::string(limits::nesting, '[') + std::string(limits::nesting, ']');
  auto read = from_json(deepest);
  REQUIRE(read);
  CHECK(to_json(*read) == deepest);
}

namespace {

Value any_value(std::mt19937& random, int depth) {
  switch (random() % (depth > 0 ? 7 : 5)) {
    case 0:
      return Value();
    case 1:
      return Value(random() % 2 == 0);
    case 2:
      return Value(static_cast<std::int64_t>((static_cast<std::uint64_t>(random()) << 32) | random()));
    case 3:
      return Value(std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 80) - 40));
    case 4: {
      std::string text;
      for (auto left = random() % 8; left > 0; --left) text += static_cast<char>(random() % 128);
      return Value(text + "é");
    }
    case 5: {
      Value::List list;
      for (auto left = random() % 4; left > 0; --left) list.push_back(any_value(random, depth - 1));
      return Value(std::move(list));
    }
    default: {
      Value::Map map;
      for (auto left = random() % 4; left > 0; --left)
        map.emplace(std::to_string(random() % 9), any_value(random, depth - 1));
      return Value(std::move(map));
    }
  }
}

}  // namespace

TEST_CASE("what is written as JSON is read back equal") {
  std::mt19937 random(11);
  for (int i = 0; i < 3'000; ++i) {
    Value value = any_value(random, 4);
    auto read = from_json(to_json(value));
    REQUIRE(read);
    REQUIRE(*read == value);
  }
}

TEST_CASE("invalid UTF-8 in a value does not break its JSON") {
  CHECK(to_json(Value("a\xff")) == "\"a\uFFFD\"");
}
