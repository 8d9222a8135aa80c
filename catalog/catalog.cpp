#include "catalog/catalog.h"

#include <fmt/format.h>

#include "platform/text/unicode.h"

namespace eda::catalog {

using plans::Action;
using plans::Field;
using plans::FieldType;
using plans::Risk;

namespace {

const Field team_fields[] = {
    {.path = "spec.description",
     .type = FieldType::text,
     .doc = "What the team is for.",
     .example = "Cart, checkout and orders."},
    {.path = "spec.contacts.email",
     .type = FieldType::text,
     .doc = "Where to write to the team.",
     .example = "checkout@shop.example"},
    {.path = "spec.contacts.chat",
     .type = FieldType::text,
     .doc = "The team's chat channel.",
     .example = "\"#checkout\""},
    {.path = "spec.contacts.oncall",
     .type = FieldType::text,
     .doc = "URL that reaches whoever is on call.",
     .example = "https://oncall.shop.example/checkout"},
    {.path = "spec.members",
     .type = FieldType::choice_map,
     .doc = "Users of the team, each with a role: a member changes what the team owns, a lead also deletes, transfers "
            "and approves.",
     .example = "{ada: lead, bob: member}",
     .choices = {"member", "lead"}},
};

Risk team_risk(const plans::FieldChange& change) {
  return change.path.starts_with("spec.members") ? Risk::high : Risk::moderate;
}

}  // namespace

const plans::KindRules& team_rules() {
  static const plans::KindRules rules{.kind = "Team",
                                      .plural = "teams",
                                      .scope = plans::Scope::global,
                                      .rank = 0,
                                      .doc = "People who own services and streams, and how to reach them.",
                                      .fields = team_fields,
                                      .name_fault = text::name_fault,
                                      .risk = team_risk};
  return rules;
}

std::string contact_of(const plans::Wish& team) {
  for (auto* word : {"oncall", "chat", "email"}) {
    if (auto value = plans::wished_text(team, fmt::format("spec.contacts.{}", word)); !value.empty()) {
      return fmt::format("{}: {}", word, value);
    }
  }
  return {};
}

std::string ask(const Owner& owner) {
  if (owner.team.empty()) return "ask an admin";
  return owner.contact.empty() ? fmt::format("ask team/{}", owner.team)
                               : fmt::format("ask team/{} ({})", owner.team, owner.contact);
}

std::string some_of(const std::vector<std::string>& some, std::int64_t total) {
  auto rest = total - static_cast<std::int64_t>(some.size());
  return fmt::format("{}{}", fmt::join(some, ", "), rest > 0 ? fmt::format(" and {} more", rest) : std::string());
}

namespace {

bool may_delete(const Standing& standing, const Owner& owner) {
  bool leads = standing.in(owner.team) == TeamRole::lead;
  return leads || (!owner.team.empty() && standing.deletes == owner.team);
}

// Members need not be sent to their own team.
Error refusal(const plans::Draft& draft, std::string_view act, const Standing& standing, const Owner& owner) {
  if (standing.in(owner.team) == TeamRole::none) return errors::not_yours(draft.ref, std::string(act), owner);
  auto error = errors::leads_only(draft.ref, std::string(act), owner.team);
  if (standing.who == Standing::Who::pipeline && draft.action == Action::remove)
    error.next = "a lead makes a token that may: edactl token create --scope delete";
  return error;
}

}  // namespace

TeamRole Standing::in(const std::string& team) const {
  auto found = roles.find(team);
  return found == roles.end() ? TeamRole::none : found->second;
}

std::optional<Error> refuse(const plans::Draft& draft, const Standing& standing, const Owner& owner,
                            const Owner& next) {
  if (standing.admin || draft.action == Action::unchanged) return std::nullopt;
  std::string act(plans::action_name(draft.action));
  if (draft.ref.kind == "team") {
    if (draft.action != Action::change) return errors::admins_only(draft.ref, act);
    if (standing.in(draft.ref.name) != TeamRole::lead) return refusal(draft, act, standing, owner);
    bool merges = draft.becomes && draft.becomes->how == plans::Becomes::How::merged;
    if (merges && standing.in(draft.becomes->name) != TeamRole::lead) {
      return errors::leads_only(draft.ref, "merge", draft.becomes->name);
    }
    return std::nullopt;
  }
  if (!draft.rules->owned || draft.action == Action::adopt) return errors::admins_only(draft.ref, act);
  if (draft.action == Action::create) {
    return standing.in(next.team) != TeamRole::none ? std::nullopt
                                                    : std::optional(errors::not_yours(draft.ref, act, next));
  }
  bool moves = owner.team != next.team;
  if (draft.action == Action::remove)
    return may_delete(standing, owner) ? std::nullopt : std::optional(refusal(draft, "delete", standing, owner));
  if (moves) {
    if (standing.in(owner.team) != TeamRole::lead) return refusal(draft, "give away", standing, owner);
    if (standing.in(next.team) != TeamRole::lead) return refusal(draft, "take over", standing, next);
    return std::nullopt;
  }
  return standing.in(owner.team) != TeamRole::none ? std::nullopt
                                                   : std::optional(errors::not_yours(draft.ref, act, owner));
}

namespace errors {

Error not_yours(const Ref& object, const std::string& act, const Owner& owner) {
  auto whose = owner.team.empty() ? "nobody's" : "team/" + owner.team + "'s";
  return Error(Code::denied, "NOT_OWNER", fmt::format("you may not {} {}: it is {}", act, object.text(), whose),
               ask(owner))
      .with("owner", owner.team)
      .with("contact", owner.contact);
}

Error leads_only(const Ref& object, const std::string& act, const std::string& team) {
  return Error(Code::denied, "LEADS_ONLY",
               fmt::format("you may not {} {}: only a lead of team/{} may", act, object.text(), team),
               fmt::format("ask a lead of your team: edactl describe team {} names them", team))
      .with("owner", team);
}

Error admins_only(const Ref& object, const std::string& act) {
  return Error(Code::denied, "ADMINS_ONLY", fmt::format("you may not {} {}: only an admin may", act, object.text()),
               "ask an admin (edactl get users shows who is one)");
}

Error set_of_others(const Owner& team) {
  return Error(Code::denied, "SET_OF_OTHERS",
               fmt::format("you may not apply a set of team/{}: you are not in it", team.team),
               fmt::format("give your own team: --team, or {}", ask(team)))
      .with("owner", team.team)
      .with("contact", team.contact);
}

Error team_owns(const std::string& team, const std::vector<std::string>& owned, std::int64_t total) {
  return Error(Code::refused, "TEAM_OWNS", fmt::format("team/{} still owns {}", team, some_of(owned, total)),
               "delete them or give them to another team first");
}

}  // namespace errors

}  // namespace eda::catalog
