#include "catalog/transfers.h"

#include <fmt/format.h>

namespace eda::catalog {

std::vector<std::string> transfer_steps() {
  return {"accept", "move"};
}

std::string text_in(const Value& value, const std::string& key) {
  auto* map = value.as_map();
  if (!map) return {};
  auto found = map->find(key);
  return found != map->end() && found->second.as_text() ? *found->second.as_text() : std::string();
}

Value parameters_of(const Transfer& transfer) {
  return Value::Map{{"service", transfer.service},
                    {"from", transfer.from},
                    {"to", transfer.to},
                    {"until", to_rfc3339(transfer.until)}};
}

Transfer transfer_of(const operations::Operation& operation) {
  auto& said = operation.parameters;
  Transfer transfer{text_in(said, "service"), text_in(said, "from"), text_in(said, "to"), {}, "", ""};
  transfer.until = from_rfc3339(text_in(said, "until")).value_or(operation.created_at + offer_lasts);
  for (auto& step : operation.steps) {
    if (step.name == "accept") transfer.accepted_by = text_in(step.evidence, "answeredBy");
    if (step.name == "move") transfer.plan_id = text_in(step.evidence, "plan");
  }
  return transfer;
}

operations::Outcome wait_for_receiver(const operations::Operation& operation, const Transfer& transfer) {
  operations::Outcome outcome;
  outcome.how = operations::Outcome::How::wait;
  outcome.waiting_for = fmt::format("leads of team/{}", transfer.to);
  outcome.until = transfer.until;
  outcome.next = fmt::format("a lead of team/{} says yes with edactl service accept {} (or edactl operation resume {})",
                             transfer.to, transfer.service, operation.id);
  return outcome;
}

plans::Wish handed_over(plans::Wish wish, const std::string& to, SaysTeam how) {
  for (auto& [path, field] : wish) field.manager.clear();
  auto team = wish.find("metadata.team");
  bool says = team != wish.end() && team->second.value;
  if (says || how == SaysTeam::always) wish["metadata.team"].value = Value(to);
  return wish;
}

std::vector<std::string> crossings(const Transfer& transfer, const std::vector<Edge>& reads,
                                   const std::vector<Edge>& readers) {
  std::vector<std::string> appear, vanish;
  auto tell = [&](const Edge& edge, const std::string& stays_with, const std::string& whose) {
    auto what = fmt::format("service/{} reads {}", edge.service, edge.stream.text());
    if (stays_with == transfer.from)
      appear.push_back(fmt::format("{}, {}: that crosses teams from now on", what, whose));
    if (stays_with == transfer.to) vanish.push_back(fmt::format("{}, {}: that crosses teams no longer", what, whose));
  };
  for (auto& edge : reads) tell(edge, edge.owner, fmt::format("which is team/{}'s", edge.owner));
  for (auto& edge : readers) tell(edge, edge.team, fmt::format("and is team/{}'s", edge.team));
  appear.insert(appear.end(), vanish.begin(), vanish.end());
  return appear;
}

namespace errors {

Error already_theirs(const std::string& service, const std::string& team) {
  return Error(Code::conflict, "ALREADY_THEIRS", fmt::format("service/{} is team/{}'s already", service, team),
               fmt::format("edactl describe service {}", service));
}

Error offered_already(const std::string& service, const std::string& operation) {
  return Error(Code::conflict, "OFFERED_ALREADY", fmt::format("service/{} is offered already ({})", service, operation),
               fmt::format("edactl service decline {} takes the offer back", service));
}

Error offer_out_of_range() {
  return Error(Code::invalid, "OFFER_RANGE", "an offer lasts up to 60 days, and ends in the future",
               "for example --until 14d");
}

}  // namespace errors

}  // namespace eda::catalog
