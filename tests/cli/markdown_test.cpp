#include "cli/markdown.h"

#include <catch2/catch.hpp>

#include "cli/plan_view.h"

using namespace eda::cli;
namespace v1 = eda::plans::v1;

namespace {

v1::Change change_of(v1::Action action, const std::string& name, v1::Risk risk) {
  v1::Change out;
  out.mutable_object()->set_kind("stream");
  out.mutable_object()->set_cluster("prod");
  out.mutable_object()->set_name(name);
  out.set_action(action);
  out.set_risk(risk);
  out.set_owner("checkout");
  return out;
}

void add_field(v1::Change& change, const std::string& path, const std::string& from, const std::string& to) {
  auto* field = change.add_fields();
  field->set_path(path);
  if (!from.empty()) field->mutable_from()->set_string_value(from);
  if (!to.empty()) field->mutable_to()->set_string_value(to);
  field->set_from_text(from);
  field->set_to_text(to);
}

WholePlan sample() {
  WholePlan out;
  out.plan.set_id("pl-1");
  out.plan.set_set("shop");
  out.plan.set_set_team("checkout");
  out.plan.set_source("github.com/acme/shop@4f2a9c1");
  out.plan.set_risk(v1::RISK_CRITICAL);
  out.plan.set_changes(1);
  out.plan.set_deletes(2);
  out.plan.set_prunes(1);
  out.plan.set_unchanged(24);
  out.plan.add_confirm("orders.old");
  out.plan.add_confirm("shop");
  out.changes.push_back(change_of(v1::ACTION_CHANGE, "orders.placed", v1::RISK_HIGH));
  add_field(out.changes.back(), "spec.retention", "7d", "");
  out.changes.back().add_notes("released: spec.cleanup keeps its value");
  out.changes.push_back(change_of(v1::ACTION_DELETE, "orders.old", v1::RISK_CRITICAL));
  out.changes.push_back(change_of(v1::ACTION_DELETE, "orders.tmp", v1::RISK_CRITICAL));
  out.changes.back().set_pruned(true);
  return out;
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a plan for a pull request has a summary and a table for each action") {
  auto text = plan_markdown(sample(), "prod");
  CHECK(text ==
        "### Plan: 1 to change, 1 to delete, 1 to prune, 24 unchanged\n\n"
        "Risk **CRITICAL** · plan `pl-1` · set `checkout/shop` · from `github.com/acme/shop@4f2a9c1`\n"
        "\n#### To change (1)\n\n"
        "| Object | Risk | Team | Fields |\n| --- | --- | --- | --- |\n"
        "| `stream/orders.placed` | **HIGH** | checkout | `spec.retention`: `7d` → `(default)`"
        "<br>note: released\\: spec\\.cleanup keeps its value |\n"
        "\n#### To delete (1)\n\n"
        "| Object | Risk | Team | Fields |\n| --- | --- | --- | --- |\n"
        "| `stream/orders.old` | **CRITICAL** | checkout |  |\n"
        "\n#### Pruned (1)\n\n"
        "The set `checkout/shop` names them no more.\n\n"
        "| Object | Risk | Team | Fields |\n| --- | --- | --- | --- |\n"
        "| `stream/orders.tmp` | **CRITICAL** | checkout |  |\n");
}

TEST_CASE("texts of others are texts in Markdown") {
  CHECK(markdown_escaped("a|b_c*d") == "a\\|b\\_c\\*d");
  CHECK(markdown_escaped("[x](http://y)") == "\\[x\\]\\(http\\://y\\)");
  CHECK(markdown_escaped("<script>") == "\\<script\\>");
  CHECK(markdown_escaped("ask @everyone") == "ask @<!-- -->everyone");
  CHECK(markdown_escaped("two\nlines").find('\n') == std::string::npos);
}

TEST_CASE("code stays code whatever it holds") {
  CHECK(markdown_code("") == "");
  CHECK(markdown_code("spec.config[\"a\"]") == "`spec.config[\"a\"]`");
  CHECK(markdown_code("a`b") == "``a`b``");
  CHECK(markdown_code("`") == "`` ` ``");
  CHECK(markdown_code("a|b") == "`a\\|b`");
  CHECK(markdown_code("a\\|b") == "`a\\\\\\|b`");
  CHECK(markdown_code("@everyone") == "`@everyone`");
}

TEST_CASE("a long plan is folded, and never longer than a comment may be") {
  WholePlan plan;
  plan.plan.set_id("pl-1");
  plan.plan.set_creates(5'000);
  for (int i = 0; i < 5'000; ++i) {
    plan.changes.push_back(change_of(v1::ACTION_CREATE, "orders." + std::to_string(i), v1::RISK_LOW));
    add_field(plan.changes.back(), "spec.partitions", "", "12");
  }
  auto text = plan_markdown(plan, "prod");
  CHECK(text.size() < 65'536);
  CHECK(count_of(text, "<details>") == 1);
  CHECK(count_of(text, "</details>") == 1);
  auto rows = count_of(text, "| `stream/");
  CHECK(text.find("… and " + std::to_string(5'000 - rows) + " more: `edactl describe plan pl-1`") != std::string::npos);
}

TEST_CASE("what is pruned stands under its own heading, and is agreed to by the set's name") {
  auto plan = sample();
  auto text = plan_text(plan, Format::table, {"127.0.0.1:7070", "prod", 0}, Palette());
  auto heading = text.find("Pruned: set checkout/shop names it no more\n");
  REQUIRE(heading != std::string::npos);
  CHECK(text.find("delete stream/orders.old") < heading);
  CHECK(text.find("delete stream/orders.tmp") > heading);
  CHECK(text.ends_with("plan pl-1: 1 to change, 1 to delete, 1 to prune, 24 unchanged; risk CRITICAL\n"));
  auto critical = critical_changes(plan, "prod");
  REQUIRE(critical.size() == 2);
  CHECK(critical[0].sentence == "delete stream/orders.old");
  CHECK(critical[1].name == "shop");
  CHECK(critical[1].sentence == "prune 1 object of the set checkout/shop");
}

TEST_CASE("a plan says on a terminal too that what it creates may be deleted") {
  WholePlan plan;
  plan.changes.push_back(change_of(v1::ACTION_CREATE, "orders.placed", v1::RISK_LOW));
  add_field(plan.changes.back(), "metadata.deletionProtection", "", "false");
  add_field(plan.changes.back(), "spec.partitions", "", "12");
  auto text = plan_text(plan, Format::table, {"127.0.0.1:7070", "prod", 0}, Palette());
  CHECK(
      text.starts_with("+ create stream/orders.placed  LOW  team checkout; deletionProtection false, partitions 12\n"));
}

TEST_CASE("what a deletion takes along is gone, and comes back to no default") {
  WholePlan plan;
  plan.changes.push_back(change_of(v1::ACTION_DELETE, "orders.old", v1::RISK_CRITICAL));
  add_field(plan.changes.back(), "status.records", "50", "");
  CHECK(plan_text(plan, Format::table, {"127.0.0.1:7070", "prod", 0}, Palette()).find("status.records: 50 → gone\n") !=
        std::string::npos);
  CHECK(plan_markdown(plan, "prod").find("`status.records`: `50` → `gone`") != std::string::npos);
}

TEST_CASE("on a narrow terminal a plan is wrapped, and nothing of it is hidden") {
  WholePlan plan;
  plan.changes.push_back(change_of(v1::ACTION_CREATE, "orders.placed", v1::RISK_HIGH));
  add_field(plan.changes.back(), "spec.partitions", "", "12");
  plan.changes.back().add_risk_reasons("records of one key stand in two partitions from then on");
  plan.changes.back().add_affected("the-last-of-many-teams");
  auto text = plan_text(plan, Format::table, {"127.0.0.1:7070", "prod", 40}, Palette());
  CHECK(text.find("…") == std::string::npos);
  CHECK(text.find("    team checkout; partitions 12\n") != std::string::npos);
  CHECK(text.find("then on\n") != std::string::npos);
  CHECK(text.find("the-last-of-many-teams") != std::string::npos);
}
