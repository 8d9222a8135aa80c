#pragma once
// A kind with a live side that is no broker: shelves, whose boards only grow.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plans/kind.h"

namespace eda::plans::test {

inline Risk shelf_risk(const FieldChange& change) {
  return change.path == "spec.boards" ? Risk::high : Risk::moderate;
}

inline WayBack shelf_way_back(const FieldChange& change) {
  if (change.path == "spec.boards") return {false, "a shelf keeps the boards it has"};
  if (change.path == "spec.age") return {true, "the books that were thrown away stay away"};
  return {};
}

inline const Field shelf_table[] = {
    {.path = "spec.boards", .type = FieldType::integer, .example = "3", .least = 1},
    {.path = "spec.age", .type = FieldType::duration, .example = "7d"},
    {.path = "spec.colour", .type = FieldType::choice, .example = "red", .choices = {"red", "blue"}, .immutable = true},
    {.path = "spec.key", .type = FieldType::text, .example = "env:KEY", .confidential = true},
    {.path = "spec.books", .type = FieldType::text_map},
};

inline const KindRules& shelf() {
  static const KindRules rules{.kind = "Shelf",
                               .plural = "shelves",
                               .scope = Scope::cluster,
                               .rank = 5,
                               .deletion_protection = true,
                               .owned = true,
                               .live = true,
                               .fields = shelf_table,
                               .risk = shelf_risk,
                               .way_back = shelf_way_back};
  return rules;
}

inline const KindRules& room() {
  static const KindRules rules{.kind = "Cluster", .plural = "clusters", .rank = 1};
  return rules;
}

inline Document shelf_document(const std::string& name, std::map<std::string, std::optional<Value>> fields) {
  Document document;
  document.kind = "Shelf";
  document.cluster = "prod";
  document.name = name;
  document.at = Position{"shelves.yaml", 1, 1};
  for (auto& [path, value] : fields) {
    document.fields.emplace(path, Said{std::move(value), Position{"shelves.yaml", 2, 3}});
  }
  return document;
}

}  // namespace eda::plans::test
