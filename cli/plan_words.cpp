#include "cli/plan_words.h"

#include <fmt/format.h>

#include "platform/rpc/convert.h"
#include "platform/text/json.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace v1 = eda::plans::v1;

namespace {

std::string side(bool present, const std::string& words, const google::protobuf::Value& value) {
  if (!present) return "(default)";
  auto text = words.empty() ? text::to_json(rpc::from_proto(value)) : words;
  return text::printable(text.empty() ? "\"\"" : text);
}

}  // namespace

ActionWords words_of(v1::Action action) {
  switch (action) {
    case v1::ACTION_CREATE:
      return {'+', "create", Style::good};
    case v1::ACTION_CHANGE:
      return {'~', "change", Style::warning};
    case v1::ACTION_ADOPT:
      return {'*', "adopt", Style::good};
    case v1::ACTION_DELETE:
      return {'-', "delete", Style::bad};
    default:
      return {'=', "unchanged", Style::dim};
  }
}

std::string_view risk_word(v1::Risk risk) {
  switch (risk) {
    case v1::RISK_MODERATE:
      return "MODERATE";
    case v1::RISK_HIGH:
      return "HIGH";
    case v1::RISK_CRITICAL:
      return "CRITICAL";
    default:
      return "LOW";
  }
}

std::string from_text(const eda::common::v1::FieldChange& field) {
  return side(field.has_from(), field.from_text(), field.from());
}

std::string to_text(const eda::common::v1::FieldChange& field) {
  return side(field.has_to(), field.to_text(), field.to());
}

std::string to_text(const v1::Change& change, const eda::common::v1::FieldChange& field) {
  return change.action() == v1::ACTION_DELETE && !field.has_to() ? "gone" : to_text(field);
}

std::string plan_summary(const v1::Plan& plan) {
  std::string out;
  auto add = [&](std::uint32_t count, std::string_view what) {
    if (count > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, what);
  };
  add(plan.creates(), "to create");
  add(plan.changes(), "to change");
  add(plan.adopts(), "to adopt");
  add(plan.deletes() - std::min(plan.prunes(), plan.deletes()), "to delete");
  add(plan.prunes(), "to prune");
  add(plan.unchanged(), "unchanged");
  return out.empty() ? "nothing" : out;
}

std::string set_text(const v1::Plan& plan) {
  return plan.set_team().empty() || plan.set().empty() ? plan.set() : plan.set_team() + "/" + plan.set();
}

std::string ref_text(const eda::common::v1::Ref& ref, const std::string& cluster) {
  auto out = rpc::from_proto(ref);
  if (out.cluster == cluster) out.cluster.clear();
  return out.text();
}

}  // namespace eda::cli
