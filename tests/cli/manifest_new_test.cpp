// explain, new and the JSON Schema: what they say is what the parser takes, for every kind that there is.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "cli/field_words.h"
#include "cli/kinds.h"
#include "cli/manifest_schema.h"
#include "cli/manifest_template.h"
#include "plans/manifest.h"

using namespace eda;
using cli::kinds;
using cli::manifest_schema;
using cli::manifest_template;

namespace {

// With every optional field: those behind a "#" that is not followed by one space and a word.
std::string with_everything(const std::string& text) {
  static const std::regex optional("^( *)#(  +)?([A-Za-z]+:)");
  std::istringstream lines(text);
  std::string out, line;
  while (std::getline(lines, line)) out += std::regex_replace(line, optional, "$1$2$3") + "\n";
  return std::regex_replace(out, std::regex("spec: \\{\\}\n"), "spec:\n");
}

std::string faults(const std::string& text) {
  auto read = plans::parse_manifests(kinds(), {{"new.yaml", text}});
  if (read) return {};
  std::string out = read.error().message;
  for (auto& violation : read.error().violations) {
    out += "\n" + violation.at.text() + ": " + violation.field + ": " + violation.message;
  }
  return out;
}

}  // namespace

TEST_CASE("a new manifest of every kind is valid, with and without what is optional") {
  for (const auto* rules : kinds().all()) {
    INFO(rules->kind);
    auto text = manifest_template(*rules, {"orders.placed", "checkout", ""});
    INFO(text);
    CHECK(faults(text).empty());
    auto whole = with_everything(text);
    INFO(whole);
    CHECK(faults(whole).empty());
    auto read = plans::parse_manifests(kinds(), {{"new.yaml", whole}});
    REQUIRE(read);
    for (auto& field : rules->fields) {
      if (plans::is_map(field.type)) continue;
      INFO(field.path);
      CHECK(read->front().fields.contains(std::string(field.path)));
    }
  }
}

TEST_CASE("a new manifest holds the names it was asked for") {
  const auto* stream = kinds().find("stream");
  auto read =
      plans::parse_manifests(kinds(), {{"new.yaml", manifest_template(*stream, {"orders.placed", "支付", "prod"})}});
  REQUIRE(read);
  auto& document = read->front();
  CHECK(document.name == "orders.placed");
  CHECK(document.cluster == "prod");
  CHECK(document.fields.at("metadata.team").value == Value("支付"));
}

TEST_CASE("every field says what explain needs: a meaning, an example, since when") {
  auto check = [](const plans::Field& field) {
    INFO(field.path);
    CHECK_FALSE(field.doc.empty());
    CHECK_FALSE(field.example.empty());
    CHECK_FALSE(field.since.empty());
    CHECK_FALSE(cli::takes(field).empty());
  };
  for (auto& field : plans::metadata_fields()) check(field);
  for (const auto* rules : kinds().all()) {
    for (auto& field : rules->fields) check(field);
  }
}

TEST_CASE("the schema of manifests knows every kind and every field, and no others") {
  auto schema = manifest_schema(kinds());
  for (const auto* rules : kinds().all()) {
    std::string kind(rules->kind);
    INFO(kind);
    REQUIRE(schema["definitions"].contains(kind));
    auto& body = schema["definitions"][kind];
    CHECK(body["additionalProperties"] == false);
    for (auto& field : rules->fields) {
      INFO(field.path);
      auto* level = &body;
      std::string_view path = field.path;
      for (;;) {
        auto dot = path.find('.');
        std::string step(path.substr(0, dot));
        REQUIRE((*level)["properties"].contains(step));
        level = &(*level)["properties"][step];
        if (dot == std::string_view::npos) break;
        path.remove_prefix(dot + 1);
      }
      CHECK(level->contains("description"));
    }
  }
}
