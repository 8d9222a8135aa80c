#include "registry/schema/json_text.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

using namespace eda;
using namespace eda::registry;

namespace {

std::string fault_of(std::string_view text) {
  auto read = parse_json(text, 10);
  return read ? "none" : fmt::format("{}: {}", read.error().at.text(), read.error().message);
}

}  // namespace

TEST_CASE("JSON is read with its places and written back as it was spelt") {
  auto read = parse_json("\xEF\xBB\xBF{\n  \"ä\": [1.10, true],\n  \"b\": \"x\\u00e4\\ud83d\\ude00\\n\"}\r\n", 10);
  REQUIRE(read);
  CHECK(read->compact() == R"({"ä":[1.10,true],"b":"xä😀\n"})");
  CHECK(read->members[0].at().text() == "2:3");
  CHECK(read->find("ä")->items[1].at().text() == "2:15");
  CHECK(read->find("b")->at().text() == "3:8");
  CHECK(read->find("c") == nullptr);
}

TEST_CASE("of a name that stands twice the last value counts, at the first one's place") {
  CHECK(parse_json(R"({"a":1,"b":2,"a":3,"a":4})", 10)->compact() == R"({"a":4,"b":2})");
}

TEST_CASE("a fault in JSON is told with its place") {
  CHECK(fault_of("") == "1:1: there is no JSON in it");
  CHECK(fault_of("{\"a\": tru}") == "1:7: a JSON value does not begin with t");
  CHECK(fault_of("[1,\n 2") == "2:3: a , or ] is missing: here is the end of the text");
  CHECK(fault_of("{\"a\" 1}") == "1:6: a : is missing after the name: here is 1");
  CHECK(fault_of("[01]") == "1:3: a number begins with 0 and goes on");
  CHECK(fault_of("1 2") == "1:3: something follows the end of the JSON value");
  CHECK(fault_of("\"a\nb\"") == "1:3: a control character or line end stands in a string");
  CHECK(fault_of("\"\\ud83d\"") == "1:8: half of a surrogate pair stands alone");
  CHECK(fault_of("[\"\xff\"]") == "1:3: here is a byte that is no UTF-8");
  CHECK(fault_of("[[[[[[[[[[[[]]]]]]]]]]]]") == "1:12: values are nested more than 10 deep");
}

TEST_CASE("numbers are compared exactly") {
  CHECK(compare_numbers("1.0", "10e-1") == 0);
  CHECK(compare_numbers("-0", "0.0e5") == 0);
  CHECK(compare_numbers("9007199254740993", "9007199254740992") == 1);
  CHECK(compare_numbers("-2", "1") == -1);
  CHECK(compare_numbers("-2", "-10") == 1);
  CHECK(compare_numbers("0.1", "0.01") == 1);
  CHECK(compare_numbers("1e400", "1e401") == -1);
  CHECK(whole_number("1.0"));
  CHECK(whole_number("120e-1"));
  CHECK_FALSE(whole_number("12.5"));
}
