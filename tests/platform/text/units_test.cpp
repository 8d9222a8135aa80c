#include "platform/text/units.h"

#include <catch2/catch.hpp>
#include <random>

using namespace eda;
using namespace eda::text;

namespace {

struct Good {
  std::string_view text;
  std::int64_t value;
};
struct Bad {
  std::string_view text;
  std::string_view why;
};

}  // namespace

TEST_CASE("durations are read as people write them") {
  for (const Good& row : std::initializer_list<Good>{{"7d", 604'800'000},
                                                     {"36h", 129'600'000},
                                                     {"1h30m", 5'400'000},
                                                     {"500ms", 500},
                                                     {"2w", 1'209'600'000},
                                                     {"1w1d1h1m1s1ms", 694'861'001},
                                                     {"0s", 0},
                                                     {"unlimited", -1},
                                                     {"9223372036854775807ms", INT64_MAX}}) {
    INFO(row.text);
    auto read = parse_duration_ms(row.text);
    REQUIRE(read);
    CHECK(*read == row.value);
  }
}

TEST_CASE("what is no duration is refused with the reason and the way out") {
  for (const Bad& row : std::initializer_list<Bad>{
           {"", "\"\" is no duration: it is empty"},
           {"7", "\"7\" is no duration: a bare number has no unit"},
           {"1h7", "\"1h7\" is no duration: a bare number has no unit"},
           {"-1", "\"-1\" is no duration: a whole number is wanted before each unit"},
           {"d", "\"d\" is no duration: a whole number is wanted before each unit"},
           {"7 d", "\"7 d\" is no duration: a whole number is wanted before each unit"},
           {"1.5h", "\"1.5h\" is no duration: a whole number is wanted before each unit"},
           {"7D", "\"7D\" is no duration: \"D\" is no unit of time"},
           {"7days", "\"7days\" is no duration: \"days\" is no unit of time"},
           {"30m1h", "\"30m1h\" is no duration: each unit stands once, the larger before the smaller"},
           {"1h1h", "\"1h1h\" is no duration: each unit stands once, the larger before the smaller"},
           {"9223372036854775808ms", "\"9223372036854775808ms\" is no duration: it is longer than can be held"},
           {"99999999999999w", "\"99999999999999w\" is no duration: it is longer than can be held"},
           {"7\x1b[2J", "\"7\\x1b[2J\" is no duration: a whole number is wanted before each unit"}}) {
    INFO(row.text);
    auto read = parse_duration_ms(row.text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::invalid);
    CHECK(read.error().reason == "DURATION_SYNTAX");
    CHECK(read.error().message == row.why);
    CHECK(read.error().next.find("7d") != std::string::npos);
  }
}

TEST_CASE("durations are written back in their shortest exact form") {
  for (const Good& row : std::initializer_list<Good>{{"7d", 604'800'000},
                                                     {"14d", 1'209'600'000},
                                                     {"1m30s", 90'000},
                                                     {"1d12h", 129'600'000},
                                                     {"1s1ms", 1'001},
                                                     {"0s", 0},
                                                     {"unlimited", -1}}) {
    CHECK(duration_text(row.value) == row.text);
  }
}

TEST_CASE("sizes are read as people write them") {
  for (const Good& row : std::initializer_list<Good>{{"500MiB", 524'288'000},
                                                     {"1.5GiB", 1'610'612'736},
                                                     {"10GB", 10'000'000'000},
                                                     {"100B", 100},
                                                     {"0B", 0},
                                                     {"0.5KB", 500},
                                                     {"2TiB", 2'199'023'255'552},
                                                     {"unlimited", -1}}) {
    INFO(row.text);
    auto read = parse_size_bytes(row.text);
    REQUIRE(read);
    CHECK(*read == row.value);
  }
}

TEST_CASE("what is no size is refused with the reason and the way out") {
  for (const Bad& row : std::initializer_list<Bad>{
           {"", "\"\" is no size: it is empty"},
           {"500", "\"500\" is no size: a bare number has no unit"},
           {"-1", "\"-1\" is no size: it does not begin with a number"},
           {"MiB", "\"MiB\" is no size: it does not begin with a number"},
           {"1.MiB", "\"1.MiB\" is no size: digits are wanted after the point"},
           {"500 MiB", "\"500 MiB\" is no size: \" MiB\" is no unit of size"},
           {"5XB", "\"5XB\" is no size: \"XB\" is no unit of size"},
           {"0.1KiB", "\"0.1KiB\" is no size: it is no whole number of bytes"},
           {"1.0000001KiB", "\"1.0000001KiB\" is no size: more than six digits stand after the point"},
           {"9223372036854775808B", "\"9223372036854775808B\" is no size: it is larger than can be held"},
           {"99999999TiB", "\"99999999TiB\" is no size: it is larger than can be held"}}) {
    INFO(row.text);
    auto read = parse_size_bytes(row.text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::invalid);
    CHECK(read.error().reason == "SIZE_SYNTAX");
    CHECK(read.error().message == row.why);
  }
}

TEST_CASE("a size with a unit of another tool's spelling says what was meant") {
  CHECK(parse_size_bytes("500mib").error().next == "write \"500MiB\"");
  CHECK(parse_size_bytes("500Mi").error().next == "write \"500MiB\"");
  CHECK(parse_size_bytes("1.5g").error().next == "write \"1.5GB\"");
  CHECK(parse_size_bytes("7b").error().next == "write \"7B\"");
}

TEST_CASE("sizes are written back exactly, binary before decimal") {
  for (const Good& row : std::initializer_list<Good>{{"500MiB", 524'288'000},
                                                     {"1536MiB", 1'610'612'736},
                                                     {"1GB", 1'000'000'000},
                                                     {"1000KiB", 1'024'000},
                                                     {"1536B", 1'536},
                                                     {"7B", 7},
                                                     {"0B", 0},
                                                     {"unlimited", -1}}) {
    CHECK(size_text(row.value) == row.text);
  }
}

TEST_CASE("what is written for a duration or a size is read back to the same number") {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    auto number = static_cast<std::int64_t>(random() >> (1 + random() % 63));
    auto duration = parse_duration_ms(duration_text(number));
    auto size = parse_size_bytes(size_text(number));
    INFO(number << " " << duration_text(number) << " " << size_text(number));
    REQUIRE(duration);
    REQUIRE(size);
    REQUIRE(*duration == number);
    REQUIRE(*size == number);
  }
}

TEST_CASE("sizes for people have three digits at most") {
  for (const Good& row : std::initializer_list<Good>{{"118MiB", 123'456'789},
                                                     {"1.5GiB", 1'610'612'736},
                                                     {"999B", 999},
                                                     {"0.98KiB", 1'000},
                                                     {"1KiB", 1'024},
                                                     {"0.98MiB", 1'023'500},
                                                     {"9.54MiB", 10'000'000},
                                                     {"95.4MiB", 100'000'000},
                                                     {"unlimited", -1}}) {
    INFO(row.value);
    CHECK(size_about(row.value) == row.text);
  }
}

TEST_CASE("durations for people name one unit") {
  for (const Good& row : std::initializer_list<Good>{
           {"0s", 500}, {"59s", 59'999}, {"3m", 200'000}, {"2h", 7'500'000}, {"5d", 432'000'000}, {"0s", -5}}) {
    CHECK(duration_about(row.value) == row.text);
  }
}
