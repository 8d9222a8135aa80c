#include "catalog/renames.h"

#include <fmt/format.h>

namespace eda::catalog {

namespace {

constexpr std::size_t most_edges = 50;

std::string reserved_note(const std::string& from, const std::string& to) {
  return fmt::format("the name {} stays reserved and answers with team/{}; manifests that still say it go on working",
                     from, to);
}

}  // namespace

std::string sets_of(const std::string& team) {
  return team + "/";
}

plans::Wish with_sets_renamed(plans::Wish wish, const std::string& from, const std::string& to) {
  auto prefix = sets_of(from);
  for (auto& [path, field] : wish) {
    if (field.manager.starts_with(prefix)) field.manager = sets_of(to) + field.manager.substr(prefix.size());
  }
  return wish;
}

Joined join_members(plans::Wish into, const plans::Wish& from) {
  Joined joined{std::move(into), {}};
  auto there = plans::wished_map(joined.after, "spec.members");
  for (auto& [user, role] : plans::wished_map(from, "spec.members")) {
    if (there.contains(user)) continue;
    joined.after[plans::keyed_path("spec.members", user)].value = role;
    joined.came.push_back(fmt::format("{} ({})", user, role.as_text() ? *role.as_text() : ""));
  }
  return joined;
}

std::vector<std::string> rename_notes(const Belongings& has, const std::string& from, const std::string& to) {
  std::vector<std::string> notes;
  if (has.owned_total > 0) notes.push_back(fmt::format("keeps {}", some_of(has.owned, has.owned_total)));
  if (has.saying > 0) {
    notes.push_back(fmt::format("{} {} the team by name or by its sets, and will say {}", has.saying,
                                has.saying == 1 ? "object says" : "objects say", to));
  }
  for (auto& set : has.sets) {
    notes.push_back(
        fmt::format("the set \"{}\" is \"{}{}\" from now on", set, sets_of(to), set.substr(sets_of(from).size())));
  }
  if (has.ci_tokens > 0) notes.push_back(fmt::format("its tokens for pipelines stay valid, as ci/{}/…", to));
  notes.push_back(reserved_note(from, to));
  return notes;
}

std::vector<std::string> merge_notes(const Belongings& has, const Joined& joined, const std::vector<Edge>& edges,
                                     const std::string& from, const std::string& into) {
  std::vector<std::string> notes;
  if (has.owned_total > 0) {
    notes.push_back(fmt::format("team/{} gets {}", into, some_of(has.owned, has.owned_total)));
  }
  if (!joined.came.empty()) {
    notes.push_back(fmt::format("its members come along: {}", fmt::join(joined.came, ", ")));
  }
  auto told = crossings(Transfer{"", from, into, {}, "", ""}, edges, {});
  auto total = told.size();
  told.resize(std::min(total, most_edges));
  notes.insert(notes.end(), told.begin(), told.end());
  if (total > most_edges) notes.push_back(fmt::format("and {} more edges cross no longer", total - most_edges));
  for (auto& set : has.sets) {
    notes.push_back(fmt::format("the set \"{}\" lets go of what it manages: team/{} applies it next", set, into));
  }
  if (has.ci_tokens > 0) {
    notes.push_back(
        fmt::format("{} of its pipelines' tokens end: edactl token create --subject ci/{}/NAME makes new ones",
                    has.ci_tokens, into));
  }
  notes.push_back(reserved_note(from, into));
  return notes;
}

namespace errors {

Error team_name_invalid(const std::string& name, const std::string& fault) {
  return Error(Code::invalid, "TEAM_NAME_INVALID", fmt::format("\"{}\" is no name for a team: {}", name, fault),
               "letters, digits, . _ and -, at most 100");
}

Error team_name_taken(const std::string& name) {
  return Error(Code::conflict, "TEAM_NAME_TAKEN", fmt::format("there is a team/{} already", name),
               "take another name; to join the two: edactl team merge OLD --into " + name);
}

Error team_name_reserved(const std::string& name, const std::string& now) {
  return Error(Code::conflict, "TEAM_NAME_RESERVED",
               fmt::format("team/{} is called team/{} now, and its old name stays reserved", name, now),
               fmt::format("write {}, or take another name", now))
      .with("team", now);
}

Error merges_into_itself(const std::string& team) {
  return Error(Code::invalid, "MERGES_INTO_ITSELF", fmt::format("team/{} cannot be merged into itself", team),
               "name the team that stays: --into TEAM");
}

Error team_is_busy(const std::string& team, const std::vector<std::string>& operations) {
  return Error(Code::conflict, "TEAM_IS_BUSY",
               fmt::format("operations of team/{} are not finished: {}", team, fmt::join(operations, ", ")),
               "finish them, or take them back: edactl operation abort ID");
}

}  // namespace errors

}  // namespace eda::catalog
