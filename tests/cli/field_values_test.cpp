#include "cli/field_values.h"

#include <catch2/catch.hpp>

#include "streams/streams.h"

using namespace eda;
using namespace eda::cli;

namespace {

Result<std::pair<std::string, plans::Said>> parse(const std::string& text) {
  return parse_assignment(streams::stream_rules(), text);
}

}  // namespace

TEST_CASE("fields are named short, and typed by the kind's table") {
  struct Case {
    const char* text;
    const char* path;
    Value value;
  };
  const Case cases[] = {
      {"retention=14d", "spec.retention", Value(std::int64_t{14} * 86'400'000)},
      {"spec.retention=14d", "spec.retention", Value(std::int64_t{14} * 86'400'000)},
      {"retention=unlimited", "spec.retention", Value(std::int64_t{-1})},
      {"partitions=12", "spec.partitions", Value(std::int64_t{12})},
      {"config.max.message.bytes=65536", "spec.config[\"max.message.bytes\"]", Value("65536")},
      {"spec.config.min.insync.replicas=2", "spec.config[\"min.insync.replicas\"]", Value("2")},
      {"labels.tier=1", "metadata.labels[\"tier\"]", Value("1")},
      {"domain=sales", "metadata.domain", Value("sales")},
      {"description=a=b", "spec.description", Value("a=b")},
      {"description=12", "spec.description", Value("12")},
      {"deletionProtection=false", "metadata.deletionProtection", Value(false)},
  };
  for (auto& one : cases) {
    INFO(one.text);
    auto read = parse(one.text);
    REQUIRE(read);
    CHECK(read->first == one.path);
    REQUIRE(read->second.value);
    CHECK(*read->second.value == one.value);
  }
}

TEST_CASE("nothing and null go back to the default") {
  for (auto* text : {"retention=", "retention=null", "config.max.message.bytes="}) {
    INFO(text);
    auto read = parse(text);
    REQUIRE(read);
    CHECK_FALSE(read->second.value);
  }
}

TEST_CASE("a wrong assignment says what is wrong and what to write") {
  struct Case {
    const char* text;
    const char* message;
    const char* next;
  };
  const Case cases[] = {
      {"retention", "\"retention\" is no FIELD=VALUE",
       "for example retention=14d; retention= goes back to the default"},
      {"=14d", "\"=14d\" is no FIELD=VALUE", "for example retention=14d; retention= goes back to the default"},
      {"retenton=14d", "a Stream has no field \"retenton\"", "did you mean \"spec.retention\"?"},
      {"config=1", "config has keys of its own", "config.KEY=VALUE"},
      {"partitions=0", "partitions: 0 is too small; 1 is the least", nullptr},
      {"partitions=many", "partitions: the text \"many\" was found; a whole number is wanted", nullptr},
      {"visibility=open", nullptr, nullptr},
      {"retention=7", nullptr, nullptr},
  };
  for (auto& one : cases) {
    INFO(one.text);
    auto read = parse(one.text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::invalid);
    if (one.message) CHECK(read.error().message == one.message);
    if (one.next) CHECK(read.error().next == one.next);
  }
}
