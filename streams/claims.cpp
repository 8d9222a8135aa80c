#include "streams/claims.h"

#include <fmt/format.h>

#include "catalog/transfers.h"

namespace eda::streams {

namespace {

constexpr Duration answered_within = std::chrono::days(7);

}  // namespace

std::vector<std::string> adoption_steps() {
  return {"approve", "adopt"};
}

Claimed claimed_of(const operations::Operation& operation) {
  Claimed claimed{
      catalog::text_in(operation.parameters, "cluster"), catalog::text_in(operation.parameters, "team"), {}, "", ""};
  if (auto* map = operation.parameters.as_map(); map && map->contains("topics")) {
    if (auto* list = map->at("topics").as_list()) {
      for (auto& topic : *list) claimed.topics.push_back(*topic.as_text());
    }
  }
  for (auto& step : operation.steps) {
    if (step.name == "approve") claimed.approved_by = catalog::text_in(step.evidence, "answeredBy");
    if (step.name == "adopt") claimed.plan_id = catalog::text_in(step.evidence, "plan");
  }
  return claimed;
}

operations::Outcome wait_for_admins(const operations::Operation& operation) {
  operations::Outcome outcome;
  outcome.how = operations::Outcome::How::wait;
  outcome.waiting_for = "admins";
  outcome.until = operation.created_at + answered_within;
  outcome.next = "an admin says yes with edactl operation resume " + operation.id;
  return outcome;
}

operations::Outcome ask_anew(const operations::Operation& operation, Instant restored_at) {
  operations::Outcome outcome;
  outcome.how = operations::Outcome::How::failed;
  outcome.trouble = fmt::format(
      "the database was found to be restored from an older copy at {}; what was under way in it does not go on by "
      "itself",
      to_rfc3339(restored_at));
  outcome.next = fmt::format(
      "an admin looks whether it still is wished: edactl operation resume {} goes on; abort gives "
      "it up",
      operation.id);
  return outcome;
}

}  // namespace eda::streams
