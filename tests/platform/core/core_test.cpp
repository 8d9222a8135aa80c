#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "platform/core/error.h"
#include "platform/core/name.h"
#include "platform/core/page.h"
#include "platform/core/secret.h"
#include "platform/core/strong.h"
#include "platform/core/time.h"
#include "platform/core/value.h"

using namespace eda;

TEST_CASE("a position is written as far as it is known") {
  CHECK(Position{"a.yaml", 3, 7}.text() == "a.yaml:3:7");
  CHECK(Position{"a.yaml", 3, 0}.text() == "a.yaml:3");
  CHECK(Position{"a.yaml", 0, 0}.text() == "a.yaml");
  CHECK_FALSE(Position{"a.yaml", 0, 0}.known());
}

TEST_CASE("every code has a name of its own") {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Code::internal); ++code) names.insert(code_name(static_cast<Code>(code)));
  CHECK(names.size() == static_cast<std::size_t>(Code::internal) + 1);
}

namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Error(Code::invalid, "ODD", "odd", "be even").with("number", std::to_string(n)));
  return n / 2;
}

Result<int> quarter(int n) {
  EDA_ASSIGN(int first, half(n));
  EDA_TRY(half(first));
  return first / 2;
}

}  // namespace

TEST_CASE("an error leaves through EDA_TRY and EDA_ASSIGN unchanged") {
  CHECK(*quarter(8) == 2);
  CHECK(quarter(7).error().facts.at("number") == "7");
  CHECK(quarter(6).error().facts.at("number") == "3");
  CHECK(quarter(6).error().next == "be even");
}

TEST_CASE("references are read and written the same way") {
  for (std::string text : {"team/checkout", "stream/orders.placed", "stream/prod/orders.placed"}) {
    auto ref = parse_ref(text);
    REQUIRE(ref);
    CHECK(ref->text() == text);
  }
  CHECK(parse_ref("stream/prod/orders")->cluster == "prod");
  for (std::string text : {"", "team", "team/", "/checkout", "a//b", "a/b/", "a/b/c/d"}) {
    INFO(text);
    auto ref = parse_ref(text);
    REQUIRE_FALSE(ref);
    CHECK(ref.error().reason == "REF_SYNTAX");
  }
}

TEST_CASE("topic names follow Kafka's rules") {
  for (std::string name : {"orders.placed", "a", "A_b-9", "..."}) CHECK_FALSE(topic_name_fault(name).has_value());
  CHECK_FALSE(topic_name_fault(std::string(249, 'x')).has_value());
  for (std::string name : {"", ".", "..", "a b", "é", "a/b", "a\n"}) CHECK(topic_name_fault(name).has_value());
  CHECK(topic_name_fault(std::string(250, 'x')) == "the name has 250 characters; Kafka allows 249");
}

TEST_CASE("topic names collide where Kafka's metrics cannot tell them apart") {
  CHECK(topic_names_collide("a.b", "a_b"));
  CHECK(topic_names_collide("a.b", "a.b"));
  CHECK_FALSE(topic_names_collide("a.b", "a-b"));
  CHECK_FALSE(topic_names_collide("a.b", "a.bc"));
}

TEST_CASE("instants are written in RFC 3339 and read back") {
  auto at = [](std::int64_t micros) { return Instant(std::chrono::microseconds(micros)); };
  CHECK(to_rfc3339(at(0)) == "1970-01-01T00:00:00Z");
  CHECK(to_rfc3339(at(1'500'000)) == "1970-01-01T00:00:01.500Z");
  CHECK(to_rfc3339(at(1'000'001)) == "1970-01-01T00:00:01.000001Z");
  CHECK(from_rfc3339("2026-11-21T10:00:00+02:00") == from_rfc3339("2026-11-21T08:00:00Z"));
  CHECK(from_rfc3339("2026-11-21T08:00:00.123456789Z") == from_rfc3339("2026-11-21T08:00:00.123456Z"));
  for (std::string bad : {"", "2026-11-21", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z",
                          "2026-11-21T08:00:00", "2026-11-21T08:00:00.Z", "2026-11-21T08:00:00Zx"}) {
    INFO(bad);
    CHECK_FALSE(from_rfc3339(bad).has_value());
  }
  std::mt19937_64 random(3);
  for (int i = 0; i < 10'000; ++i) {
    Instant instant = at(static_cast<std::int64_t>(random() % 253'000'000'000'000'000ull));
    REQUIRE(from_rfc3339(to_rfc3339(instant)) == instant);
  }
}

TEST_CASE("a page has at least one row and at most the limit") {
  CHECK(PageRequest{0, ""}.limit() == default_page_size);
  CHECK(PageRequest{7, ""}.limit() == 7);
  CHECK(PageRequest{100'000, ""}.limit() == max_page_size);
}

TEST_CASE("values of different shapes are never equal") {
  CHECK(Value(1) == Value(1));
  CHECK_FALSE(Value(1) == Value(1.0));
  CHECK_FALSE(Value("1") == Value(1));
  CHECK_FALSE(Value() == Value(false));
  CHECK(Value(Value::List{Value(1), Value("a")}) == Value(Value::List{Value(1), Value("a")}));
}

TEST_CASE("a secret gives its value only when asked by name") {
  Secret secret("hunter2");
  CHECK(secret.reveal() == "hunter2");
  CHECK_FALSE(std::is_convertible_v<Secret, std::string>);
  CHECK(Secret().empty());
}

TEST_CASE("strong names of two kinds do not mix") {
  using TeamName = Strong<struct TeamTag, std::string>;
  using UserName = Strong<struct UserTag, std::string>;
  CHECK_FALSE(std::is_convertible_v<TeamName, UserName>);
  CHECK(TeamName("a") < TeamName("b"));
}
