// What documents refer to, against what is there and what the same plan makes and deletes.

#include <fmt/format.h>

#include <set>

#include "plans/actions.h"
#include "platform/text/distance.h"

namespace eda::plans {

Result<> Engine::check_references(pg::Tx& tx, std::vector<Draft>& drafts, std::vector<Draft>& idle) {
  std::set<Ref> wanted, given, removed;
  for (auto& draft : drafts) (draft.action == Action::remove ? removed : given).insert(draft.ref);
  // What names no cluster is content with any.
  auto anywhere = [](const Ref& to) { return Ref{to.kind, "", to.name}; };
  std::set<Ref> gone = removed;
  for (auto& ref : removed) gone.insert(anywhere(ref));
  auto each = [&](Draft& draft, auto&& visit) {
    if (draft.action == Action::remove) return;
    if (!draft.ref.cluster.empty()) visit("metadata.cluster", Ref{"cluster", "", draft.ref.cluster});
    for (auto& reference : references(*draft.rules, draft.after, draft.ref.cluster)) {
      visit(reference.field, reference.to);
    }
  };
  for (auto& draft : drafts) each(draft, [&](const std::string&, const Ref& to) { wanted.insert(to); });
  // What stays as it is refers to what is there, unless this very plan deletes it.
  for (auto& draft : idle) {
    if (gone.empty()) break;
    each(draft, [&](const std::string&, const Ref& to) {
      if (gone.contains(to)) wanted.insert(to);
    });
  }
  std::set<Ref> there = given;
  for (auto& ref : store::existing(tx, std::vector<Ref>(wanted.begin(), wanted.end()))) {
    if (!removed.contains(ref)) there.insert(ref);
  }
  for (auto& ref : std::vector<Ref>(there.begin(), there.end())) there.insert(anywhere(ref));
  for (auto& draft : drafts) {
    each(draft, [&](const std::string& field, const Ref& to) {
      if (there.contains(to)) return;
      auto near = gone.contains(to) ? "it is deleted by the same plan"
                                    : text::did_you_mean(to.name, store::names(tx, to.kind, to.cluster));
      draft.violate(field, fmt::format("there is no {}", to.text()), near);
    });
  }
  if (removed.empty()) return {};
  for (auto& draft : idle) {
    each(draft, [&](const std::string& field, const Ref& to) {
      if (!gone.contains(to) || there.contains(to)) return;
      draft.violate(field, fmt::format("there is no {}", to.text()), "it is deleted by the same plan");
    });
  }
  if (auto refusal = refusal_of(idle)) return fail(*refusal);
  return {};
}

}  // namespace eda::plans
