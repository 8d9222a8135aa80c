#include "cli/manifest_schema.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <span>

namespace eda::cli {

using Json = nlohmann::ordered_json;
using plans::Field;
using plans::FieldType;

namespace {

constexpr auto dialect = "http://json-schema.org/draft-07/schema#";
constexpr auto duration_pattern = "^(unlimited|(?=.)([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$";
constexpr auto size_pattern = "^(unlimited|[0-9]+(\\.[0-9]+)?([KMGT]i?)?B)$";

// Every field may be null, which resets it.
Json nullable(const char* type) {
  return Json{{"type", Json::array({type, "null"})}};
}

Json choices(const Field& field) {
  Json words = Json::array();
  for (auto choice : field.choices) words.push_back(std::string(choice));
  words.push_back(nullptr);
  return Json{{"enum", std::move(words)}};
}

Json field_schema(const Field& field);

Json closed_object() {
  return Json{{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
}

Json record_schema(const Field& field) {
  auto out = closed_object();
  Json required = Json::array();
  for (auto& member : field.members) {
    std::string name(member.path);
    out["properties"][name] = field_schema(member);
    if (member.required) required.push_back(name);
  }
  if (!required.empty()) out["required"] = std::move(required);
  return out;
}

Json value_schema(const Field& field) {
  switch (field.type) {
    case FieldType::text:
      return nullable("string");
    case FieldType::name: {
      auto out = nullable("string");
      out["minLength"] = 1;
      return out;
    }
    case FieldType::integer: {
      auto out = nullable("integer");
      if (field.least) out["minimum"] = *field.least;
      if (field.most) out["maximum"] = *field.most;
      return out;
    }
    case FieldType::boolean:
      return nullable("boolean");
    case FieldType::duration: {
      auto out = nullable("string");
      out["pattern"] = duration_pattern;
      return out;
    }
    case FieldType::size: {
      auto out = nullable("string");
      out["pattern"] = size_pattern;
      return out;
    }
    case FieldType::choice:
      return choices(field);
    case FieldType::text_list: {
      auto out = nullable("array");
      out["items"] = Json{{"type", "string"}};
      return out;
    }
    case FieldType::text_map:
      return Json{{"type", "object"},
                  {"additionalProperties", Json{{"type", Json::array({"string", "number", "boolean", "null"})}}}};
    case FieldType::choice_map:
      return Json{{"type", "object"}, {"additionalProperties", choices(field)}};
    case FieldType::record_list: {
      auto out = nullable("array");
      out["items"] = record_schema(field);
      return out;
    }
  }
  return Json::object();
}

Json field_schema(const Field& field) {
  auto out = value_schema(field);
  std::string doc(field.doc);
  if (!field.example.empty()) doc += fmt::format(" For example {}.", field.example);
  out["description"] = doc;
  if (!field.fallback.empty() && (field.type == FieldType::text || field.type == FieldType::choice)) {
    out["default"] = std::string(field.fallback);
  }
  return out;
}

// "spec.contacts.email" below `root`, with an object for each step.
void place(Json& root, std::string_view path, Json schema) {
  auto* level = &root;
  for (;;) {
    auto dot = path.find('.');
    auto& properties = (*level)["properties"];
    std::string step(path.substr(0, dot));
    if (dot == std::string_view::npos) {
      properties[step] = std::move(schema);
      return;
    }
    if (!properties.contains(step)) properties[step] = closed_object();
    level = &properties[step];
    path.remove_prefix(dot + 1);
  }
}

Json body_schema(const plans::KindRules& rules) {
  auto out = closed_object();
  std::string kind(rules.kind);
  out["title"] = kind;
  out["description"] = std::string(rules.doc);
  out["required"] = Json::array({"apiVersion", "kind", "metadata"});
  auto& properties = out["properties"];
  properties["apiVersion"] = Json{{"const", "eda/v1"}};
  properties["kind"] = Json{{"const", kind}};
  properties["metadata"] = closed_object();
  properties["metadata"]["required"] = Json::array({"name"});
  auto& metadata = properties["metadata"]["properties"];
  metadata["name"] = Json{{"type", "string"}, {"minLength", 1}, {"description", "Its name: unique, and for good."}};
  if (rules.scope == plans::Scope::cluster) {
    metadata["cluster"] = Json{{"type", "string"},
                               {"minLength", 1},
                               {"description", "The cluster it lives on (default: --cluster, or the context's)."}};
  }
  for (auto& field : plans::metadata_fields()) place(out, field.path, field_schema(field));
  properties["spec"] = spec_schema(rules);
  properties["status"] = Json{{"description", "What edad saw; a manifest's is not read."}};
  return out;
}

}  // namespace

Json spec_schema(const plans::KindRules& rules) {
  auto root = closed_object();
  root["properties"]["spec"] = closed_object();
  for (auto& field : rules.fields) place(root, field.path, field_schema(field));
  return root["properties"]["spec"];
}

Json manifest_schema(const plans::KindRules& rules) {
  Json out{{"$schema", dialect}};
  out.update(body_schema(rules));
  return out;
}

Json manifest_schema(const plans::Kinds& kinds) {
  Json words = Json::array(), branches = Json::array(), definitions = Json::object();
  for (const auto* rules : kinds.all()) {
    std::string kind(rules->kind);
    words.push_back(kind);
    definitions[kind] = body_schema(*rules);
    Json is_kind{{"properties", {{"kind", {{"const", kind}}}}}, {"required", Json::array({"kind"})}};
    branches.push_back(Json{{"if", std::move(is_kind)}, {"then", {{"$ref", "#/definitions/" + kind}}}});
  }
  Json out{{"$schema", dialect}, {"title", "Manifests of eda/v1"}, {"type", "object"}};
  out["required"] = Json::array({"apiVersion", "kind", "metadata"});
  out["properties"] = Json{{"apiVersion", {{"const", "eda/v1"}}}, {"kind", {{"enum", std::move(words)}}}};
  out["allOf"] = std::move(branches);
  out["definitions"] = std::move(definitions);
  return out;
}

}  // namespace eda::cli
