#pragma once
// One object's part of a plan, out of what a caller says and what is stored. Pure.

#include <optional>
#include <string>
#include <vector>

#include "plans/plan.h"

namespace eda::plans {

/// A document by a set (its manager); released fields are notes, conflicts stand in the draft.
Draft said(const KindRules& rules, const Document& document, std::optional<Object> before, const std::string& manager,
           Conflicts how);
/// A document that holds until its time is over; `terms` has no value. Refuses what has nothing live, and other fields
/// than those of the spec.
Draft said_for_a_while(const KindRules& rules, const Document& document, std::optional<Object> before,
                       const OverlayField& terms);
Draft removal(const KindRules& rules, Object before);
/// A wish as it is to be; the overlay stays.
Draft rewrite(const KindRules& rules, Object before, Wish after, std::vector<std::string> notes);
/// It goes by another name from now on, or another takes its place.
void become(Draft& draft, Becomes becomes);
/// What its set names no more: deleted, unless another set manages a field of it too; then it is only released.
Draft unnamed(const KindRules& rules, Object before, const std::string& manager);

/// The wish of an earlier generation in the place of the one that is. What cannot come back stays as it is, and is
/// noted; so is what a set will set again.
struct RolledBack {
  Wish after;
  std::vector<std::string> notes;
};
RolledBack roll_back(const KindRules& rules, const Wish& now, const Wish& then);

/// Conflicts in words: a refusal where they are only reported, notes where they are forced. `applied` tells by manager
/// where from and when its set was last applied.
void tell_conflicts(Draft& draft, const ApplySet& by, Conflicts how, const std::map<std::string, std::string>& applied);

/// "spec.partitions: 3 -> 6": what differs between two wishes.
std::vector<std::string> moved_fields(const KindRules& rules, const Wish& planned, const Wish& now);
/// The same of two fingerprints, as far as they are JSON: by their keys, maps in them by theirs.
std::vector<std::string> moved_facts(const std::string& planned, const std::string& now);
/// The first five, and how many more.
std::string told(const std::vector<std::string>& items);

}  // namespace eda::plans
