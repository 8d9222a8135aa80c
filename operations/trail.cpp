#include "operations/trail.h"

#include <fmt/format.h>

namespace eda::operations {

namespace {

events::Event event_of(const Operation& operation, std::string verb) {
  events::Event event;
  event.actor = "edad";
  event.verb = std::move(verb);
  event.object = operation.target;
  event.team = operation.team;
  event.reason = operation.reason;
  event.plan_id = operation.plan_id;
  return event;
}

Value::Map standing(const Operation& operation) {
  Value::Map map{{"operation", operation.id}, {"kind", operation.kind}};
  map.emplace("state", std::string(state_name(operation.state)));
  if (!operation.step.empty()) map.emplace("step", operation.step);
  if (!operation.waiting_for.empty()) map.emplace("waitingFor", operation.waiting_for);
  if (operation.waiting_until) map.emplace("waitingUntil", to_rfc3339(*operation.waiting_until));
  if (!operation.trouble.empty()) map.emplace("message", operation.trouble);
  return map;
}

}  // namespace

events::Event begun_event(const NewOperation& wish, const std::string& id, const std::string& request_id) {
  auto operation = begun(wish, id);
  auto event = event_of(operation, "operation.begun");
  event.actor = wish.actor;
  event.request_id = request_id;
  auto after = standing(operation);
  if (!wish.parameters.is_null()) after.emplace("parameters", wish.parameters);
  event.after = std::move(after);
  return event;
}

events::Event changed_event(const Operation& before, const Operation& after) {
  auto event = event_of(after, fmt::format("operation.{}", state_name(after.state)));
  event.before = standing(before);
  event.after = standing(after);
  return event;
}

}  // namespace eda::operations
