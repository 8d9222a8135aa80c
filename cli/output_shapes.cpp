#include "cli/output_shapes.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/message_schema.h"
#include "eda/catalog/v1/catalog.pb.h"
#include "eda/clusters/v1/clusters.pb.h"
#include "eda/events/v1/events.pb.h"
#include "eda/identity/v1/identity.pb.h"
#include "eda/operations/v1/operations.pb.h"
#include "eda/plans/v1/plans.pb.h"
#include "eda/streams/v1/streams.pb.h"
#include "eda/topology/v1/topology.pb.h"

namespace eda::cli {

using Json = nlohmann::ordered_json;

namespace {

template <class Message>
Json one() {
  return message_schema(*Message::descriptor());
}

// The list's key in JSON is that of the command's Listing.
template <class Message>
Json many(const char* key) {
  return list_schema(key, *Message::descriptor());
}

// A list of edactl's own: texts under these names, left out where empty.
Json texts(const char* key, std::initializer_list<const char*> names) {
  Json item{{"type", "object"}, {"properties", Json::object()}};
  for (const auto* name : names) item["properties"][name] = Json{{"type", "string"}};
  return list_schema(key, item);
}

struct Row {
  std::string_view command;
  OutputShape shape;
};

constexpr auto list = OutputShape::Of::list;
constexpr auto message = OutputShape::Of::message;

using namespace eda;

const std::array rows{
    Row{"get", {list, nullptr}},
    Row{"describe", {message, nullptr}},
    Row{"explain", {list, nullptr}},  // of manifests, not of the list
    Row{"plan", {message, plan_schema}},
    Row{"search", {list, [] { return many<catalog::v1::SearchHit>("hits"); }}},
    Row{"topology upstream", {list, [] { return many<topology::v1::Neighbour>("neighbours"); }}},
    Row{"topology downstream", {list, [] { return many<topology::v1::Neighbour>("neighbours"); }}},
    Row{"topology cycles", {list, [] { return many<topology::v1::Cycle>("cycles"); }}},
    Row{"topology orphans", {list, [] { return many<topology::v1::Orphan>("orphans"); }}},
    Row{"history", {list, [] { return many<plans::v1::Revision>("revisions"); }}},
    Row{"api-resources",
        {list,
         [] {
           return texts("kinds", {"name", "kind", "scope", "owned", "doc"});
         }}},
    Row{"config get-contexts",
        {list,
         [] {
           return texts("contexts", {"name", "server", "cluster", "team", "protected", "current"});
         }}},
    Row{"config view",
        {list,
         [] {
           return texts("settings", {"name", "value", "origin", "taken"});
         }}},
    Row{"doctor",
        {list,
         [] {
           return texts("checks", {"name", "state", "found", "next"});
         }}},
    Row{"version",
        {message,
         [] {
           return Json{{"type", "object"}, {"properties", {{"edactl", {{"type", "string"}}}}}};
         }}},
    Row{"whoami", {message, one<identity::v1::WhoAmIResponse>}},
    Row{"token list", {list, [] { return many<identity::v1::Token>("tokens"); }}},
    Row{"token create", {message, one<identity::v1::CreateTokenResponse>}},
    Row{"token revoke", {message, one<identity::v1::Token>}},
    Row{"audit", {list, [] { return many<events::v1::Event>("events"); }}},
    Row{"audit verify", {message, one<events::v1::VerifyTrailResponse>}},
    Row{"operation list", {list, [] { return many<operations::v1::Operation>("operations"); }}},
    Row{"operation show", {message, one<operations::v1::Operation>}},
    Row{"operation resume", {message, one<operations::v1::Operation>}},
    Row{"operation abort", {message, one<operations::v1::Operation>}},
    Row{"stream drift", {list, [] { return many<streams::v1::Drift>("drift"); }}},
    Row{"cluster health", {message, one<clusters::v1::GetHealthResponse>}},
};

}  // namespace

std::optional<OutputShape> output_shape(std::string_view command) {
  auto found = std::find_if(rows.begin(), rows.end(), [&](auto& row) { return row.command == command; });
  return found == rows.end() ? std::nullopt : std::optional(found->shape);
}

Json plan_schema() {
  auto plan = one<plans::v1::Plan>(), changes = many<plans::v1::Change>("changes");
  Json text{{"type", "string"}};
  Json out{{"$schema", changes["$schema"]}, {"type", "object"}};
  out["properties"] = Json{{"apiVersion", {{"const", "eda/plan/v1"}}}, {"server", text}};
  out["properties"]["plan"] = Json{{"allOf", plan["allOf"]}};
  out["properties"]["changes"] = changes["properties"]["changes"];
  out["definitions"] = plan["definitions"];
  out["definitions"].update(changes["definitions"]);
  return out;
}

}  // namespace eda::cli
