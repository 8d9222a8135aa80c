#include "cli/object_schema.h"

#include <nlohmann/json.hpp>

#include "cli/manifest_schema.h"
#include "cli/message_schema.h"
#include "cli/output_shapes.h"
#include "eda/catalog/v1/catalog.pb.h"
#include "eda/identity/v1/identity.pb.h"
#include "eda/plans/v1/plans.pb.h"

namespace eda::cli {

using Json = nlohmann::ordered_json;

namespace {

template <class Message>
Json schema_of(const char* key, Amount amount) {
  auto& type = *Message::descriptor();
  return amount == Amount::one ? message_schema(type) : list_schema(key, type);
}

}  // namespace

Json object_schema(const std::vector<const plans::KindRules*>& kinds, Amount amount) {
  using eda::catalog::v1::Object;
  auto out = schema_of<Object>("objects", amount);
  if (kinds.size() != 1) return out;
  auto& properties = out["definitions"][Object::descriptor()->full_name()]["properties"];
  properties["kind"] = Json{{"const", std::string(kinds.front()->kind)}};
  properties["spec"] = spec_schema(*kinds.front());
  return out;
}

Json user_schema(Amount amount) {
  return schema_of<eda::identity::v1::User>("users", amount);
}

Json listed_plan_schema(Amount amount) {
  return amount == Amount::one ? plan_schema() : schema_of<eda::plans::v1::Plan>("plans", amount);
}

Json domain_list_schema() {
  return schema_of<eda::catalog::v1::Domain>("domains", Amount::list);
}

}  // namespace eda::cli
