// Plans and drafted manifests as files.

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/draft_files.h"
#include "cli/kinds.h"
#include "cli/manifests.h"
#include "cli/plan_file.h"
#include "cli/plan_view.h"
#include "cli/write_file.h"
#include "plans/manifest.h"
#include "tests/platform/process/scratch.h"

using namespace eda;
using namespace eda::cli;
using eda::test::Scratch;

namespace {

eda::plans::v1::Document draft_of(const std::string& name, const std::string& team) {
  eda::plans::v1::Document out;
  out.set_kind("Stream");
  out.set_cluster("prod");
  out.set_name(name);
  auto add = [&](const std::string& path) {
    auto* field = out.add_fields();
    field->set_path(path);
    return field->mutable_value();
  };
  if (!team.empty()) add("metadata.team")->set_string_value(team);
  add("spec.partitions")->set_number_value(3);
  add("spec.retention")->set_number_value(604'800'000);
  add("spec.config[\"max.message.bytes\"]")->set_string_value("70000");
  return out;
}

std::vector<DraftFile> drafts(const std::vector<std::string>& names, const std::string& team = "checkout") {
  std::vector<DraftFile> out;
  for (auto& name : names) out.push_back(draft_file(draft_of(name, team)).value());
  return out;
}

}  // namespace

TEST_CASE("a drafted manifest reads back as what was drafted") {
  auto file = draft_file(draft_of("orders.placed", "checkout"));
  REQUIRE(file);
  CHECK(file->name == "orders.placed.yaml");
  auto read = plans::parse_manifests(kinds(), {{file->name, file->text}});
  REQUIRE(read);
  REQUIRE(read->size() == 1);
  CHECK(read->front().cluster == "prod");
  CHECK(read->front().fields.size() == 4);
  CHECK(*read->front().fields.at("spec.retention").value == Value(std::int64_t{604'800'000}));
}

TEST_CASE("a drafted manifest without a team is not valid, and the place is named") {
  auto file = draft_file(draft_of("orders.placed", ""));
  REQUIRE(file);
  CHECK(file->text.find("  team: \"\"  # whose is it? write the team's name\n") != std::string::npos);
  auto read = plans::parse_manifests(kinds(), {{file->name, file->text}});
  REQUIRE_FALSE(read);
  REQUIRE(read.error().violations.size() == 1);
  CHECK(read.error().violations.front().field == "metadata.team");
  CHECK(read.error().violations.front().at.text() == "orders.placed.yaml:6:9");
}

TEST_CASE("a name that would be a path is not written") {
  for (auto* name : {"../evil", "a/b", "..", ""}) {
    INFO(name);
    CHECK_FALSE(draft_file(draft_of(name, "checkout")));
  }
}

TEST_CASE("drafts leave alone what says the same, and overwrite nothing that says something else") {
  Scratch scratch;
  auto folder = scratch.path("streams");
  auto first = write_drafts(folder, drafts({"a", "b"}), Overwrite::no);
  REQUIRE(first);
  CHECK(first->fresh == 2);
  auto again = write_drafts(folder, drafts({"a", "b", "c"}), Overwrite::no);
  REQUIRE(again);
  CHECK(again->unchanged == 2);
  CHECK(again->fresh == 1);

  scratch.write("streams/b.yaml", "# mine\n");
  auto refused = write_drafts(folder, drafts({"b", "d"}), Overwrite::no);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::conflict);
  REQUIRE(refused.error().violations.size() == 1);
  CHECK(refused.error().violations.front().object.ends_with("streams/b.yaml"));
  CHECK(scratch.read("streams/b.yaml") == "# mine\n");
  CHECK_FALSE(std::filesystem::exists(scratch.path("streams/d.yaml")));

  auto forced = write_drafts(folder, drafts({"b", "d"}), Overwrite::yes);
  REQUIRE(forced);
  CHECK(forced->changed == 1);
  CHECK(scratch.read("streams/b.yaml") == drafts({"b"}).front().text);
}

TEST_CASE("a file is written whole, over what is there, and nothing is left beside it") {
  Scratch scratch;
  auto path = scratch.write("plan.json", "old");
  REQUIRE(write_file(path, "new"));
  CHECK(scratch.read("plan.json") == "new");
  CHECK(std::distance(std::filesystem::directory_iterator(scratch.path()), {}) == 1);
  auto fault = write_file(scratch.path("missing/plan.json"), "x");
  REQUIRE_FALSE(fault);
  CHECK(fault.error().code == Code::unavailable);
}

TEST_CASE("a plan's file is read back, whatever a newer edactl adds to it") {
  WholePlan plan;
  plan.plan.set_id("pl-1");
  plan.plan.set_hash("abc");
  plan.plan.set_creates(1);
  auto json = nlohmann::ordered_json::parse(plan_json(plan, "edad.example:7070"));
  CHECK(json["apiVersion"] == "eda/plan/v1");
  json["later"] = 1;
  json["plan"]["later"] = 1;
  auto read = parse_plan_file("plan.json", json.dump());
  REQUIRE(read);
  CHECK(read->server == "edad.example:7070");
  CHECK(read->plan.id() == "pl-1");
  CHECK(read->plan.hash() == "abc");
}

TEST_CASE("what is no plan, a cut plan and another version are told apart") {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"", "plan.json is no JSON, or was cut off"},
      {"{\"apiVersion\": \"eda/plan/v1\", \"pl", "plan.json is no JSON, or was cut off"},
      {"[]", "plan.json holds no plan"},
      {"{\"kind\": \"Stream\"}", "plan.json holds no plan"},
      {"{\"apiVersion\": \"eda/plan/v2\", \"plan\": {}}",
       "plan.json is a plan of the version \"eda/plan/v2\"; this edactl reads eda/plan/v1"},
      {"{\"apiVersion\": \"eda/plan/v1\", \"plan\": {\"id\": \"pl-1\"}}",
       "plan.json is damaged: it has no plan with an id and a hash"},
      {"{\"apiVersion\": \"eda/plan/v1\", \"plan\": 3}", "plan.json is damaged: it has no plan with an id and a hash"},
  };
  for (auto& one : cases) {
    INFO(one.text);
    auto read = parse_plan_file("plan.json", one.text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::invalid);
    CHECK(read.error().message == one.message);
  }
}

TEST_CASE("every name that a topic may have gets a file of its own that is no hidden one") {
  Scratch scratch;
  std::string longest(249, 'x');
  auto files = drafts({"..a", "a", longest, longest.substr(0, 248) + "y"});
  for (auto& file : files) CHECK(is_manifest(file.name));
  REQUIRE(write_drafts(scratch.path("drafts"), files, Overwrite::no));
  auto read = read_sources({scratch.path("drafts")}, Folders::flat);
  REQUIRE(read);
  CHECK(read->size() == files.size());
}
