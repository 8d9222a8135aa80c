#include "platform/rpc/convert.h"

#include <catch2/catch.hpp>
#include <limits>

using namespace eda;

TEST_CASE("values come back as they went, integers of 64 bits to the last digit") {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  const Value values[] = {Value(),
                          Value(true),
                          Value(0),
                          Value(exact),
                          Value(-exact),
                          Value(exact + 1),
                          Value(-exact - 1),
                          Value(most),
                          Value(-most - 1),
                          Value(0.5),
                          Value("9223372036854775807"),
                          Value(Value::List{Value(most), Value("x")}),
                          Value(Value::Map{{"retention.ms", Value(most)}, {"x", Value(1)}})};
  for (const auto& value : values) {
    google::protobuf::Value wire;
    rpc::to_proto(value, &wire);
    CHECK(rpc::from_proto(wire) == value);
  }
}

TEST_CASE("what only looks like a large integer stays a map") {
  const Value::Map maps[] = {{{"$int64", Value("12x")}},
                             {{"$int64", Value("99999999999999999999")}},
                             {{"$int64", Value("")}},
                             {{"$int64", Value("1")}, {"other", Value(1)}}};
  for (const auto& map : maps) {
    google::protobuf::Value wire;
    rpc::to_proto(Value(map), &wire);
    CHECK(rpc::from_proto(wire) == Value(map));
  }
}
