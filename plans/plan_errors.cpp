// How plans are refused, in words.

#include <fmt/format.h>

#include <algorithm>

#include "plans/plan.h"
#include "platform/core/limits.h"
#include "platform/text/unicode.h"

namespace eda::plans::errors {

Error document_invalid(std::vector<Violation> violations) {
  Error error(Code::invalid, "MANIFEST_INVALID",
              violations.size() == 1 ? "the manifest has 1 fault"
                                     : fmt::format("the manifests have {} faults", violations.size()),
              "correct what is listed; nothing was changed");
  std::stable_sort(violations.begin(), violations.end(), [](const Violation& a, const Violation& b) {
    return std::tie(a.at.file, a.at.line, a.at.column) < std::tie(b.at.file, b.at.line, b.at.column);
  });
  error.violations = std::move(violations);
  return error;
}

Error unknown_object(const Ref& ref, const std::string& hint) {
  return Error(Code::not_found, "OBJECT_UNKNOWN", fmt::format("there is no {}", ref.text()), hint);
}

Error plan_unknown(const std::string& id) {
  return Error(Code::not_found, "PLAN_UNKNOWN", fmt::format("there is no plan \"{}\"", id),
               "plans are forgotten a day after they ended; plan again");
}

Error plan_stale(const std::string& what_moved) {
  return Error(Code::stale, "PLAN_STALE", fmt::format("the plan is stale: {}", what_moved),
               "nothing was changed; plan again and look at the difference");
}

Error rules_moved() {
  return plan_stale("edad's rules have changed since");
}

Error plan_expired() {
  return Error(Code::stale, "PLAN_EXPIRED", "the plan has expired", "nothing was changed; plan again");
}

Error plan_ended(const std::string& state) {
  return Error(Code::stale, "PLAN_ENDED", fmt::format("the plan is {}; a plan is applied once", state), "plan again");
}

Error confirm_missing(const std::vector<std::string>& names) {
  return Error(Code::invalid, "CONFIRM_MISSING",
               fmt::format("{} has to be confirmed by name: {}", names.size() == 1 ? "this" : "each of these",
                           fmt::join(names, ", ")),
               "type the name when asked, or give --confirm NAME for each");
}

Error protected_from_deletion(const Ref& ref) {
  return Error(Code::refused, "DELETION_PROTECTED", fmt::format("{} is protected from deletion", ref.text()),
               "set metadata.deletionProtection: false in an apply of its own, then delete");
}

Error being_deleted(const Ref& ref) {
  return Error(Code::conflict, "BEING_DELETED", fmt::format("{} is being deleted", ref.text()),
               "wait until it is gone, then create it anew");
}

Error fields_managed(const Ref& ref, const std::string& by, const std::vector<Managed>& fields) {
  std::string told;
  for (auto& field : fields) {
    if (&field != &fields.front()) told += "; ";
    told += fmt::format("{} by the set \"{}\"{}", field.path, field.manager,
                        field.applied.empty() ? std::string() : fmt::format(", applied {}", field.applied));
  }
  auto what = fields.size() == 1 ? std::string("a field") : fmt::format("{} fields", fields.size());
  Error error(Code::conflict, "FIELD_MANAGED",
              fmt::format("{}: {} wants {} otherwise than who manages it: {}", ref.text(), by, what, told),
              "change it where it is managed, or take it over with --force-conflicts");
  error.facts.emplace("manager", fields.front().manager);
  return error;
}

Error prune_needs_set(const std::string& what_lacks) {
  return Error(
      Code::invalid, "PRUNE_NEEDS_SET", fmt::format("pruning needs {}", what_lacks),
      "only what a set named before and names no more is pruned: give its manifests, --set NAME and, where you "
      "are not in exactly one team, --team NAME");
}

Error until_out_of_range() {
  return Error(Code::invalid, "UNTIL_RANGE", "a change for a while ends in the future, and within 30 days",
               "give a shorter time, or change it for good");
}

Error nothing_lives(const Ref& ref) {
  return Error(Code::invalid, "UNTIL_KIND",
               fmt::format("{} has nothing outside edad that could be changed for a while", ref.text()),
               "change it for good");
}

Error plan_not_applied(const std::string& id, const std::string& state) {
  return Error(Code::conflict, "PLAN_NOT_APPLIED", fmt::format("the plan {} is {}", id, state),
               "only an applied plan goes on; apply it, or plan again");
}

Error generation_unknown(const Ref& ref, std::int64_t generation, std::int64_t newest) {
  return Error(Code::not_found, "GENERATION_UNKNOWN",
               fmt::format("{} has no generation {}; the newest is {}", ref.text(), generation, newest),
               fmt::format("edactl history {} {}", ref.kind, ref.name));
}

Error cluster_needed(const std::vector<std::string>& known) {
  if (known.empty()) {
    return Error(Code::invalid, "CLUSTER_UNKNOWN", "no cluster is registered yet",
                 "an admin registers one: edactl apply -f a Cluster manifest");
  }
  return Error(Code::invalid, "CLUSTER_NEEDED", fmt::format("which cluster? there are {}", fmt::join(known, ", ")),
               "give --cluster NAME, or metadata.cluster in the manifest");
}

Error too_many_documents(std::size_t count) {
  return Error(Code::invalid, "TOO_MANY_DOCUMENTS",
               fmt::format("{} documents; {} are allowed in one call", count, limits::manifest_documents),
               "split them into several applies");
}

Error stage_unknown(const std::string& id) {
  return Error(Code::not_found, "STAGE_UNKNOWN", fmt::format("there is no stage \"{}\"", id), "stage anew");
}

Error stage_too_large(int documents) {
  return Error(Code::invalid, "STAGE_TOO_LARGE",
               fmt::format("{} documents; {} are allowed in one Stage call", documents, limits::staged_documents),
               "send them in several calls");
}

Error too_long(const std::string& what) {
  return Error(Code::invalid, "TEXT_TOO_LONG", fmt::format("the {} is longer than {} bytes", what, limits::text_bytes),
               "shorten it");
}

Error set_name(const std::string& name, const std::string& fault) {
  return Error(Code::invalid, "SET_NAME", fmt::format("\"{}\" is no name of a set: {}", text::printable(name), fault),
               "give another: --set NAME");
}

}  // namespace eda::plans::errors
