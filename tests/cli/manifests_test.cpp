#include "cli/manifests.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/export.h"
#include "cli/json.h"
#include "cli/kinds.h"
#include "cli/yaml.h"
#include "platform/rpc/convert.h"
#include "tests/platform/process/scratch.h"

using namespace eda;
using namespace eda::cli;
using eda::test::Scratch;

namespace {
const char* stream_yaml =
    "apiVersion: eda/v1\n"
    "kind: Stream\n"
    "metadata: {name: orders.placed, team: checkout}\n"
    "spec:\n"
    "  partitions: 12\n"
    "  retention: 7d\n"
    "  cleanup: null\n"
    "  config: {min.insync.replicas: \"2\"}\n";
}  // namespace

TEST_CASE("a document travels as field paths with values, resets and positions") {
  Scratch scratch;
  auto file = scratch.write("stream.yaml", stream_yaml);
  auto documents = read_manifests({file}, Folders::flat);
  REQUIRE(documents);
  REQUIRE(documents->size() == 1);
  eda::plans::v1::Document out;
  to_proto(documents->front(), &out);
  CHECK(out.kind() == "Stream");
  CHECK(out.name() == "orders.placed");
  CHECK(out.at().file() == file);
  std::map<std::string, eda::plans::v1::SaidField> fields;
  for (auto& field : out.fields()) fields.emplace(field.path(), field);
  CHECK(fields.at("spec.partitions").value().number_value() == 12);
  CHECK(fields.at("spec.partitions").at().line() == 5);
  CHECK(fields.at("spec.retention").value().number_value() == 604'800'000);
  CHECK(fields.at("spec.cleanup").reset());
  CHECK(fields.at("spec.config[\"min.insync.replicas\"]").value().string_value() == "2");
  CHECK(fields.at("metadata.team").value().string_value() == "checkout");
  CHECK_FALSE(fields.contains("spec.replication"));
}

TEST_CASE("a folder gives its manifests by name, those below only when asked, hidden ones never") {
  Scratch scratch;
  std::filesystem::create_directories(scratch.path("d/below"));
  std::filesystem::create_directories(scratch.path("d/.git"));
  scratch.write("d/b.yml", "x");
  scratch.write("d/a.yaml", "x");
  scratch.write("d/notes.txt", "x");
  scratch.write("d/.hidden.yaml", "x");
  scratch.write("d/below/c.json", "{}");
  scratch.write("d/.git/d.yaml", "x");
  auto flat = read_sources({scratch.path("d")}, Folders::flat);
  REQUIRE(flat);
  REQUIRE(flat->size() == 2);
  CHECK(flat->at(0).name == scratch.path("d/a.yaml"));
  CHECK(read_sources({scratch.path("d")}, Folders::recursive)->size() == 3);
}

TEST_CASE("a file that is not there, a folder without manifests and an empty file are told") {
  Scratch scratch;
  std::filesystem::create_directories(scratch.path("empty"));
  CHECK(read_manifests({scratch.path("nowhere.yaml")}, Folders::flat).error().reason == "FILE_MISSING");
  CHECK(read_manifests({scratch.path("empty")}, Folders::flat).error().reason == "NO_MANIFESTS");
  auto nothing = read_manifests({scratch.write("empty.yaml", "")}, Folders::flat);
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().code == Code::invalid);
  CHECK(read_manifests({}, Folders::flat).error().reason == "USAGE");
}

TEST_CASE("40 MB of manifests are refused before they are parsed") {
  Scratch scratch;
  auto file = scratch.write("large.yaml", std::string(40u << 20, '#'));
  auto outcome = read_sources({file}, Folders::flat);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().reason == "FILE_TOO_LARGE");
  CHECK(outcome.error().message.find("32 MiB") != std::string::npos);
}

TEST_CASE("what export writes is read back to the same values") {
  eda::catalog::v1::Object object;
  object.set_api_version("eda/v1");
  object.set_kind("Stream");
  object.mutable_metadata()->set_name("orders.placed");
  object.mutable_metadata()->set_team("yes");
  (*object.mutable_metadata()->mutable_labels())["tier"] = "1";
  Value::Map spec{{"retention", "7d"},
                  {"partitions", 12},
                  {"cleanup", Value()},
                  {"description", "Has: colons, # marks\nand lines; \"quotes\" and null"},
                  {"config", Value::Map{{"min.insync.replicas", "2"}}}};
  rpc::to_proto(Value(spec), object.mutable_spec());
  auto text = manifest_text(*kinds().find("Stream"), object);
  CHECK(text.find("status") == std::string::npos);
  CHECK(text.find("description") < text.find("partitions"));
  CHECK(text.find("retention: 7d\n") != std::string::npos);
  auto documents = plans::parse_manifests(kinds(), {{"export", text}});
  REQUIRE(documents);
  auto& fields = documents->front().fields;
  CHECK(*fields.at("metadata.team").value->as_text() == "yes");
  CHECK(*fields.at("metadata.labels[\"tier\"]").value->as_text() == "1");
  CHECK(*fields.at("spec.description").value->as_text() == "Has: colons, # marks\nand lines; \"quotes\" and null");
  CHECK(*fields.at("spec.retention").value->as_int() == 604'800'000);
  CHECK_FALSE(fields.at("spec.cleanup").value);
}

TEST_CASE("a scalar is quoted wherever a reader of YAML could take it for something else") {
  for (auto* plain : {"checkout", "30d", "500MiB", "orders.placed", "a b", "file-x", "名前"})
    CHECK(yaml_scalar(plain) == plain);
  for (auto* risky : {"",     "yes",  "Null", "~",  "1",  "1.5", "1e3", "0x1f", "2026-11-21", "12:30",
                      "a: b", "a #b", "- a",  "*a", "a ", " a",  "#a",  "a\nb", "[a]",        "{a"}) {
    INFO(risky);
    CHECK(yaml_scalar(risky).front() == '"');
  }
}

TEST_CASE("JSON has the API's names, and its maps are sorted") {
  eda::catalog::v1::Object object;
  object.set_api_version("eda/v1");
  object.mutable_metadata()->set_deletion_protection(false);
  for (auto* key : {"zeta", "alpha", "mid", "beta"}) (*object.mutable_metadata()->mutable_labels())[key] = "x";
  CHECK(
      to_json(object).dump() ==
      R"({"apiVersion":"eda/v1","metadata":{"labels":{"alpha":"x","beta":"x","mid":"x","zeta":"x"},"deletionProtection":false}})");
}
