#include "cli/columns.h"

#include <fmt/format.h>

#include "cli/kinds.h"
#include "cli/when.h"
#include "platform/rpc/convert.h"
#include "platform/text/json.h"

namespace eda::cli {

namespace v1 = eda::catalog::v1;

namespace {

constexpr auto wide = Column::Show::wide;
constexpr auto always = Column::Show::always;
constexpr auto right = Column::Align::right;
constexpr auto left = Column::Align::left;

std::string value_text(const google::protobuf::Value& value) {
  switch (value.kind_case()) {
    case google::protobuf::Value::kStringValue:
      return value.string_value();
    case google::protobuf::Value::kListValue: {
      std::string out;
      for (auto& item : value.list_value().values()) out += (out.empty() ? "" : ", ") + value_text(item);
      return out;
    }
    case google::protobuf::Value::kNullValue:
    case google::protobuf::Value::KIND_NOT_SET:
      return {};
    default:
      return text::to_json(rpc::from_proto(value));
  }
}

}  // namespace

std::string text_at(const google::protobuf::Struct& data, std::string_view path) {
  const auto* level = &data;
  for (;;) {
    auto dot = path.find('.');
    auto found = level->fields().find(std::string(path.substr(0, dot)));
    if (found == level->fields().end()) return {};
    if (dot == std::string_view::npos) return value_text(found->second);
    if (!found->second.has_struct_value()) return {};
    level = &found->second.struct_value();
    path.remove_prefix(dot + 1);
  }
}

namespace {

// "retention, partitions": what is not as it is wished.
Cell drift_cell(const v1::Status& status) {
  std::string out;
  for (auto& drift : status.drift()) {
    std::string_view field = drift.field();
    if (field.starts_with("spec.")) field.remove_prefix(5);
    out += fmt::format("{}{}", out.empty() ? "" : ", ", field);
  }
  return {out, Style::bad};
}

}  // namespace

Cell state_cell(const std::string& state) {
  if (state == "applied") return {state, Style::good};
  if (state == "refused" || state == "unknown") return {state, Style::bad};
  return {state, Style::warning};
}

std::string object_name(const v1::Object& object, const std::string& cluster) {
  auto* rules = kinds().find(object.kind());
  Ref ref{rules ? rules->singular() : object.kind(), object.metadata().cluster(), object.metadata().name()};
  if (ref.cluster == cluster) ref.cluster.clear();
  return ref.text();
}

ObjectColumns::ObjectColumns(const plans::KindRules* rules)
    : many_kinds_(rules == nullptr),
      on_cluster_(rules == nullptr || rules->scope == plans::Scope::cluster),
      owned_(rules == nullptr || rules->owned),
      live_(rules != nullptr && rules->live && rules->scope == plans::Scope::cluster),
      is_team_(rules != nullptr && rules->singular() == "team") {
  if (many_kinds_) return;
  auto extra = [&](const char* header, Column::Show show, Column::Align align, std::string wished,
                   std::string observed = {}, std::string fallback = {}) {
    extras_.push_back(
        {{header, show, align, Column::Wrap::normal}, std::move(wished), std::move(observed), std::move(fallback)});
  };
  auto word = rules->singular();
  if (word == "stream") {
    extra("PARTITIONS", always, right, "spec.partitions", "partitions");
    extra("REPLICATION", wide, right, "spec.replication", "replication");
    extra("RETENTION", always, left, "spec.retention");
    extra("CLEANUP", wide, left, "spec.cleanup");
    extra("VISIBILITY", always, left, "spec.visibility", "", "protected");
    extra("PRODUCER", wide, left, "spec.producer");
    extra("TAGS", wide, left, "spec.tags");
    extra("TOPIC", wide, left, "spec.topic");
  } else if (word == "service") {
    extra("TIER", always, right, "spec.tier");
    extra("LIFECYCLE", always, left, "spec.lifecycle", "", "production");
    extra("REPOSITORY", wide, left, "spec.repository");
  } else if (word == "cluster") {
    extra("MODE", always, left, "", "mode", "observe");
    extra("ENVIRONMENT", always, left, "spec.environment");
    extra("BOOTSTRAP", always, left, "spec.bootstrap");
    extra("CLUSTER-ID", wide, left, "spec.clusterId", "clusterId");
  }
}

std::vector<Column> ObjectColumns::columns() const {
  std::vector<Column> out;
  if (many_kinds_) out.push_back({"KIND", always, left, Column::Wrap::normal});
  out.push_back({"NAME", always, left, Column::Wrap::never});
  if (on_cluster_) out.push_back({"CLUSTER", wide, left, Column::Wrap::normal});
  if (owned_) out.push_back({"TEAM", always, left, Column::Wrap::normal});
  out.push_back({"DOMAIN", wide, left, Column::Wrap::normal});
  out.push_back({"STATE", always, left, Column::Wrap::normal});
  for (auto& extra : extras_) out.push_back(extra.column);
  if (live_) out.push_back({"DRIFT", Column::Show::filled, left, Column::Wrap::normal});
  out.push_back({"CONTACT", is_team_ ? always : wide, left, Column::Wrap::normal});
  out.push_back({"CHANGED", wide, left, Column::Wrap::normal});
  if (!many_kinds_) out.push_back({"DESCRIPTION", is_team_ ? always : wide, left, Column::Wrap::first});
  return out;
}

std::vector<Cell> ObjectColumns::cells(const Terminal& terminal, const v1::Object& object) const {
  auto& status = object.status();
  std::vector<Cell> out;
  if (many_kinds_) out.emplace_back(object.kind());
  out.emplace_back(object.metadata().name());
  if (on_cluster_) out.emplace_back(object.metadata().cluster());
  if (owned_) out.emplace_back(status.owner().team());
  out.emplace_back(object.metadata().domain());
  out.push_back(state_cell(status.state()));
  for (auto& extra : extras_) {
    std::string text;
    if (!extra.wished.empty()) text = text_at(object.spec(), std::string_view(extra.wished).substr(5));
    if (text.empty() && !extra.observed.empty()) text = text_at(status.observed(), extra.observed);
    if (text.empty() && object.has_spec()) text = extra.fallback;
    out.emplace_back(text);
  }
  if (live_) out.push_back(drift_cell(status));
  out.emplace_back(status.owner().contact());
  out.emplace_back(when(terminal, status.updated_at()));
  if (!many_kinds_) out.emplace_back(text_at(object.spec(), "description"));
  return out;
}

}  // namespace eda::cli
