#include "cli/export.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/json.h"
#include "cli/yaml.h"

namespace eda::cli {

using Json = nlohmann::ordered_json;

namespace {

// The first step of each of the table's paths below "spec", in order.
std::vector<std::string> order_of(const plans::KindRules& rules) {
  std::vector<std::string> out;
  for (auto& field : rules.fields) {
    if (!field.path.starts_with("spec.")) continue;
    auto step = field.path.substr(5);
    step = step.substr(0, step.find('.'));
    if (std::find(out.begin(), out.end(), step) == out.end()) out.emplace_back(step);
  }
  return out;
}

// Records with their members in the table's order.
Json ordered_records(const plans::Field& field, const Json& records) {
  Json out = Json::array();
  for (auto& record : records) {
    Json ordered = Json::object();
    for (auto& member : field.members) {
      std::string name(member.path);
      if (record.contains(name)) ordered[name] = record[name];
    }
    out.push_back(std::move(ordered));
  }
  return out;
}

}  // namespace

Json ordered_spec(const plans::KindRules& rules, const eda::catalog::v1::Object& object) {
  Json spec = Json::object();
  Json from = to_json(object.spec());
  for (auto& name : order_of(rules)) {
    if (!from.contains(name)) continue;
    auto* field = rules.field("spec." + name);
    bool records = field && field->type == plans::FieldType::record_list && from[name].is_array();
    spec[name] = records ? ordered_records(*field, from[name]) : from[name];
  }
  for (auto& [name, value] : from.items()) {
    if (!spec.contains(name)) spec[name] = value;
  }
  return spec;
}

std::string manifest_text(const plans::KindRules& rules, const eda::catalog::v1::Object& object) {
  Json out = Json::object();
  out["apiVersion"] = object.api_version();
  out["kind"] = object.kind();
  out["metadata"] = to_json(object.metadata());
  if (auto spec = ordered_spec(rules, object); !spec.empty()) out["spec"] = std::move(spec);
  return to_yaml(out);
}

}  // namespace eda::cli
